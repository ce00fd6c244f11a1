"""Many submissions to reports and files. One student's trouble never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from autograder.course import Course, Exercise
from autograder.errors import CourseError, SubmissionError
from autograder.grade import Grader
from autograder.reports import gradescope, html, table
from autograder.reports.files import remove_file
from autograder.results import ExerciseResult, Outcome, Report
from autograder.submission import Entry, Listing, Submission, read_entry, safe_name, student_key

Progress = Callable[[Report], None]


def with_roster(listing: Listing, roster: Sequence[str]) -> list[Entry | str]:
    """The entries, and the names of those on the roster who handed in nothing. Raises nothing."""
    handed_in = {student_key(entry.student) for entry in listing.entries}
    return [*listing.entries, *(name for name in roster if student_key(name) not in handed_in)]


def grade_all(grader: Grader, entries: Iterable[Entry | str], slugs: Iterable[str]) -> Iterator[Report]:
    """A report for each entry, in their order. A name alone stands for a student who handed in nothing."""
    names = tuple(slugs)
    for entry in entries:
        if isinstance(entry, str):
            yield grader.grade(Submission(entry, {}))
            continue
        try:
            submission = read_entry(entry, names)
        except SubmissionError as problem:
            yield unreadable(entry.student, str(problem), grader)
            continue
        yield grader.grade(submission)


def unreadable(student: str, problem: str, grader: Grader) -> Report:
    """A submission that cannot be read is graded neither 0 nor anything else: a human looks."""
    results = tuple(
        ExerciseResult(e.id, Outcome.ERROR, None, grader.max_points(e), e.by_hand, message=problem)
        for e in grader.exercises
    )
    return Report(student, grader.runner.level, results, (problem,))


def write_student(out: Path, report: Report, titles: dict[str, str]) -> None:
    """One student's folder: feedback.html, and results.json unless the grader failed somewhere."""
    folder = out / safe_name(report.student)
    html.write_feedback(folder / "feedback.html", report, titles)
    if report.has_error:
        remove_file(folder / "results.json")
    else:
        gradescope.write_results(folder / "results.json", report)


def write_class(out: Path, reports: Iterable[Report]) -> None:
    """grades.csv for all of them."""
    table.write_grades(out / "grades.csv", (row for report in reports for row in table.rows(report)))


def exercises_for(course: Course, assignment: str | None) -> tuple[Exercise, ...]:
    """Those of one assignment, or of the whole course."""
    return course.assignment(assignment).exercises if assignment else course.exercises


def prepare_out(out: Path) -> None:
    """Make the output folder. Raises CourseError when it cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CourseError(f"{out}: cannot be made: {problem.strerror}. Give another folder with --out.") from None
