"""The name of a file in a zip, from the bytes that the zip lists.

A name is, in this order:

1. UTF-8 where its line says so (bit 11 of the flags);
2. the name in Info-ZIP's field of a Unicode path (0x7075), where that was made for these very bytes: its CRC fits;
3. UTF-8 all the same where the bytes are that: macOS writes it without a word;
4. else of a page of DOS or Windows: the first of cp437, cp1252 and cp850 in which the name makes sense, which is that
   beyond ASCII it has Latin letters only (and dashes and quotes), no capital behind a small letter (`JosÚ`) and no ß
   but behind a vowel (`Hernßndez`); cp437 where it makes sense in none. That is a guess, and a few names are spelt
   otherwise in two pages: `Juárez` of cp1252 is read as `Jußrez`.

Each name is decided alone, so that whoever reads a zip's whole directory and whoever reads a part of it agree.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN ")


#: Bit 11 of a line's flags: the name is in UTF-8.
UTF_8 = 0x800
PAGES = ("cp437", "cp1252", "cp850")
_ASCII = {chr(i) for i in range(128)}
_LATIN = {letter for page in PAGES for letter in bytes(range(128, 256)).decode(page, "ignore") if _is_latin(letter)}
_SENSE = _ASCII | _LATIN | {*"–—‘’“”…"}  # cp1252 has those marks, and programs for writing put them
_SMALL = "".join(letter for letter in _ASCII | _LATIN if letter.islower())
_CAPITAL = "".join(letter for letter in _LATIN if letter.isupper())
_VOWEL = "".join(letter for letter in _ASCII | _LATIN if unicodedata.normalize("NFD", letter)[0] in "AEIOUYaeiouy")
_NONSENSE = re.compile(f"[{_SMALL}][{_CAPITAL}]|(?<![{_VOWEL}])ß")
_UNICODE_PATH = 0x7075
#: So many extra fields of a line are looked through; honest tools write a handful.
_FIELDS = 32


def zip_name(raw: bytes, flags: int, extra: bytes) -> str:
    """A line's name, with `/` where Windows tools wrote a backslash. Raises nothing; it may lead anywhere."""
    if flags & UTF_8:
        name = raw.decode("utf-8", "replace")
    else:
        name = raw.decode("ascii") if raw.isascii() and not extra else _unmarked(raw, extra)
    return name.replace("\\", "/")


def _unmarked(raw: bytes, extra: bytes) -> str:
    for told in (_unicode_path(raw, extra), raw):
        try:
            if told:
                return told.decode("utf-8")
        except UnicodeDecodeError:
            continue
    return next((name for page in PAGES if (name := _makes_sense(raw, page))), raw.decode(PAGES[0]))


def _unicode_path(raw: bytes, extra: bytes) -> bytes:
    """What the field of a Unicode path says; empty where there is none, or one that was made for another name."""
    at = 0
    for _ in range(_FIELDS):
        if len(extra) < at + 4:
            break
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) == size > 5:
            version, crc = struct.unpack_from("<BL", field)
            return field[5:] if (version, crc) == (1, zlib.crc32(raw)) else b""
        at += 4 + size
    return b""


def _makes_sense(raw: bytes, page: str) -> str:
    """The name as this page has it, where it can be one; else empty."""
    name = raw.decode(page, "replace")
    return name if {*name} <= _SENSE and not _NONSENSE.search(name) else ""
