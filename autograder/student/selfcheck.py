"""The public checks on a student's own files, one worker an exercise, and what the code printed meanwhile."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from autograder.course import Course, Exercise
from autograder.judge import Judge
from autograder.members import MODULE_BYTES
from autograder.results import ExerciseResult, Outcome
from autograder.runner.process import Connection, LocalRunner, Module, Runner, Student, StudentError, StudentFailure
from autograder.suite import Suite

#: Of a module; the wire carries no larger one beside the rest of a message.
MAX_MODULE = MODULE_BYTES - 4096
#: Of what the code prints during one exercise so much is kept.
MAX_PRINTS = 4096


@dataclass(frozen=True)
class Checked:
    """An exercise's public checks on the file in place. `prints`: what the code printed, its beginning."""

    exercise: Exercise
    result: ExerciseResult
    prints: str = ""

    @property
    def is_done(self) -> bool:
        return self.result.outcome is Outcome.PASSED

    @property
    def is_begun(self) -> bool:
        """Whether anything was written: the stub's own errors say “not written yet”."""
        failed = [check for check in self.result.checks if check.outcome is not Outcome.PASSED]
        return self.result.outcome is not Outcome.MISSING and not (
            len(failed) == len(self.result.checks) > 0
            and all(check.message.endswith("is not written yet") for check in failed)
        )

    @property
    def held(self) -> int:
        return sum(check.outcome is Outcome.PASSED for check in self.result.checks)


class OneWorker(Student):
    """One worker for all checks of an exercise: quick, and good enough where there are no marks.

    A module that did not load once is not tried again.
    """

    def __init__(self, runner: Runner, module: Module) -> None:
        refused: list[StudentError | StudentFailure] = []

        def connect() -> Connection:
            if refused:
                raise refused[0]
            try:
                return runner.connect(module)
            except (StudentError, StudentFailure) as problem:
                refused.append(problem)
                raise

        super().__init__(connect)

    def close(self) -> float:
        return 0.0

    def end(self) -> None:
        super().close()


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


def check_exercise(course: Course, exercise: Exercise) -> Checked:
    """The public checks of one exercise. Raises CourseError: its check file cannot be loaded."""
    suite = Suite(exercise, course.grading.seed, public=True)
    source = exercise.stub.read_bytes() if exercise.stub.is_file() else None
    if source is None:
        return Checked(exercise, Judge(suite, lambda code: None).grade(None))
    if len(source) > MAX_MODULE:
        blank = Judge(suite, lambda code: None).grade(None)
        said = f"{exercise.stub.name} has {len(source):,} bytes, at most {MAX_MODULE:,} can be handed in"
        return Checked(exercise, replace(blank, outcome=Outcome.FAILED, message=said))
    prints = Prints()
    with LocalRunner(prints) as runner:
        worker = OneWorker(runner, own_module(course, exercise, source))
        try:
            result = Judge(suite, lambda code: worker, 0).grade(source)
        finally:
            worker.end()
    return Checked(exercise, result, prints.text())


def own_module(course: Course, exercise: Exercise, source: bytes) -> Module:
    """The student's module; what it `uses` are the student's own files."""
    found = []
    for slug in exercise.uses:
        path = course.exercise(slug).stub
        code = path.read_bytes() if path.is_file() else b""
        found.append(Module(slug, code, path.name, exercise.limits, functions=_functions(code)))
    return Module(exercise.slug, source, exercise.stub.name, exercise.limits, tuple(found))


def _functions(source: bytes) -> tuple[str, ...]:
    """Names of the public functions; none where the file is no Python, so that importing from it fails."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ()
    return tuple(node.name for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"))
