"""A student who learns answers instead of the law: what feedback, round after round, gives them.

Each round they hand in a table of the inputs that feedback has shown so far, each with its right answer. This one
has it as good as can be: they find the right answer to every input that they see, know the shape of every other, and
make their code say as much as an error's text holds of all inputs that it was asked about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.authoring.audit import quiet
from autograder.course import Course
from autograder.judge.calls import Call
from autograder.judge.examples import fresh
from autograder.judge.suite import Suite
from autograder.judge.verdict import UNSHOWN, Judge
from autograder.results import ExerciseResult, Outcome
from autograder.runner.failures import StudentError
from autograder.runner.session import InProcess

#: What a worker lets through of an error's text.
MOST_TEXT = 4000
#: Where feedback told of the examples that decide, this earned 4 of 5 points of exercise 05; 34 rounds earned all.
ROUNDS = 17


class Unwritten(StudentError, NotImplementedError):
    """A stub's own error, but for what it says."""


@dataclass
class Crammer:
    """The student. `answers` are those that they know, `asked` what their code was asked and does not know."""

    reference: Any
    error: type[Exception]
    answers: dict[str, Callable[[], Any]] = field(default_factory=dict)
    asked: dict[str, Callable[[], Any]] = field(default_factory=dict)

    def module(self) -> SimpleNamespace:
        """What they hand in, in a fresh process: it remembers nothing of the one before."""
        seen: list[str] = []
        return SimpleNamespace(**{name: self._answering(name, f, seen) for name, f in self._functions()})

    def _functions(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        for name, value in vars(self.reference).items():
            if callable(value) and not name.startswith("_") and not isinstance(value, type):
                yield name, value

    def _answering(self, name: str, function: Callable[..., Any], seen: list[str]) -> Callable[..., Any]:
        def answer(*args: Any, **kwargs: Any) -> Any:
            text = Call(name, args, kwargs).text()
            if text in self.answers:
                return self.answers[text]()
            self.asked[text] = _outcome(function, args, kwargs)
            if text not in seen:
                seen.append(text)
            raise self.error("\n".join(seen)[:MOST_TEXT])

        return answer

    def read(self, result: ExerciseResult) -> None:
        """Look up what the feedback shows."""
        for check in result.checks:
            shown = [check.message, check.counterexample.call if check.counterexample else ""]
            for text in "\n".join(shown).splitlines():
                call = re.sub(r"^raised \w+: ", "", text)
                if call in self.asked:
                    self.answers[call] = self.asked[call]


def _outcome(function: Callable[..., Any], args: Any, kwargs: Any) -> Callable[[], Any]:
    """The right answer, to be given whenever it is asked for."""
    with np.errstate(all="ignore"):
        try:
            result = function(*fresh(args), **fresh(kwargs))
        except Exception as problem:
            error = type(problem)(*problem.args)

            def raises() -> Any:
                raise error

            return raises
    return lambda: fresh(result)


def learned(suite: Suite, rounds: int, error: type[Exception]) -> tuple[list[float], ExerciseResult]:
    """The points after each round, the first before any feedback; and the last result."""
    student = Crammer(suite.reference, error)
    points = []
    with quiet():
        judge = Judge(suite, lambda source: InProcess(student.module()))
        for _ in range(rounds + 1):
            result = judge.grade(b"")
            assert result.points is not None
            points.append(result.points)
            student.read(result)
    return points, result


@pytest.mark.parametrize("error", [StudentError, Unwritten])
def test_a_table_of_answers_earns_what_has_fixed_inputs_and_no_law(course: Course, error: type[Exception]) -> None:
    """Public checks stand in the open, and a plain hidden check asks the same of everyone; all else needs the law."""
    suite = Suite(course.exercise("05"), course.grading.seed)
    points, last = learned(suite, ROUNDS, error)
    fixed = {check.name: check.info.points for check in suite.checks if not check.is_property}
    assert points[0] == 0
    assert points[-1] <= sum(fixed.values()) <= 1.5
    assert {check.name for check in last.checks if check.outcome is Outcome.PASSED} <= fixed.keys()


def test_what_decides_stays_unsaid_where_the_explanation_fails(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student may make it fail: by memory, say."""
    suite = Suite(course.exercise("05"), course.grading.seed)
    student = Crammer(suite.reference, StudentError)
    judge = Judge(suite, lambda source: InProcess(student.module()))
    monkeypatch.setattr(judge, "_show", lambda *args: 1 / 0)
    with quiet():
        result = judge.grade(b"")
    properties = {check.name for check in suite.checks if check.is_property}
    assert {check.message for check in result.checks if check.name in properties} == {UNSHOWN}
    assert any("not explained" in flag for flag in result.flags)
