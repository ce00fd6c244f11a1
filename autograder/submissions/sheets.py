"""A table that a person or a platform saved as text: its encoding, its separator, its rows with their lines.

UTF-8 or UTF-16 with its mark, else Windows-1252; commas, semicolons or tabs, or what a first line `sep=` says.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError

_BREAK = re.compile(r"\r\n|\r|\n")
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True)
class Sheet:
    """A table as it was saved: `text` between what stands before it (a mark, a line `sep=`) and its end."""

    path: Path
    text: str
    encoding: str
    mark: bytes
    head: str
    separator: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row that is not blank, with the line on which it starts. CourseError: not CSV."""
        skipped = self.head.count("\n")
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator, strict=True)
        start = 1
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield start + skipped, row
                start = reader.line_num + 1
        except csv.Error as problem:
            raise CourseError(f"{self.path}:{reader.line_num + skipped}: not CSV: {problem}") from None

    def filled(self, cells: Mapping[tuple[int, int], str]) -> bytes:
        """The file with these cells, by line and column, in place of its own; all else as it is, byte by byte.

        The table must be one that `rows` can read, and a new cell must need no quotes.
        """
        parts, done = [], 0
        wanted: dict[int, dict[int, str]] = {}
        for (line, column), value in cells.items():
            wanted.setdefault(line, {})[column] = value
        for line, spans in self._spans():
            for column, value in sorted(wanted.get(line, {}).items()):
                start, end = spans[column] if column < len(spans) else (spans[-1][1], spans[-1][1])
                quote = '"' if self.text[start:end].startswith('"') else ""
                missing = self.separator * max(0, column + 1 - len(spans))
                parts += [self.text[done:start], missing, quote, value, quote]
                done = end
        return self.mark + "".join([self.head, *parts, self.text[done:]]).encode(self.encoding)

    def _spans(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Each row's line and where its cells start and end in the text."""
        cell = re.compile(rf'"(?:[^"]|"")*"|[^{re.escape(self.separator)}\r\n]*')
        at, line = 0, 1 + self.head.count("\n")
        while at < len(self.text):
            spans, start = [], line
            while True:
                match = cell.match(self.text, at)
                assert match is not None, "it may be empty"
                spans.append(match.span())
                line += len(_BREAK.findall(match[0]))
                at = match.end() + 1
                if self.text[match.end() : at] != self.separator:
                    break
            yield start, spans
            ended = _BREAK.match(self.text, at - 1)
            at, line = (ended.end() if ended else at), line + 1


def read_sheet(path: Path, limit: int, what: str) -> Sheet:
    """`what` the file is, and how many bytes that may have, are for the message. CourseError: unreadable, too long."""
    text, encoding, mark = _decoded(path, limit, what)
    head = re.match(r'"?sep=(.)"?\r?(?:\n|\Z)', text, re.IGNORECASE)
    text = text[head.end() :] if head else text
    first = text.partition("\n")[0]
    likely = max(",;\t", key=first.count) if any(mark in first for mark in ",;\t") else ","
    return Sheet(path, text, encoding, mark, head[0] if head else "", head[1] if head else likely)


def read_rows(path: Path, limit: int, what: str) -> list[tuple[int, list[str]]]:
    """The rows of `read_sheet`. CourseError: unreadable, too long, or not CSV."""
    return list(read_sheet(path, limit, what).rows())


def _decoded(path: Path, limit: int, what: str) -> tuple[str, str, bytes]:
    """A file's text, its encoding, and the mark before it."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as problem:
        raise CourseError(f"{path}: cannot be read: {problem.strerror}") from None
    if len(data) > limit:
        raise CourseError(f"{path}: more than {limit:,} bytes, too long for a {what}")
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    if b"\0" in data and not _MARKS.get(mark, "").startswith("utf-16"):
        raise CourseError(f"{path}: not a text. Save the table as CSV in UTF-8.")
    for before, encoding in ((mark, _MARKS.get(mark, "utf-8")), (b"", "cp1252")):
        try:
            return data[len(before) :].decode(encoding), encoding, before
        except UnicodeDecodeError as problem:
            at = problem.start
    raise CourseError(f"{path}: neither UTF-8 nor Windows-1252 at byte {at}. Save it as CSV in UTF-8.")
