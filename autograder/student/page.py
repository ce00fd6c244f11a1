"""The student's commands in a browser, on a course of a few files in the page's own file system.

Imports what a page has: numpy, and with the first picture matplotlib. Text goes in and out as JSON.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from autograder.course import Assignment, Course, Exercise, Given
from autograder.judge.suite import Check
from autograder.judge.verdict import Failed, student_failure
from autograder.limits import Limits
from autograder.runner.failures import StudentDied, StudentFailure, StudentTimeout
from autograder.runner.inside import InsideRunner
from autograder.runner.student import Connection, Module, Runner
from autograder.student.hints import read_hints, task_at_work
from autograder.student.selfcheck import check_exercise
from autograder.student.told import told_of

#: What the page calls a check before there is one: the module is being imported.
IMPORT = ""
#: So many examples a property draws in a page, where Python is slower and somebody waits.
MOST_EXAMPLES = 50


@dataclass(frozen=True)
class Desk:
    """One exercise and those that it may import from."""

    course: Course

    @classmethod
    def of(cls, root: str, entries: str) -> Desk:
        """entries: as `release.web` writes them, JSON of a list of exercises and of what students may import."""
        told = json.loads(entries)
        exercises = tuple(_exercise(Path(root), entry) for entry in told["exercises"])
        return cls(_course(Path(root), exercises, tuple(told["packages"]), tuple(told["data"])))

    def check(self, name: str, lost: str, begins: Callable[[str], None]) -> str:
        """The public checks of an exercise: what a terminal would tell, as JSON.

        lost: JSON of the checks that ended an earlier worker, each with the seconds that were waited, or null where it
        ended by itself; begins: is told of each check before it runs.
        """
        known = {
            check: StudentDied() if seconds is None else StudentTimeout.unanswered(seconds)
            for check, seconds in json.loads(lost).items()
        }

        def before(check: Check) -> Failed | None:
            begins(check.name)
            return student_failure(known[check.name]) if check.name in known else None

        def opens(prints: Callable[[bytes], None], given: Given) -> Runner:
            return _Loading(prints, given, known.get(IMPORT))

        begins(IMPORT)
        exercise = self.course.exercise(name)
        checked = check_exercise(self.course, exercise, opens, before, MOST_EXAMPLES)
        task = task_at_work(exercise, checked.result, checked.unwritten, read_hints(exercise))
        return json.dumps({**asdict(told_of(checked)), "task": task})

    def picture(self, name: str) -> bytes:
        """The exercise's picture as PNG; of one that takes long its preview. Raises CourseError."""
        from autograder.student.figure import draw

        return draw(self.course, self.course.exercise(name), self._opens, brief=True)

    def frames(self, name: str) -> list[bytes]:
        """The exercise's picture step by step, a PNG each. Raises CourseError."""
        from autograder.student.figure import frames

        return frames(self.course, self.course.exercise(name), self._opens)

    @staticmethod
    def _opens(prints: Callable[[bytes], None], given: Given) -> Runner:
        return _Loading(prints, given, None)


class _Loading(InsideRunner):
    """A runner whose module may be known to end its worker already. Prints go where they are wanted."""

    def __init__(self, prints: Callable[[bytes], None], given: Given, lost: StudentFailure | None) -> None:
        super().__init__(given)
        self._lost = lost
        self._out, self._err = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = cast(Any, _Told(prints))

    def connect(self, module: Module, until: float = float("inf")) -> Connection:
        if self._lost is not None:
            raise self._lost
        return super().connect(module, until)

    def close(self) -> None:
        sys.stdout, sys.stderr = self._out, self._err
        super().close()


class _Told(io.TextIOBase):
    """Where student code prints to."""

    def __init__(self, prints: Callable[[bytes], None]) -> None:
        self._prints = prints

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._prints(text.encode("utf-8", "replace"))
        return len(text)


def _exercise(root: Path, entry: Mapping[str, Any]) -> Exercise:
    given = {name: entry[name] for name in ("id", "title", "assignment", "by_hand", "points", "checks", "placeholder")}
    return Exercise(root=root, uses=tuple(entry["uses"]), limits=Limits(**entry["limits"]), **given)


def _course(root: Path, exercises: tuple[Exercise, ...], packages: tuple[str, ...], data: tuple[str, ...]) -> Course:
    """As course.yml would give it, with what a self-check asks of it."""
    grading = SimpleNamespace(packages=packages, data=data, seed=0)
    assignment = Assignment("page", "page", datetime.now(UTC), exercises)
    nothing = cast(Any, None)
    return Course(root, "page", None, None, cast(Any, grading), nothing, None, (), (assignment,))
