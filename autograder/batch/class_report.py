"""The class report of a graded folder, from its grades.csv, its journal, and its final marks where there are any."""

from __future__ import annotations

from pathlib import Path

from autograder.batch.ledger import ClassRecord, Ledger
from autograder.course import Course
from autograder.reports import classreport
from autograder.reports.classreport import ClassReport

REPORT = "report.html"


def write_class_report(course: Course, folder: Path, ledger: Ledger) -> ClassReport:
    """Write report.html, checks.csv and misconceptions.csv. CourseError: no grades.csv, or they cannot be written."""
    ids = {exercise.slug: exercise.id for exercise in course.exercises}
    results = classreport.class_of(folder, ledger.told(), ids)
    return classreport.write_report(folder, results, title_of(course, ledger.class_record()))


def renew_report(course: Course, folder: Path, ledger: Ledger) -> bool:
    """Write the report again where there is one, since what it was made of is new. Whether there was."""
    if not (folder / REPORT).is_file():
        return False
    write_class_report(course, folder, ledger)
    return True


def title_of(course: Course, record: ClassRecord | None) -> str:
    """What was graded: an assignment of the course, or all of it."""
    exercises = record.exercises if record is not None else ()
    titles = [a.title for a in course.assignments if tuple(exercise.id for exercise in a.exercises) == exercises]
    return ", ".join([*titles, course.title])
