"""grades.csv: one row a student and exercise; and the one way in which every CSV is written.

Columns `student,exercise,outcome,points,max_points,pending,diagnosis`, RFC 4180 (commas, CRLF, quotes where needed),
UTF-8 with its mark. `points` are by checks, and empty where the outcome is `error`. Text that a spreadsheet would take
for a formula has an apostrophe before it, also where one that reads semicolons or tabs would start a cell.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from autograder.errors import CourseError
from autograder.files import remove_file, write_file
from autograder.reports.text import number, one_line
from autograder.results import ExerciseResult, Outcome, Report

# Where a cell may start: with commas, semicolons or tabs between cells, a quoted line break counting as one that ends
# the row. Then what spreadsheets read as the start of a formula; the wide forms in East Asian locales.
_START = r"(?:^|[;\t\r\n])[\s\"']*"
_FORMULA = r"(?=[=+\-@＝＋－＠])"
_LIVE = re.compile(_START + _FORMULA)
_DEFUSED = re.compile(f"({_START})'{_FORMULA}")


@dataclass(frozen=True)
class Row:
    """One line of grades.csv, the exercise by its slug. `points` is None where the outcome is `error`."""

    student: str
    exercise: str
    outcome: Outcome
    points: float | None
    max_points: float
    pending: float
    diagnosis: str


def rows(report: Report) -> list[Row]:
    """A report's rows, in its order."""
    return [_row(report.student, result) for result in report.exercises]


def _row(student: str, result: ExerciseResult) -> Row:
    diagnosis = "; ".join(diagnosis.misconception for diagnosis in result.diagnoses) or result.message
    earned = None if result.outcome is Outcome.ERROR else result.points
    return Row(
        one_line(student),
        re.sub(r"^\d\d_", "", one_line(result.exercise)),
        result.outcome,
        earned,
        result.max_points,
        result.pending,
        one_line(diagnosis),
    )


def write_grades(path: Path, grades: Iterable[Row]) -> None:
    """Write grades.csv. CourseError: the folder cannot be written."""
    write_file(path, csv_text([field.name for field in fields(Row)], map(astuple, grades)))


def read_grades(path: Path) -> list[Row]:
    """The rows that `write_grades` wrote, apostrophes off. CourseError: unreadable or not such a file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        return [_parsed(line) for line in lines]
    except OSError as problem:
        raise CourseError(f"{path}: cannot be read: {problem.strerror}. Give a folder that was graded.") from None
    except (KeyError, TypeError, AttributeError, ValueError, csv.Error) as problem:
        raise CourseError(f"{path}: not a grades.csv of this grader: {problem}. Grade again.") from None


def csv_text(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Rows as every CSV of ours is written, with the mark by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(map(cell_text, row) for row in rows)
    return text.getvalue()


def cell_text(value: object) -> str:
    """A value as a cell: numbers plain, None empty, formulas defused by an apostrophe."""
    if isinstance(value, float | int):
        return number(value)
    return "" if value is None else _LIVE.sub(r"\g<0>'", str(value))


def plain_text(cell: str) -> str:
    """The inverse of `cell_text`, for texts."""
    return _DEFUSED.sub(r"\1", cell)


def _parsed(line: dict[str, str]) -> Row:
    return Row(
        plain_text(line["student"]),
        plain_text(line["exercise"]),
        Outcome(line["outcome"]),
        float(line["points"]) if line["points"] else None,
        float(line["max_points"]),
        float(line["pending"]),
        plain_text(line["diagnosis"]),
    )


def write_flags(path: Path, reports: Iterable[Report]) -> int:
    """flags.csv, for the instructor: `student,exercise,what`, a row for all that looks like more than a mistake.

    Written only when there is a row. Returns how many. CourseError: the folder cannot be written.
    """
    rows = [(r.student, e.exercise, flag) for r in reports for e in r.exercises for flag in e.flags]
    if rows:
        write_file(path, csv_text(("student", "exercise", "what"), (map(one_line, row) for row in rows)))
    else:
        remove_file(path)
    return len(rows)
