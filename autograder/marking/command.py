"""`autograder marks`: a sheet of marks into the journal of a graded folder, all of it or nothing."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.batch.batch import recorded
from autograder.batch.ledger import NAME, ClassRecord, Ledger
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.invoked import command
from autograder.marking.sheet import Line, answers_of, check_sheet, read_sheet
from autograder.reports.by_hand import Marks, answer_digest, in_force
from autograder.reports.pending import MARKS, write_marks


def take_marks(course: Course, folder: Path, sheet: Path, replace: bool = False) -> int:
    """Keep the marks of a sheet and write marks.csv beside it. The exit code: 1 where a line is wrong.

    Raises CourseError: no graded folder, or no sheet.
    """
    rows = read_sheet(sheet)
    lines = [row for row in rows if row["points"]]
    with open_journal(folder) as ledger:
        record = class_record(ledger, folder)
        exercises = graded(course, record)
        reports = recorded(record, ledger, exercises)
        written = ((r.student, e.exercise, answer_digest(e.written)) for r in reports for e in r.exercises)
        marks, problems = check_sheet(sheet, lines, answers_of(exercises, written), Marks(ledger.marks()), replace)
        if problems:
            told = [*problems, "Nothing was taken: mend these lines and give the sheet again."]
            print("\n".join(told), file=sys.stderr)
            return 1
        ledger.mark(marks)
        reports = recorded(record, ledger, exercises)
        waiting = sum(result.pending > 0 for report in reports for result in report.exercises)
        write_marks(folder / MARKS, in_force(reports, {e.id: e for e in exercises}, Marks(ledger.marks())))
    print("\n".join([*summary(sheet, rows, len(marks), waiting), next_step(course, folder, record)]))
    return 0


def summary(sheet: Path, rows: Sequence[Line], new: int, waiting: int) -> Iterator[str]:
    """What became of a sheet, for the screen."""
    same = sum(bool(row["points"]) for row in rows) - new
    yield f"{new} marks taken{f', {same} as before' if same else ''}; {waiting} answers wait. {MARKS} has all marks."
    if bare := sum(row.is_bare for row in rows):
        yield f"{sheet.name}: {bare} rows have a comment and no points: skipped"


def next_step(course: Course, folder: Path, record: ClassRecord) -> str:
    """The command that makes final marks of what was graded into a folder."""
    ids = (a.id for a in course.assignments if tuple(each.id for each in a.exercises) == record.exercises)
    return "next: " + command(f"finish {shlex.quote(str(folder))} --assignment {next(ids, 'ID')}")


def open_journal(folder: Path) -> Ledger:
    """Raises CourseError: nothing was graded into this folder."""
    if not (folder / NAME).is_file():
        raise CourseError(f"{folder / NAME}: no such file. Give the folder that `grade --out` wrote.")
    return Ledger(folder / NAME)


def class_record(ledger: Ledger, folder: Path) -> ClassRecord:
    """Raises CourseError: an earlier version graded into this folder, which kept none."""
    if (record := ledger.class_record()) is None:
        raise CourseError(f"{folder}: graded by an earlier version. Give the same `grade` again: nothing is run twice.")
    return record


def graded(course: Course, record: ClassRecord) -> tuple[Exercise, ...]:
    """The exercises that were graded. Raises CourseError: one is in course.yml no more."""
    return tuple(course.exercise(name) for name in record.exercises)
