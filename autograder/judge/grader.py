"""A submission to a Report: the whole story on one page."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.course import Course, Exercise
from autograder.errors import GraderError, LockdownError
from autograder.invoked import command
from autograder.judge.suite import Suite
from autograder.judge.verdict import Judge
from autograder.limits import Limits
from autograder.results import CheckResult, ExerciseResult, Outcome, Own, Report
from autograder.runner import machine
from autograder.runner.failures import StudentError, StudentFailure
from autograder.runner.frames import Unsendable
from autograder.runner.runners import RUNNERS, module_of
from autograder.runner.student import Module, Runner
from autograder.submissions import likeness, prose
from autograder.submissions.submission import Submission
from autograder.versions import versions

#: What lock-down gives, from weakest.
LEVELS = ("none", "basic", "strict")
#: Of the worker that compares modules; the longest that it looks at takes a fraction.
LIKENESS_LIMITS = Limits(cpu_seconds=3, memory_mib=512)


class Grader:
    """Grades submissions for some exercises of a course, with one warm runner. A context manager."""

    def __init__(
        self, course: Course, exercises: Iterable[Exercise] | None = None, runner: Runner | None = None
    ) -> None:
        self.course = course
        self.runner = runner if runner is not None else locked_runner(course)
        self.exercises = course.exercises if exercises is None else tuple(exercises)
        self._judges: dict[str, Judge] = {}

    def judge(self, exercise: Exercise) -> Judge:
        """The judge of an exercise, with a suite that is built once."""
        if exercise.id not in self._judges:
            self._judges[exercise.id] = Judge(
                Suite(exercise, self.course.grading.seed),
                lambda source: self.runner.open(module_of(exercise, source)),
                self.course.grading.shrink_calls,
            )
        return self._judges[exercise.id]

    def grade(self, submission: Submission) -> Report:
        """The report on one submission. A fault of the grader's makes its exercise an `error`, not the rest."""
        unread = submission.unread_of([exercise.slug for exercise in self.exercises])
        results = tuple(
            self._attempt(e, submission.modules.get(e.slug))
            if e.slug not in unread
            else failed(e, self.max_points(e), unread[e.slug])
            for e in self.exercises
        )
        return Report(submission.student, self.runner.level, results, submission.problems, versions())

    def exercise(self, exercise: Exercise, source: bytes | None) -> ExerciseResult:
        """The result on one module; None was not handed in. Raises GraderError when the runner fails."""
        written = explanation(source, self.runner) if source is not None and exercise.by_hand else None
        result = self.judge(exercise).grade(source)
        stub = exercise.stub.read_bytes() if exercise.stub.is_file() else b""
        own = own_part(source, stub, self.runner) if source is not None else None
        return replace(result, written=written, own=own)

    def _attempt(self, exercise: Exercise, source: bytes | None) -> ExerciseResult:
        try:
            return self.exercise(exercise, source)
        except LockdownError:
            raise
        except GraderError as problem:
            return failed(exercise, self.max_points(exercise), str(problem))

    def max_points(self, exercise: Exercise) -> float:
        """What the checks of an exercise are worth."""
        return self.judge(exercise).suite.max_points

    def close(self) -> None:
        self.runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def locked_runner(course: Course) -> Runner:
    """A runner at the level that marks need. Raises LockdownError when this machine gives less."""
    probed = machine.probe()
    needed = course.grading.level
    if LEVELS.index(probed.level) < LEVELS.index(needed):
        missing = "; ".join(probed.missing)
        raise LockdownError(
            f"marks need lock-down level {needed!r} (course.yml, grading.level), this machine gives {probed.level!r}: "
            f"{missing}. {probed.remedy} `{command('doctor')}` tells more."
        )
    return RUNNERS[needed](course.given)


def explanation(source: bytes, runner: Runner) -> str | None:
    """EXPLANATION of a module as handed in; None where there is none to be read. Raises GraderError.

    It is parsed in a worker: the module that runs there is `prose`, and what was handed in is its argument.
    """
    if prose.NAME.encode() not in source:
        return None
    reader = Module("prose", Path(prose.__file__).read_bytes(), "prose.py")
    with runner.open(reader) as worker:
        try:
            text = worker.explanation(source)
        except (StudentError, StudentFailure, Unsendable):
            return None
    return text if isinstance(text, str) else None


def own_part(source: bytes, stub: bytes, runner: Runner) -> Own | None:
    """What of a module is the student's own, read in a worker as `explanation` is. None where it cannot be, for
    whatever reason: no result hangs on it. A runner that is lost, as when somebody kills it, is asked once more.
    """
    if source == stub:
        return Own("", 0)
    reader = Module("likeness", Path(likeness.__file__).read_bytes(), "likeness.py", LIKENESS_LIMITS)
    for _ in range(2):
        with suppress(GraderError):
            with suppress(StudentError, StudentFailure, Unsendable), runner.open(reader) as worker:
                match worker.own_form(source, stub):
                    case (str(form), int(statements)) if len(form) <= 64:
                        return Own(form, statements)
            return None
    return None


def read_prose(course: Course, exercise: Exercise, source: bytes | None) -> str | None:
    """The prose of a module that could not be graded: a human marks it all the same. None where nothing can be read."""
    if source is None or not exercise.by_hand:
        return None
    with suppress(GraderError), locked_runner(course) as runner:
        return explanation(source, runner)
    return None


def failed(exercise: Exercise, max_points: float, message: str, written: str | None = None) -> ExerciseResult:
    """The grader failed on this exercise: neither 0 nor anything else. What a human marks is kept."""
    return ExerciseResult(
        exercise.id, Outcome.ERROR, None, max_points, exercise.by_hand, message=message, written=written
    )


def fallen(suite: Suite, how: str, written: str | None = None) -> ExerciseResult:
    """A module that ended two judges, of which the second had done nothing else. No points, and a flag."""
    message = "the grader's process ended twice while it checked this module: no points"
    checks = tuple(
        CheckResult(c.name, c.law, c.public, Outcome.FAILED, 0.0, c.info.points, message) for c in suite.checks
    )
    exercise = suite.exercise
    flag = f"the module ended its judge twice ({how})"
    blank = ExerciseResult(exercise.id, Outcome.FAILED, 0.0, suite.max_points, exercise.by_hand, checks)
    return replace(blank, message=message, flags=(flag,), written=written)
