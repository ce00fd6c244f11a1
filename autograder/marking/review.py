"""`autograder review`: how one student's mark in one exercise came about, as a page for the instructor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.batch.asked import asked_of
from autograder.batch.batch import Batch, Local, Shown, as_told
from autograder.batch.ledger import ClassRecord, Key, Ledger, Told
from autograder.batch.progress import Progress
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.judge.fingerprint import submission_digest, suite_digest
from autograder.marking.command import class_record, graded, open_journal
from autograder.marking.handed_in import hand_ins
from autograder.reports.console import Aside
from autograder.reports.late import HandedIn
from autograder.reports.review import REVIEWS, Case, Graded, Version, render
from autograder.reports.text import one_line, points
from autograder.results import ExerciseResult
from autograder.submissions.students import safe_name, student_key
from autograder.submissions.submission import Entry


@dataclass(frozen=True)
class Asked:
    """What `review` is asked for, by the names of its options. `student`: a name or an id."""

    folder: Path
    student: str
    exercise: str
    handed_in: Path | None = None
    to: Path | None = None


@dataclass(frozen=True)
class HandIn:
    """Where a module of this exercise lies."""

    entry: Entry
    source: bytes


def review(course: Course, asked: Asked) -> int:
    """Write the page. The exit code: 1 where `--handed-in` does not hold what was graded.

    The journal stays as it is. Raises CourseError: no graded folder, nobody of that name, another exercise.
    """
    exercise = course.exercise(asked.exercise)
    with open_journal(asked.folder) as ledger:
        record = class_record(ledger, asked.folder)
        told = told_of(record, asked.student, asked.folder)
        case = case_of(course, ledger, record, told, require_graded(course, record, exercise))
    problem = ""
    if asked.handed_in is not None and case.module != submission_digest(None):
        hand_in = found(course, asked.handed_in, exercise, case)
        if hand_in is None:
            problem = f"{asked.handed_in}: no {exercise.slug}.py in it is the one that was graded ({case.module})"
        else:
            case = today(course, exercise, case, hand_in)
    path = asked.to or asked.folder / REVIEWS / f"{safe_name(case.student)}-{exercise.slug}.html"
    write_file(path, render(case))
    print(f"{path}: {summary(case)}")
    if problem:
        print(f"autograder: {problem}. The checks of today were not asked.", file=sys.stderr)
    return int(bool(problem))


def told_of(record: ClassRecord, name: str, folder: Path) -> Told:
    """What was told of the student of this name or id. CourseError: nobody, or several."""
    wanted = name.strip().casefold()
    found = [
        told
        for told in record.students
        if student_key(told.student) == student_key(name) or record.ids.get(told.student, "").casefold() == wanted
    ]
    if len(found) != 1:
        who = "nobody" if not found else " and ".join(one_line(told.student) for told in found)
        raise CourseError(f"{folder}: {one_line(name)!r} is {who}. Write a name or an id as in totals.csv.")
    return found[0]


def require_graded(course: Course, record: ClassRecord, exercise: Exercise) -> Exercise:
    """The exercise. CourseError: it was not graded into this folder."""
    if exercise not in graded(course, record):
        raise CourseError(f"{exercise.id} was not graded into this folder; graded were {', '.join(record.exercises)}")
    return exercise


def case_of(course: Course, ledger: Ledger, record: ClassRecord, told: Told, exercise: Exercise) -> Case:
    """What the journal knows of a student in an exercise. CourseError: it has lost a result."""
    entry = told.results[record.exercises.index(exercise.id)]
    if isinstance(entry, Key):
        result = kept(ledger, told, entry)
        shown = Shown(record.counterexamples, record.counterexamples_from)
        module, was, seen = entry.submission, Graded(result, entry.suite), as_told(ledger, told, entry, result, shown)
    else:
        module, was, seen = "", Graded(entry, ""), entry
    when = (record.times or {}).get(student_key(told.student), HandedIn(None)).submitted
    return Case(
        student=told.student,
        id=record.ids.get(told.student, ""),
        title=exercise.title,
        module=module,
        graded=was,
        seen=seen,
        today_suite=suite_digest(course, exercise),
        level=record.level,
        handed_in=when.isoformat() if when else "",
        attempts=told.attempt,
        versions=record.versions,
        problems=told.problems,
        told=tuple(versions_told(ledger, told.student, exercise)),
        marks=tuple(mark for mark in ledger.marks() if (mark.student, mark.exercise) == (told.student, exercise.id)),
    )


def kept(ledger: Ledger, told: Told, key: Key) -> ExerciseResult:
    if (result := ledger.result(key)) is None:
        raise CourseError(f"the journal has no result of {told.student} in {key.exercise} any more. Grade again.")
    return result


def versions_told(ledger: Ledger, student: str, exercise: Exercise) -> Iterator[Version]:
    """What this student was told about the exercise, in order, as far as the journal has it."""
    for key in ledger.history(student, exercise.id):
        result = ledger.result(key)
        yield Version(key.submission, Graded(result, key.suite) if result else None)


# -- the checks of today ------------------------------------------------------------------------------


def found(course: Course, path: Path, exercise: Exercise, case: Case) -> HandIn | None:
    """The hand-in below `path` whose module was graded, whoever it is named by; None: there is none.

    Where none was graded because nothing could be read, it is the student's own. CourseError: nothing is there.
    """
    for entry, submission in hand_ins(course, path):
        source = submission.modules.get(exercise.slug)
        mine = student_key(entry.student) == student_key(case.student)
        if source is not None and (submission_digest(source) == case.module or (mine and not case.module)):
            return HandIn(entry, source)
    return None


def today(course: Course, exercise: Exercise, case: Case, hand_in: HandIn) -> Case:
    """The case with what the checks of today say. The journal knows nothing of it."""
    with Ledger(None) as ledger, Progress(1, Aside(stderr=True)) as progress:
        run = Batch(course, (exercise,), ledger)
        run.grade([hand_in.entry], lambda: Local(course, 1), progress)
        (key,) = run.handed[0].keys
        result = run.result(key)
    return replace(case, today=result, source=hand_in.source, asked=asked_of(course, exercise, hand_in.source))


def summary(case: Case) -> str:
    """What the page says, in a line."""
    said = f"{one_line(case.student)}, {case.graded.result.exercise}: {points(case.graded.result)} points as graded"
    if case.today is None:
        return f"{said}; the checks {'were changed since' if case.is_another else 'are the same today'}"
    return f"{said}, {points(case.today)} by the checks of today{'' if case.is_another else ', which are the same'}"
