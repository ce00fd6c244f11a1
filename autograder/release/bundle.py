"""What students get of an assignment: their part of course.yml and the exercises, nothing else.

Location decides visibility: only what lies in `exercises/NN_slug/` and has a name there is copied, and the result
is scanned for leaks before anybody can get at it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import yaml

from autograder.authoring.stub import make_stub
from autograder.course import EARLIER, Assignment, Course, Exercise, vocabulary_of
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.invoked import command
from autograder.judge.suite import Suite
from autograder.release.leaks import collect, leaks
from autograder.submissions.prose import explanation


def released_parts(exercise: Exercise) -> tuple[Path, ...]:
    """The files of an exercise that students see, which are all that is ever copied."""
    return (exercise.readme, exercise.hints, exercise.stub, exercise.picture, exercise.public_checks)


class Worth(NamedTuple):
    """What an exercise's checks give, and how many they are."""

    points: float
    checks: int


def worths(assignment: Assignment) -> dict[str, Worth]:
    """By exercise id. CourseError: a check file is missing or wrong."""
    suites = {exercise.id: Suite(exercise) for exercise in assignment.exercises}
    return {name: Worth(suite.max_points, len(suite.checks)) for name, suite in suites.items()}


def copy_exercise(exercise: Exercise, to: Path) -> None:
    """Copy an exercise's released parts into `to`/exercises/NN_slug.

    CourseError: a part is missing, is a link, or the stub is not that of the solution.
    """
    for part in released_parts(exercise):
        if part.is_symlink() or not part.is_file():
            raise CourseError(f"{part}: no such file; an exercise is released whole. `{command('audit')}` tells more.")
    wanted = make_stub(exercise.solution.read_text(encoding="utf-8"), str(exercise.solution))
    if exercise.stub.read_text(encoding="utf-8") != wanted:
        raise CourseError(f"{exercise.stub}: not the stub of {exercise.solution}. Run `{command('stubs')}`.")
    folder = to / "exercises" / exercise.id
    for part in released_parts(exercise):
        write_file(folder / part.name, part.read_bytes())


def copy_vocabulary(course: Course, to: Path) -> None:
    """Copy the course's vocabulary. CourseError: a part is a link, or is named as a module that students write."""
    slugs = {exercise.slug for exercise in course.exercises}
    for path in vocabulary_of(course.root):
        if path.is_symlink():
            raise CourseError(f"{path}: is a link; a vocabulary is released as files")
        if path.stem in slugs and path.suffix == ".py":
            raise CourseError(f"{path}: has the name of an exercise's module, for which it could be taken: rename it")
        write_file(to / path.relative_to(course.root), path.read_bytes())


def copy_data(course: Course, to: Path) -> None:
    """Copy the files that students' code may read. CourseError: one is missing, is a link, or lies with code."""
    course.given.check_data()
    for name, path in course.given.data.items():
        if path.is_symlink():
            raise CourseError(f"{path}: is a link; data is released as files")
        if name.split("/")[0] in ("solutions", "tests", "exercises"):
            raise CourseError(f"{path}: students' data lies in a folder of its own, such as data/, not in {name}")
        write_file(to / name, path.read_bytes())


def course_file(course: Course, assignment: Assignment, worth: Mapping[str, Worth]) -> str:
    """The student's part of course.yml: one assignment, with due date and points, without what only grading needs."""
    entry = {
        "id": assignment.id,
        "title": assignment.title,
        "due": assignment.due,
        **({"optional": True} if assignment.optional else {}),
        "exercises": [_exercise_entry(exercise, worth[exercise.id]) for exercise in assignment.exercises],
    }
    given = {"packages": list(course.grading.packages), "data": list(course.grading.data)}
    zone = {"time_zone": course.time_zone.key} if course.time_zone else {}
    rules = {"grading": given, "late": course.late.model_dump()}
    earlier = [exercise.slug for exercise in used_earlier(course, assignment)]
    used = {"earlier": earlier} if earlier else {}
    content = {"title": course.title, **zone, **rules, **used, "assignments": [entry]}
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def _exercise_entry(exercise: Exercise, worth: Worth) -> dict[str, object]:
    entry: dict[str, object] = {"id": exercise.id, "title": exercise.title, **worth._asdict()}
    if exercise.by_hand:
        entry["by_hand"] = exercise.by_hand
        entry["placeholder"] = explanation(exercise.stub.read_bytes()) or ""
    if exercise.uses:
        entry["uses"] = list(exercise.uses)
    return {**entry, "limits": asdict(exercise.limits)}


def used_earlier(course: Course, assignment: Assignment) -> list[Exercise]:
    """The exercises of other assignments that this one's may import."""
    used = {slug for exercise in assignment.exercises for slug in exercise.uses}
    return [each for each in course.exercises if each.slug in used and each not in assignment.exercises]


def open_until(course: Course, exercise: Exercise) -> datetime:
    """After which nobody can hand in this exercise any more, by course.yml."""
    due = course.assignment(exercise.assignment).due
    return due + timedelta(minutes=course.late.grace_minutes, days=course.late.max_days + 1)


def write_earlier(course: Course, assignment: Assignment, to: Path) -> None:
    """The references that this assignment may import, of what nobody can hand in any more.

    No leaks: whoever wrote such a piece wrong, or never, still has one to go on with.
    """
    for exercise in used_earlier(course, assignment):
        if open_until(course, exercise) < datetime.now(UTC):
            write_file(to / EARLIER / f"{exercise.slug}.py", exercise.solution.read_bytes())


def held_back(course: Course, assignment: Assignment) -> Iterator[str]:
    """A line for each reference that this assignment may import and that is not in its release yet."""
    for exercise in used_earlier(course, assignment):
        if (until := open_until(course, exercise)) >= datetime.now(UTC):
            told = f"the reference of {exercise.id}, which can be handed in until {until:%Y-%m-%d %H:%M %Z}"
            yield f"not in {EARLIER}/: {told}; until then students have their own alone. Release again after it."


def write_parts(course: Course, assignment: Assignment, worth: Mapping[str, Worth], to: Path) -> None:
    """course.yml, the exercises of an assignment and the vocabulary of their checks, into `to`."""
    write_file(to / "course.yml", course_file(course, assignment, worth))
    copy_vocabulary(course, to)
    copy_data(course, to)
    for page in course.pages(assignment):
        write_file(to / page.relative_to(course.root), page.read_bytes())
    for exercise in assignment.exercises:
        copy_exercise(exercise, to)


@contextmanager
def workshop(near: Path) -> Iterator[Path]:
    """A passing folder beside `near` in which a release is made and scanned before it is put in place.

    CourseError: `near` cannot be written.
    """
    try:
        near.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".release-", dir=near))
    except OSError as problem:
        raise CourseError(f"{near}: cannot be written: {problem.strerror}. Choose another --to.") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def refuse_leaks(folder: Path, course: Course) -> None:
    """Raises CourseError with a line for every leak in `folder`."""
    if lines := leaks(folder, collect(course.exercises)):
        raise CourseError("\n".join([f"not released, {len(lines)} leaks:", *lines]))
