"""The public checks on a student's own files, one worker an exercise, and what the code printed meanwhile."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from autograder.course import Course, Exercise, Given
from autograder.errors import CourseError
from autograder.judge.examples import Example
from autograder.judge.suite import Check, Suite
from autograder.judge.verdict import FAILING_EXAMPLES, Failed, Judge
from autograder.limits import MODULE_BYTES
from autograder.reports.text import UNWRITTEN
from autograder.results import ExerciseResult, Outcome
from autograder.runner.failures import StudentError, StudentFailure
from autograder.runner.local import LocalRunner
from autograder.runner.session import Session, none_opened
from autograder.runner.student import Connection, Module, Runner, Student
from autograder.student.hints import tasks_by_function
from autograder.student.imports import missing_imports, told
from autograder.student.notes import used_module
from autograder.student.unwritten import awaited, unwritten

#: Of a module; the wire carries no larger one beside the rest of a message.
MAX_MODULE = MODULE_BYTES - 4096
#: Of what the code prints during one exercise so much is kept.
MAX_PRINTS = 4096
#: A worker that follows one that was lost gets this part of the time.
AGAIN = 5


@dataclass(frozen=True)
class Checked:
    """An exercise's public checks on the file in place. `prints`: what the code printed, its beginning."""

    exercise: Exercise
    result: ExerciseResult
    prints: str = ""
    missing: tuple[str, ...] = ()  # imports that will not be there when it is graded, a line each
    awaited: tuple[str, ...] = ()  # what is to be written first, in an exercise that this one uses

    @property
    def is_done(self) -> bool:
        return self.result.outcome is Outcome.PASSED and not self.unwritten and not self.missing

    @cached_property
    def unwritten(self) -> tuple[str, ...]:
        """What still is as it was released, whatever the checks say: not all of them are here."""
        return unwritten(self.exercise)

    @property
    def is_begun(self) -> bool:
        """Whether anything was written: the stub's own errors say “not written yet”."""
        if self.result.outcome is Outcome.MISSING or self.held or not self.result.checks:
            return self.result.outcome is not Outcome.MISSING
        untouched = not self.awaited and all(check.message.endswith(UNWRITTEN) for check in self.result.checks)
        return not (untouched or self._is_stub)

    @property
    def _is_stub(self) -> bool:
        """Whether every task still is as it was released."""
        tasks = tasks_by_function(self.exercise.stub.read_bytes())
        return bool(tasks) and set(tasks) <= set(self.unwritten)

    @property
    def held(self) -> int:
        return sum(check.outcome is Outcome.PASSED for check in self.result.checks)


class OneWorker(Student):
    """One worker for all checks of an exercise: quick, and good enough where there are no marks.

    A module that did not load once is not tried again. One that lost its worker gets another with less time, so that
    nobody waits for the same endless loop again and again.
    """

    def __init__(self, runner: Runner, module: Module) -> None:
        refused: list[StudentError | StudentFailure] = []
        started = 0

        def connect(until: float) -> Connection:
            nonlocal started
            if refused:
                raise refused[0]
            limits = module.limits
            if started:
                limits = replace(limits, cpu_seconds=limits.cpu_seconds / AGAIN)
            started += 1
            try:
                return runner.connect(replace(module, limits=limits), until)
            except (StudentError, StudentFailure) as problem:
                refused.append(problem)
                raise

        super().__init__(connect)

    def close(self) -> float:
        return 0.0

    def end(self) -> None:
        super().close()


class ToldJudge(Judge):
    """Asks before each check whether its end is known already."""

    def __init__(self, suite: Suite, worker: OneWorker, begins: Callable[[Check], Failed | None]) -> None:
        super().__init__(suite, lambda source: worker, 0)
        self._begins = begins

    def run_check(
        self, check: Check, session: Session, most: int = FAILING_EXAMPLES, among: int | None = None
    ) -> tuple[Failed | None, list[Example]]:
        known = self._begins(check)
        return (known, []) if known is not None else super().run_check(check, session, most, among)


class Prints:
    """The beginning of what student code prints, and how much more there was."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._size = 0

    def __call__(self, chunk: bytes) -> None:
        self._head += chunk[: MAX_PRINTS - len(self._head)]
        self._size += len(chunk)

    def text(self) -> str:
        more = self._size - len(self._head)
        return self._head.decode("utf-8", "replace") + (f"\n… and {more:,} more bytes" if more else "")


class Opens(Protocol):
    """What starts workers: told where prints go, and what the code may import and read."""

    def __call__(self, prints: Callable[[bytes], None], given: Given) -> Runner: ...


def check_exercise(
    course: Course,
    exercise: Exercise,
    opens: Opens = LocalRunner,
    begins: Callable[[Check], Failed | None] = lambda check: None,
    examples: int | None = None,
) -> Checked:
    """The public checks of one exercise. Raises CourseError: its check file is gone or cannot be loaded.

    begins: is told of each check before it runs; a check whose end it knows does not run;
    examples: no property draws more of them.
    """
    require(exercise.public_checks)
    suite = Suite(exercise, course.grading.seed, public=True)
    source = exercise.stub.read_bytes() if exercise.stub.is_file() else None
    if source is None:
        blank = Judge(suite, none_opened).grade(None)
        said = f"{exercise.stub.name} is missing: take it from the release again, or write it anew"
        return Checked(exercise, replace(blank, message=said))
    if len(source) > MAX_MODULE:
        blank = Judge(suite, none_opened).grade(None)
        said = f"{exercise.stub.name} has {len(source):,} bytes, at most {MAX_MODULE:,} can be handed in"
        return Checked(exercise, replace(blank, outcome=Outcome.FAILED, message=said))
    prints = Prints()
    with opens(prints, course.given) as runner:
        worker = OneWorker(runner, own_module(course, exercise, source))
        try:
            judge = ToldJudge(suite, worker, begins)
            judge.most_examples = examples
            result = judge.grade(source)
        finally:
            worker.end()
    return checked_as(course, exercise, result, prints.text())


def checked_as(course: Course, exercise: Exercise, result: ExerciseResult, prints: str = "") -> Checked:
    """A result, with what can be seen in the text alone."""
    missing = tuple(told(missing, course, exercise) for missing in missing_imports(course, exercise))
    return Checked(exercise, result, prints, missing, awaited(course, exercise, result))


def require(part: Path) -> None:
    """CourseError with the remedy: a part of the release, which is not the student's to write, is gone."""
    if not part.is_file():
        raise CourseError(f"{part}: no such file. Unpack the release again and copy your own modules into it.")


def own_module(course: Course, exercise: Exercise, source: bytes) -> Module:
    """The student's module; what it `uses` are the student's own files, or those given in their place."""
    used = []
    for slug in exercise.uses:
        path = used_module(course, slug)
        code = path.read_bytes() if path.is_file() else b""
        used.append(Module(slug, code, path.name, exercise.limits, functions=_functions(code)))
    return Module(exercise.slug, source, exercise.stub.name, exercise.limits, tuple(used))


def _functions(source: bytes) -> tuple[str, ...]:
    """Names of the public functions; none where the file is no Python, so that importing from it fails."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ()
    return tuple(node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"))
