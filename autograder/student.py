"""What a student runs at work: the public checks on the files in place, without lock-down and without marks."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from autograder.course import Course, Exercise
from autograder.judge import Judge
from autograder.reports import terminal
from autograder.results import ExerciseResult, Outcome
from autograder.runner.process import LocalRunner, Module, Runner
from autograder.suite import Suite


def check(course: Course, exercises: Iterable[Exercise], console: Console) -> int:
    """Print the state of each exercise. Returns 0 when all their public checks pass, else 1."""
    results = []
    with LocalRunner() as runner:
        for exercise in exercises:
            results.append(check_one(exercise, runner))
            terminal.print_exercise(results[-1], console)
    console.print()
    console.print("unverified self-check: public checks only, no marks", style="dim")
    return int(any(result.outcome is not Outcome.PASSED for result in results))


def check_one(exercise: Exercise, runner: Runner) -> ExerciseResult:
    """The public checks of one exercise on the module in place."""
    judge = Judge(Suite(exercise, public=True), lambda source: runner.open(own_module(exercise, source)), 0)
    return judge.grade(exercise.stub.read_bytes() if exercise.stub.is_file() else None)


def own_module(exercise: Exercise, source: bytes) -> Module:
    """The student's module; what it `uses` are the student's own files."""
    from autograder.runner.process import module_of

    return module_of(exercise, source)
