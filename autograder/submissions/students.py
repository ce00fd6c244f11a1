"""Students' names, which are untrusted: the folder that stands for one, and the roster of a class."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError, SubmissionError

NAME_BYTES = 100
ROSTER_BYTES = 4 << 20
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


# --- the roster -------------------------------------------------------------------------------------------


def read_roster(path: Path) -> tuple[str, ...]:
    """The students of a class, in the file's order: a CSV in UTF-8 (a BOM is welcome).

    With a header that names a column `student`, that column; without, the first column of every row, the
    first row included. Commas, or semicolons or tabs where the first line has no comma. Blank lines do not
    count. CourseError: unreadable, not CSV, a row without a student, a student twice (naming both lines),
    nobody at all.
    """
    rows = roster_rows(path)
    header = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    column = header.index("student") if "student" in header else 0
    lines: dict[str, int] = {}
    students: list[str] = []
    for line, row in rows[1:] if "student" in header else rows:
        if column >= len(row) or not row[column].strip():
            raise CourseError(f"{path}:{line}: no student in this row. Write the name, or take the row out.")
        student = shown_name(row[column])
        first = lines.setdefault(student_key(student), line)
        if first != line:
            raise CourseError(f"{path}:{line}: {student} is already in line {first}. Keep one of the two.")
        students.append(student)
    if not students:
        raise CourseError(f"{path}: no students: expected a CSV with a column `student`")
    return tuple(students)


def roster_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Every row that is not blank, with its line. CourseError: unreadable, or not CSV in UTF-8."""
    return list(_roster_rows(path, _roster_text(path)))


def _roster_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(ROSTER_BYTES + 1)
        if len(data) > ROSTER_BYTES:
            raise CourseError(f"{path}: more than {ROSTER_BYTES:,} bytes, too long for a roster")
        return data.decode("utf-8-sig")
    except OSError as problem:
        raise CourseError(f"{path}: cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise CourseError(f"{path}: not UTF-8 at byte {problem.start}. Save it as CSV in UTF-8.") from None


def _roster_rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as problem:
        raise CourseError(f"{path}:{reader.line_num}: not CSV: {problem}") from None
