"""The class report of an nbgrader course: who is in it and what waits by its gradebook, the checks by its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.batch.class_report import REPORT
from autograder.batch.ledger import Ledger
from autograder.nbgrader.notebook import grade_id, written_id
from autograder.reports import classreport
from autograder.reports.classreport import ClassReport
from autograder.results import ExerciseResult, Outcome

if TYPE_CHECKING:
    from autograder.course import Exercise
    from autograder.nbgrader.gradebook import CourseFolder

#: The gradebook's grades of a class, by student and cell.
Grades = Mapping[tuple[str, str], Any]


def write_class_report(folder: CourseFolder) -> tuple[Path, ClassReport]:
    """Write report.html, checks.csv and misconceptions.csv beside the journal. Returns the page and what is on it.

    CourseError: they cannot be written.
    """
    with Ledger(folder.journal) as ledger:
        return folder.journal.parent / REPORT, _write(folder, ledger)


def renew_class_report(folder: CourseFolder, ledger: Ledger) -> None:
    """Write it again where there is one, since what it was made of is new."""
    if (folder.journal.parent / REPORT).is_file():
        _write(folder, ledger)


def _write(folder: CourseFolder, ledger: Ledger) -> ClassReport:
    title = f"{folder.assignment.title}, {folder.course.title}"
    return classreport.write_report(folder.journal.parent, _results(folder, ledger), title, "the formgrader")


def _results(folder: CourseFolder, ledger: Ledger) -> dict[str, list[ExerciseResult]]:
    """Each student's results, as `classreport.write_report` takes them."""
    told = {(student, result.exercise): result for student, result in ledger.told()}
    with folder.gradebook() as book:
        there = book.find_assignment(folder.assignment.id)
        worth = {cell.name: cell.max_score for notebook in there.notebooks for cell in notebook.grade_cells}
        grades = {
            (submission.student_id, grade.cell.name): grade
            for submission in there.submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
        }
        return {
            entry.student: [
                _result(exercise, told.get((entry.student, exercise.id)), entry.student, grades, worth)
                for exercise in folder.assignment.exercises
            ]
            for entry in folder.entries()
        }


def _result(
    exercise: Exercise, kept: ExerciseResult | None, student: str, grades: Grades, worth: Mapping[str, float]
) -> ExerciseResult:
    """What is kept of an exercise, with what waits by the gradebook. Without a score there, it is an error."""
    by_check, by_hand = grades.get((student, grade_id(exercise))), grades.get((student, written_id(exercise)))
    pending = exercise.by_hand if by_hand is not None and by_hand.needs_manual_grade else 0.0
    if kept is None or by_check is None or by_check.auto_score is None:
        return ExerciseResult(
            exercise.id, Outcome.ERROR, None, worth[grade_id(exercise)], pending, message="no score in the gradebook"
        )
    return replace(kept, pending=pending)
