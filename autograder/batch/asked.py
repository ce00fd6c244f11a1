"""What the checks ask of one module, and what comes back: for the instructor who looks at a single mark."""

from __future__ import annotations

import warnings
from contextlib import suppress

import msgspec

from autograder.batch.local_judges import JudgeDied, Judges, Place, judging
from autograder.course import Course, Exercise
from autograder.errors import GraderError
from autograder.judge.fingerprint import package_digest, suite_digest
from autograder.judge.memory import memory_ceiling
from autograder.judge.suite import Check
from autograder.judge.verdict import JUDGE_MIB, Judge
from autograder.reports.review import Asked
from autograder.results import Counterexample
from autograder.runner.runners import module_of
from autograder.runner.student import Runner

#: Of one check's calls, so many are shown.
CALLS = 8


def asked_of(course: Course, exercise: Exercise, source: bytes) -> tuple[Asked, ...]:
    """Every check's calls, in a judge's own process; none where the module ends it, or the grader fails at it.

    Raises CourseError.
    """
    place = Place(package_digest(), root=str(course.root))
    with Judges(1) as judges, suppress(JudgeDied, GraderError):
        asked = judges.submit(calls_of_module, place, exercise.id, suite_digest(course, exercise), source)
        return msgspec.json.decode(asked.result(), type=tuple[Asked, ...])
    return ()


def calls_of_module(place: Place, exercise: str, suite: str, source: bytes) -> bytes:
    """The same as JSON. Runs in a judge's process. Raises as `judging` does."""
    with judging(place, exercise, suite) as (grader, chosen), memory_ceiling(JUDGE_MIB), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judge = grader.judge(chosen)
        return msgspec.json.encode([_asked(judge, check, grader.runner, source) for check in judge.suite.checks])


def _asked(judge: Judge, check: Check, runner: Runner, source: bytes) -> Asked:
    module = module_of(judge.suite.exercise, source)
    examples = judge.suite.examples(check) or []
    session = runner.open(module)
    try:
        failed, failing = judge.run_check(check, session)
    finally:
        session.close()
    chosen = failing[0] if failing else examples[0] if examples else None
    if chosen is None or (failed is not None and failed.ended):  # it draws within; or would hang, or end, once more
        return Asked(check.name, 0, 0, failed is None, (), 0)
    session = runner.open(module)
    try:
        calls = judge.trace(check, chosen, session).calls
    finally:
        session.close()
    number = next(
        (i for i, example in enumerate(examples, 1) if example is chosen), 1
    )  # a test's only one is made anew
    shown = tuple(Counterexample(_safe(call.text()), _safe(call.outcome_text())) for call in calls[:CALLS])
    return Asked(check.name, number, len(examples), failed is None, shown, len(calls))


def _safe(text: str) -> str:
    """Without half characters, which a student's text may hold and JSON may not."""
    return text.encode("utf-8", "replace").decode("utf-8")
