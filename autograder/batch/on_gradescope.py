"""`autograder gradescope`: one submission in Gradescope's container, from its folders to its results.json.

After https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/ and the specification named in
`reports/gradescope.py`. Whatever happens, results.json is written and says what to do next. What is the grader's own
fault has no score in it, so that nobody takes it for a mark.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from autograder.batch.batch import Batch, Local, Shown, as_shown, no_token, without_counterexamples
from autograder.batch.ledger import Ledger
from autograder.batch.local_judges import cores
from autograder.batch.progress import Progress
from autograder.course import Assignment, Course
from autograder.errors import CourseError, GraderError, SubmissionError
from autograder.files import write_file
from autograder.reports.console import Aside
from autograder.reports.gradescope import results
from autograder.reports.late import HandedIn
from autograder.reports.text import number, one_line, plain
from autograder.results import ExerciseResult, Final, Outcome, Report
from autograder.submissions.bucket import bucket_of
from autograder.submissions.students import shown_name
from autograder.submissions.submission import Entry, Submission, read_entry

METADATA_BYTES = 64 << 20  # it holds the results of all earlier submissions
_SAFE = "Your submission is kept; there is nothing to hand in again."
_STAFF = "Course staff: the cause stands in this run's stdout. Mend it, then “Rerun Autograder”."


@dataclass(frozen=True)
class Handed:
    """What Gradescope tells of a submission. `due` is None where it has no due date; `attempt` counts from 1.

    `earlier` are the times of those attempts before it that were told something.
    """

    students: tuple[str, ...]
    submitted: datetime
    due: datetime | None
    attempt: int
    total_points: float | None
    earlier: tuple[datetime, ...] = ()


class OutOfTime(Exception):
    """The time for all of a submission is over."""


def grade_submission(course: Course, name: str, root: Path, seconds: float) -> int:
    """Grade `root`/submission and write `root`/results/results.json. The exit code: 1 where there is no score.

    name: of the assignment. CourseError: results.json cannot be written.
    """
    try:
        assignment = course.assignment(name)
        handed = read_metadata(root / "submission_metadata.json")
        for line in differences(assignment, handed):
            print(line)
        content = graded(course, assignment, handed, root / "submission", seconds)
    except (CourseError, GraderError) as problem:
        print(f"not graded: {problem}")
        content = not_graded([], [])
    write_file(root / "results" / "results.json", json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False))
    return int("score" not in content)


# -- what Gradescope tells ----------------------------------------------------------------------------


def read_metadata(path: Path) -> Handed:
    """Who handed in, when, and when it was due, an extension counted: for a group, the latest of its members' dates.

    GraderError: no such file, or not as documented.
    """
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(METADATA_BYTES))
        assignment, users = told["assignment"], list(told["users"])
        own = [date for user in users if (date := (user.get("assignment") or {}).get("due_date"))]
        dates = [_time(date) for date in own or [assignment["due_date"]] if date]
        points = assignment.get("total_points")
        before = list(told.get("previous_submissions") or ())
        return Handed(
            tuple(shown_name(str(user.get("name") or user.get("email") or "without a name")) for user in users),
            _time(told["created_at"]),
            max(dates, default=None),
            len(before) + 1,
            None if points is None else float(points),
            tuple(_time(each["submission_time"]) for each in before if not each.get("autograder_error")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise GraderError(f"{path}: not as Gradescope documents it ({type(problem).__name__}: {problem})") from None


def _time(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return when


def differences(assignment: Assignment, handed: Handed) -> Iterator[str]:
    """A line for each thing that Gradescope and course.yml tell differently: Gradescope's due date counts."""
    if handed.due is not None and handed.due != assignment.due:
        yield f"due here: {handed.due.isoformat()}, in course.yml: {assignment.due.isoformat()}; the one here counts"


# -- grading ------------------------------------------------------------------------------------------


def graded(course: Course, assignment: Assignment, handed: Handed, folder: Path, seconds: float) -> dict[str, Any]:
    """The content of results.json. GraderError: this machine cannot lock student code down, or the like."""
    students = " and ".join(handed.students) or "nobody"
    entry = Entry(students, Path(os.path.realpath(folder)))
    slugs = [exercise.slug for exercise in course.exercises]
    try:
        submission = read_entry(entry, slugs)
        unread = submission.unread_of([exercise.slug for exercise in assignment.exercises])
    except SubmissionError as problem:
        submission = Submission(students, {}, (str(problem),))
        unread = dict.fromkeys((exercise.slug for exercise in assignment.exercises), str(problem))
    report = judged(course, assignment, entry if submission.modules or unread else students, seconds)
    told = [
        _told(course, handed, result, unread.get(exercise.slug))
        for exercise, result in zip(assignment.exercises, report.exercises, strict=True)
    ]
    for result in report.exercises:
        for flag in result.flags:
            print(f"to look at: {one_line(result.exercise)}: {one_line(flag)}")
    report = replace(report, student=students, exercises=tuple(told), problems=submission.problems)
    if report.has_error:
        fine = [result for result in told if result.outcome is not Outcome.ERROR]
        return not_graded([result for result in told if result not in fine], _tests(report, fine))
    return scored(course, assignment, handed, report)


def judged(course: Course, assignment: Assignment, entry: Entry | str, seconds: float) -> Report:
    """What the judges say; what they do not come to in `seconds` is an error."""
    workers = min(len(cores()), len(assignment.exercises))
    with Ledger(None) as ledger, Progress(len(assignment.exercises), Aside(stderr=True)) as progress:
        run = Batch(course, assignment.exercises, ledger)
        try:
            with at_most(seconds):
                run.grade([entry], lambda: Local(course, workers), progress)
        except OutOfTime:
            said = f"not graded within {number(seconds)} seconds, which is all that this run may take"
            print(f"{said}. Give it more in Gradescope's settings, and at the top of run_autograder.")
            run.give_up(said)
        return run.reports[0]


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises OutOfTime in the main thread when they are over."""

    def over(*_: object) -> NoReturn:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _told(course: Course, handed: Handed, result: ExerciseResult, unread: str | None) -> ExerciseResult:
    """A result as this attempt is told it. What could not be read counts 0 here: who sees it at once can mend it."""
    if unread is not None:
        said = f"{unread} It counts 0 until you hand in again."
        return replace(result, outcome=Outcome.MISSING, points=0.0, message=said)
    bucket = bucket_of(course)
    if bucket and (later := bucket.next(handed.earlier, handed.submitted)):
        return without_counterexamples(result, no_token(f"{later.astimezone(course.time_zone):%Y-%m-%d %H:%M %Z}"))
    shown = Shown(course.grading.counterexamples, course.grading.counterexamples_from)
    return as_shown(result, handed.attempt, shown)


# -- results.json -------------------------------------------------------------------------------------


def scored(course: Course, assignment: Assignment, handed: Handed, report: Report) -> dict[str, Any]:
    """results.json of a report without errors, less what lateness costs by course.yml."""
    zone = course.time_zone or assignment.due.tzinfo
    due = (handed.due or assignment.due).astimezone(zone)
    when = HandedIn(handed.submitted)
    cost, days = when.penalty(course.late, report.earned, due), when.days_late(course.late, due)
    if not report.pending:
        report = replace(report, final=Final(round(report.earned - cost, 4) + 0.0, round(cost, 4) + 0.0))
    content = results(report)
    content["score"] = report.final.mark if report.final else round(report.earned - cost, 6) + 0.0
    free = ["Free late days are not counted here; the course's staff counts them."] if course.late.free_days else []
    lines = [*_lateness(days, cost, due), *(free if days else []), content["output"], *_missing(report)]
    content["output"] = "\n".join(line for line in lines if line)
    content["extra_data"] |= {"students": list(map(one_line, handed.students)), "attempt": handed.attempt}
    content["extra_data"] |= {"days_late": days, "late_penalty": round(cost, 4) + 0.0}
    if handed.total_points is not None and abs(handed.total_points - report.out_of) > 1e-9:
        print(f"worth {number(handed.total_points)} points here, {number(report.out_of)} in course.yml; not scaled")
    return content


def _lateness(days: int, cost: float, due: datetime) -> Iterator[str]:
    if days:
        begun = "1 day" if days == 1 else f"{days} days"
        yield f"Handed in late, {begun} begun after {due:%Y-%m-%d %H:%M %Z}: {number(cost)} points less."


def _missing(report: Report) -> Iterator[str]:
    """What to do where an exercise is not there, or could not be read."""
    names = [f"{result.exercise[3:]}.py" for result in report.exercises if result.outcome is Outcome.MISSING]
    if names:
        yield f"To hand in, and not there or not read: {', '.join(names)}. Hand in all files again, or `submit`'s zip."


def not_graded(errors: Sequence[ExerciseResult], tests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """results.json where the grader failed: what to do, what could be graded all the same, and no score anywhere."""
    names = ", ".join(one_line(result.exercise) for result in errors)
    what = f"Could not be graded, for no reason that you can mend: {names or 'your submission'}."
    unscored = [{key: value for key, value in test.items() if "score" not in key} for test in tests]
    told = [{"name": one_line(r.exercise), "output": plain(r.message), "status": "failed"} for r in errors]
    for result in errors:
        print(f"not graded: {result.exercise}: {result.message}")
    return {
        "output": "\n".join([what, _SAFE, _STAFF]),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [*told, *unscored],
    }


def _tests(report: Report, fine: Sequence[ExerciseResult]) -> list[dict[str, Any]]:
    return list(results(replace(report, exercises=tuple(fine)))["tests"])
