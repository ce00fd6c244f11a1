"""`autograder marks`: a sheet of marks into the journal of a graded folder, all of it or nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.batch.batch import recorded
from autograder.batch.ledger import NAME, ClassRecord, Ledger
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.invoked import command
from autograder.marking.sheet import answers_of, check_sheet, read_sheet
from autograder.reports.by_hand import Marks, answer_digest, in_force
from autograder.reports.pending import MARKS, write_marks


def take_marks(course: Course, folder: Path, sheet: Path, replace: bool = False) -> int:
    """Keep the marks of a sheet and write marks.csv beside it. The exit code: 1 where a line is wrong.

    Raises CourseError: no graded folder, or no sheet.
    """
    lines = read_sheet(sheet)
    with open_journal(folder) as ledger:
        record = class_record(ledger, folder)
        exercises = graded(course, record)
        reports = recorded(record, ledger, exercises)
        written = ((r.student, e.exercise, answer_digest(e.written)) for r in reports for e in r.exercises)
        marks, problems = check_sheet(sheet, lines, answers_of(exercises, written), Marks(ledger.marks()), replace)
        if problems:
            print(
                "\n".join([*problems, "Nothing was taken: mend these lines and give the sheet again."]), file=sys.stderr
            )
            return 1
        ledger.mark(marks)
        reports, given = recorded(record, ledger, exercises), Marks(ledger.marks())
        waiting = sum(result.pending > 0 for report in reports for result in report.exercises)
        write_marks(folder / MARKS, in_force(reports, {e.id: e for e in exercises}, given))
    same = f", {len(lines) - len(marks)} as before" if len(marks) != len(lines) else ""
    print(f"{len(marks)} marks taken{same}; {waiting} answers wait. {folder / MARKS} has all marks.")
    print(f"next: {command(f'finish {folder} --assignment ID')}")
    return 0


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
