"""A submission to a Report: the whole story on one page."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from types import TracebackType
from typing import Self

import hypothesis
import numpy as np

from autograder import __version__
from autograder.course import Course, Exercise
from autograder.errors import GraderError, LockdownError
from autograder.judge import Judge
from autograder.results import ExerciseResult, Outcome, Report
from autograder.runner import lockdown
from autograder.runner.process import Runner, ZygoteRunner, module_of
from autograder.submission import Submission
from autograder.suite import Suite

#: What lock-down gives, from weakest.
LEVELS = ("none", "basic", "strict")


class Grader:
    """Grades submissions for some exercises of a course, with one warm runner. A context manager."""

    def __init__(self, course: Course, exercises: Iterable[Exercise], runner: Runner | None = None) -> None:
        self.course = course
        self.runner = runner if runner is not None else locked_runner(course)
        self.exercises = tuple(exercises)
        self._judges = {e.id: self._judge(Suite(e, course.grading.seed)) for e in self.exercises}

    def _judge(self, suite: Suite) -> Judge:
        exercise = suite.exercise
        return Judge(
            suite,
            lambda source: self.runner.open(module_of(exercise, source)),
            self.course.grading.shrink_calls,
        )

    def grade(self, submission: Submission) -> Report:
        """The report on one submission. A fault of the grader's makes its exercise an `error`, not the rest."""
        results = tuple(self._exercise(e, submission.modules.get(e.slug)) for e in self.exercises)
        return Report(submission.student, self.runner.level, results, submission.problems, versions())

    def _exercise(self, exercise: Exercise, source: bytes | None) -> ExerciseResult:
        judge = self._judges[exercise.id]
        try:
            return judge.grade(source)
        except LockdownError:
            raise
        except GraderError as problem:
            return ExerciseResult(
                exercise.id,
                Outcome.ERROR,
                None,
                judge.suite.max_points,
                exercise.by_hand,
                message=str(problem),
            )

    def max_points(self, exercise: Exercise) -> float:
        """What the checks of an exercise are worth."""
        return self._judges[exercise.id].suite.max_points

    def close(self) -> None:
        self.runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def locked_runner(course: Course) -> Runner:
    """A runner at the level that marks need. Raises LockdownError when this machine gives less."""
    found = lockdown.probe()
    needed = course.grading.level
    if LEVELS.index(found.level) < LEVELS.index(needed):
        missing = "; ".join(found.missing)
        raise LockdownError(
            f"marks need lock-down level {needed!r} (course.yml, grading.level), this machine gives {found.level!r}: "
            f"{missing}. {found.remedy} `autograder doctor` tells more."
        )
    return ZygoteRunner(needed)


def versions() -> dict[str, str]:
    """What could change a result."""
    return {
        "autograder": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "hypothesis": hypothesis.__version__,
    }
