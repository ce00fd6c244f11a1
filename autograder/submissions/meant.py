"""What a file that was handed in is meant as, by its name and its first bytes.

Learning platforms, browsers and file managers rename what they carry: `line-fit (1).py`, `doe_line_fit.py.txt`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection

#: Other names than a module's that a release or nbgrader puts beside it.
_RELEASED = re.compile(
    r"(test_\w+|picture|start)\.py|(readme|hints)\.md|course\.yml|(constraints|requirements)\.txt|.*\.whl|"
    r"timestamp\.txt|submission_secret\.txt",
    re.IGNORECASE,
)
_SYSTEMS = re.compile(r"thumbs\.db|desktop\.ini|.*\.pyc|\..*", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|rar|7z|tar|tgz|tbz2?|txz|gz|bz2|xz|zst)\Z", re.IGNORECASE)
_TAR = re.compile(r"\.(tar|tar\.(gz|bz2|xz)|tgz|tbz2?|txz)\Z", re.IGNORECASE)
_PYTHON = re.compile(r"\.pyw?(?=\.|\Z)", re.IGNORECASE)
#: What a name may end in, once or more.
_ENDING = re.compile(r"\.[a-z0-9]{1,5}\Z", re.IGNORECASE)
#: So much of a name is looked at: on a disk no name is longer, in a zip one may be.
_NAME = 255
#: Words beside an exercise's name that say that it is something else than the answer.
_SOMETHING_ELSE = frozenset("test tests old backup bak orig original stub template hidden wrong broken".split())


def is_systems_own(name: str) -> bool:
    """Whether a system or Python keeps a file of this name, and nobody wrote it."""
    return _SYSTEMS.fullmatch(name) is not None


def is_released(name: str) -> bool:
    """Whether a file of this name comes with the assignment, or from a system, and nobody wrote it."""
    return _RELEASED.fullmatch(name) is not None or is_systems_own(name)


def is_archive(name: str) -> bool:
    return _ARCHIVE.search(name) is not None


def is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def is_tar(name: str) -> bool:
    return _TAR.search(name) is not None


def is_python(name: str) -> bool:
    """Whether a name ends in .py or .pyw, with another ending behind it or not."""
    return _PYTHON.search(name) is not None


def exercise_of(name: str, slugs: Collection[str]) -> str | None:
    """The one exercise whose name a file's name holds, whole: case, separators and what stands around do not count.

    None where there is none, or more than one. Of two where one holds the other's name it is the longer.
    """
    words = _words(_without_endings(name))
    if _SOMETHING_ELSE & {*words}:
        return None
    held = [slug for slug in slugs if _holds(words, slug.split("_")) or "".join(words) == slug.replace("_", "")]
    longest = [slug for slug in held if not any(slug != other and slug in other for other in held)]
    return longest[0] if len(longest) == 1 else None


def resembles(name: str, slugs: Collection[str]) -> list[str]:
    """The exercises whose name a file's name holds somehow, the more telling first."""
    words = _words(_without_endings(name))
    held = (slug for slug in slugs if slug in "_".join(words) or slug.replace("_", "") in "".join(words))
    return sorted(held, key=len, reverse=True)


def not_python(content: bytes) -> str:
    """What a module really is, where its first bytes say that it is something else than a text in Python."""
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"PK\x03\x04"):
        return "a zip or an office document"
    if head.startswith(b"%PDF"):
        return "a PDF"
    if head[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if head.startswith(b"{\\rtf"):
        return "a text with formatting (RTF)"
    return "a notebook" if head.startswith(b"{") and _is_notebook(content) else ""


def _is_notebook(content: bytes) -> bool:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "cells" in data and "nbformat" in data


def _without_endings(name: str) -> str:
    name = name[:_NAME]  # one ending after the other is taken off
    while (ending := _ENDING.search(name)) and ending.start():
        name = name[: ending.start()]
    return name


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", name).casefold().replace("%20", " ")
    return [word for word in re.split(r"[\W_]+", plain) if word]


def _holds(words: list[str], part: list[str]) -> bool:
    return any(words[i : i + len(part)] == part for i in range(len(words) - len(part) + 1))
