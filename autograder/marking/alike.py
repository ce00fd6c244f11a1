"""`autograder alike`: modules of a graded class side by side that have much in common, for the instructor alone."""

from __future__ import annotations

import importlib.util
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from autograder.batch.batch import recorded_modules
from autograder.batch.local_judges import JudgeDied, Judges
from autograder.course import Course, Exercise
from autograder.errors import CourseError, GraderError
from autograder.invoked import pip_install
from autograder.judge.fingerprint import submission_digest
from autograder.marking.command import class_record, graded, open_journal
from autograder.marking.handed_in import hand_ins
from autograder.reports.pairs import PAGE, SHOWN, TABLE, Likeness, ShownPair, write_pairs
from autograder.sources import used_references
from autograder.submissions.passages import Line, Pair, compare, measure, side_by_side

T = TypeVar("T")

#: Seconds for one module, of which an honest one takes a hundredth; for all pairs of an exercise; and for showing one.
ONE_MODULE, ALL_PAIRS = 5.0, 600.0


@dataclass
class Modules:
    """The modules of one exercise, by digest: whose each is, and what it says where it was found."""

    exercise: Exercise
    students: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, bytes] = field(default_factory=dict)


def alike(course: Course, folder: Path, handed_in: Path) -> int:
    """Write alike.html and pairs.csv. The exit code: 1 where `handed_in` does not hold all that was graded.

    CourseError: no graded folder, nothing handed in, copydetect is missing.
    """
    if importlib.util.find_spec("copydetect") is None:
        raise CourseError(f"this needs copydetect, which is not installed: {pip_install('copydetect')}")
    by_exercise = modules_of(course, folder)
    for _, submission in hand_ins(course, handed_in):
        for each in by_exercise.values():
            source = submission.modules.get(each.exercise.slug)
            if source is not None and (digest := submission_digest(source)) in each.students:
                each.sources[digest] = source
    with Judges(1) as judges:
        found = [likeness(each, judges) for each in by_exercise.values() if each.sources]
    write_pairs(folder, course.title, found)
    pairs = sum(len(each.pairs) for each in found)
    compared = sum(each.comparison.compared for each in found)
    print(f"{folder / PAGE}: {pairs} of {compared} pairs stand out; {TABLE} lists them. Look before you judge.")
    lost = sum(len(each.students) - len(each.sources) for each in by_exercise.values())
    if lost:
        print(f"autograder: {lost} modules that were graded are not in {handed_in}: not compared", file=sys.stderr)
    return int(bool(lost))


def modules_of(course: Course, folder: Path) -> dict[str, Modules]:
    """What was graded, by exercise. CourseError: no graded folder."""
    with open_journal(folder) as ledger:
        record = class_record(ledger, folder)
    made = {exercise.id: Modules(exercise) for exercise in graded(course, record)}
    for student, key in recorded_modules(record):
        made[key.exercise].students.setdefault(key.submission, []).append(student)
    return made


def likeness(modules: Modules, judges: Judges) -> Likeness:
    """The pairs of one exercise that stand out, compared in a process that is ended when it takes for ever."""
    fine, left_out = {}, []
    for digest, source in modules.sources.items():
        if why := unreadable(judges, source):
            left_out.append(f"{', '.join(modules.students[digest])}: {why}")
        else:
            fine[digest] = source
    given = given_of(modules.exercise)
    try:
        told = in_time(judges, ALL_PAIRS, partial(compare, fine, given))
        pairs = tuple(shown(judges, modules, pair, given if i < SHOWN else None) for i, pair in enumerate(told.pairs))
    except JudgeDied as problem:
        raise GraderError(f"{modules.exercise.id}: the comparison did not end well ({problem.how})") from None
    return Likeness(modules.exercise.id, modules.exercise.title, told, pairs, tuple(left_out))


def given_of(exercise: Exercise) -> list[bytes]:
    """What is nobody's own: the stub, the reference, and those that this exercise's modules may import."""
    used = [path for _, path, _ in used_references(exercise)]
    return [path.read_bytes() for path in (exercise.stub, exercise.solution, *used) if path.is_file()]


def shown(judges: Judges, modules: Modules, pair: Pair, given: list[bytes] | None) -> ShownPair:
    """A pair with its students, by their names, and side by side where `given` is."""
    one, other = sorted((pair.one, pair.other), key=lambda digest: modules.students[digest])
    sides: tuple[tuple[Line, ...], ...] = ()
    if given is not None:
        both = (modules.sources[one], modules.sources[other])
        sides = in_time(judges, ALL_PAIRS, partial(side_by_side, *both, given))
    whose = {digest: tuple(modules.students[digest]) for digest in (one, other)}
    return ShownPair(whose[one], whose[other], pair.similarity, pair.common, sides)


def unreadable(judges: Judges, source: bytes) -> str:
    """Why a module is not compared; empty where it is."""
    try:
        in_time(judges, ONE_MODULE, partial(measure, source))
    except JudgeDied:
        return f"takes more than {ONE_MODULE:.0f} seconds to be read"
    except ValueError as problem:
        return str(problem)
    return ""


def in_time(judges: Judges, seconds: float, work: Callable[[], T]) -> T:
    """A call in a judge's process. JudgeDied: it took longer than that, or ended the process."""
    return judges.submit(_alarmed, seconds, work).result()


def _alarmed(seconds: float, work: Callable[[], T]) -> T:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
