"""What starts workers for modules, and which of them this machine can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autograder.course import Course, Exercise, Given
from autograder.runner import machine
from autograder.runner.local import LocalRunner
from autograder.runner.locked import ZygoteRunner
from autograder.runner.student import Module, Runner, Student

#: By level of lock-down. Each passes the contract of tests/autograder/runner/test_workers.py.
RUNNERS: dict[str, Callable[[Given], Runner]] = {
    "strict": lambda given: ZygoteRunner("strict", given=given),
    "basic": lambda given: ZygoteRunner("basic", given=given),
    "none": lambda given: LocalRunner(given=given),
}


def module_of(exercise: Exercise, source: bytes) -> Module:
    """The job of running a submission of this exercise, with the references that it may use."""
    from autograder.sources import used_references

    uses = tuple(
        Module(slug, path.read_bytes(), path.name, exercise.limits, functions=names)
        for slug, path, names in used_references(exercise)
    )
    return Module(exercise.slug, source, exercise.stub.name, exercise.limits, uses)


@contextmanager
def open_student(course: Course, exercise: Exercise, source: bytes) -> Iterator[Student]:
    """One student, in a runner of its own, locked down as far as this machine can."""
    with RUNNERS[machine.probe().level](course.given) as runner, runner.open(module_of(exercise, source)) as student:
        yield student
