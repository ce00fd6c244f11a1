"""Students' names, which are untrusted, and the folder that stands for one."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

from autograder.errors import SubmissionError

NAME_BYTES = 100
#: The room of the students' folders: beside it lies what is the class's, and no student's name leads there.
STUDENTS = "students"

# Without width, but part of Persian and Indic names.
_JOINERS = dict.fromkeys((0x200C, 0x200D))

# Windows' names of devices, with any ending; there, too, a superscript is a digit.
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|conin\$|conout\$) *(\..*)?", re.IGNORECASE)


def student_folder(out: Path, student: str) -> Path:
    """Where one student's files lie in a graded folder. SubmissionError: no name."""
    return out / STUDENTS / safe_name(student)


def safe_name(student: str) -> str:
    """The name of the folder for this student's results: the student's own name wherever it can be.

    Separators, control and bidirectional characters, what Windows forbids or reserves, leading dots and more
    than 100 bytes are replaced, and a digest of the whole name is appended, so that names stay apart. Whether
    two may meet after all, where upper and lower case are one, tells `student_key`. SubmissionError: empty.
    """
    name = _tidy(student)
    if not name:
        raise SubmissionError("a student without a name. Name the folder, the zip or the roster's row.")
    kept = "".join("_" if c in '<>:"/\\|?*' or not _prints(c) else c for c in name)
    kept = re.sub(r"^\.+|\.+$", "_", kept)
    if kept == name and len(name.encode()) <= NAME_BYTES and not _RESERVED.fullmatch(name):
        return name
    kept = kept.encode()[: NAME_BYTES - 12].decode(errors="ignore").rstrip()
    digest = hashlib.sha256(name.casefold().encode(errors="surrogatepass")).hexdigest()[:10]
    return f"{kept}-{digest}" if not _RESERVED.fullmatch(kept) else f"_{kept}-{digest}"


def student_key(student: str) -> str:
    """Equal for names that would share a folder: case, composition and invisible joiners do not count."""
    visible = _tidy(student.translate(_JOINERS)) or student
    return unicodedata.normalize("NFC", safe_name(visible).casefold())


def shown_name(raw: str) -> str:
    """A folder's or zip's name as the student's: printable, or replaced as `safe_name` does."""
    name = _tidy(raw)
    return name if name and all(map(_prints, name)) else safe_name(name or "_")


def is_writable(name: str) -> bool:
    """Whether a name can be shown and told apart as it is: it prints, and its spaces are single and within it."""
    return name == " ".join(name.split()) and all(map(_prints, name))


def _tidy(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _prints(character: str) -> bool:
    return character.isprintable() or ord(character) in _JOINERS
