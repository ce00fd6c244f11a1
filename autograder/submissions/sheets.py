"""A table that a person or a platform saved as text: its encoding, its separator, its rows with their lines."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.errors import CourseError


def read_rows(path: Path, limit: int, what: str) -> list[tuple[int, list[str]]]:
    """Every row that is not blank, with the line on which it starts.

    UTF-8 or UTF-16 with its mark, else Windows-1252; commas, semicolons or tabs. `what` the file is, and how many bytes
    that may have, are for the message. CourseError: unreadable, too long, or not CSV.
    """
    text = _text(path, limit, what)
    first = text.partition("\n")[0]
    skipped = 0
    if told := re.fullmatch(r'"?sep=(.)"?\r?', first, re.IGNORECASE):
        delimiter, skipped = told[1], 1
        text = text.partition("\n")[2]
    else:
        delimiter = max(",;\t", key=first.count) if any(mark in first for mark in ",;\t") else ","
    return [(line + skipped, row) for line, row in _read(path, text, delimiter)]


def _read(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield start, row
            start = reader.line_num + 1
    except csv.Error as problem:
        raise CourseError(f"{path}:{reader.line_num}: not CSV: {problem}") from None


def _text(path: Path, limit: int, what: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as problem:
        raise CourseError(f"{path}: cannot be read: {problem.strerror}") from None
    if len(data) > limit:
        raise CourseError(f"{path}: more than {limit:,} bytes, too long for a {what}")
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CourseError(f"{path}: not a text. Save the table as CSV in UTF-8.")
    marked = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    for encoding in (marked, "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as problem:
            at = problem.start
    raise CourseError(f"{path}: neither UTF-8 nor Windows-1252 at byte {at}. Save it as CSV in UTF-8.")
