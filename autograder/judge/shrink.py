"""A smaller counterexample, found by Hypothesis within a budget of calls, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import hypothesis
from hypothesis import Phase, settings
from hypothesis.database import ExampleDatabase
from hypothesis.errors import UnsatisfiedAssumption

from autograder.errors import GraderError
from autograder.judge.examples import Example, fresh
from autograder.judge.hypothesis_internals import Through, choices_made, running, settings_of
from autograder.judge.suite import Check
from autograder.results import Outcome
from autograder.runner.session import Before, Session


class _Spent(BaseException):
    """The budget is used up. Hypothesis lets it through."""


class _Start(ExampleDatabase):
    """Hands Hypothesis one failing example, so that it shrinks at once and generates nothing."""

    def __init__(self, choices: bytes) -> None:
        super().__init__()
        self._choices = choices

    def fetch(self, key: bytes) -> Iterable[bytes]:
        # What lies in the primary corpus counts as shrunk already.
        return (self._choices,) if key.endswith(b".secondary") else ()

    def save(self, key: bytes, value: bytes) -> None:
        """Nothing is kept."""

    def delete(self, key: bytes, value: bytes) -> None:
        """Nothing is kept."""


class Asked(Before):
    """Stands before a session and tells whether a check got as far as to ask it anything."""

    was_asked = False

    def ask(self, name: str) -> Any:
        self.was_asked = True
        return super().ask(name)


def shrink(
    check: Check,
    start: Example,
    choices: bytes,
    session: Session,
    attempt: Callable[[Check, Example, Session], Any],
    calls: int,
    seed: int,
) -> Example:
    """The smallest failing example that Hypothesis finds from `start` in at most `calls` runs of the check.

    Raises GraderError when `attempt` does. To Hypothesis that would be one more failure, and a flaky one.
    `choices` are those that drew `start`. Only runs that the student's code has to answer count, each once.
    """
    best = start
    left = calls
    known = {choices: True}  # choices: whether the law breaks there

    def breaks(example: Example) -> bool:
        nonlocal best, left
        if left <= 0:
            raise _Spent
        kept, asked = fresh(example), Asked(session)
        try:
            failed = attempt(check, example, asked)
        except GraderError as problem:
            raise Through(problem) from None
        left -= asked.was_asked
        if failed is None or failed.rejected:
            return False
        if failed.outcome is not Outcome.FAILED or failed.ended:
            raise _Spent
        best = kept
        return True

    def run(**kwargs: Any) -> None:
        key = choices_made()
        if key not in known:
            known[key] = breaks({name: value for name, value in kwargs.items() if name != "submission"})
        if known[key]:
            raise AssertionError("the law does not hold")

    function = hypothesis.seed(seed)(check.function)
    used = settings(
        settings_of(function), phases=[Phase.reuse, Phase.shrink], derandomize=False, database=_Start(choices)
    )
    try:
        with running(function, run, used):
            function(submission=None)  # `run` asks the session
    except Through as carried:
        raise carried.problem from None
    except (_Spent, AssertionError, UnsatisfiedAssumption):
        pass
    except hypothesis.errors.HypothesisException:
        pass  # a flaky student: the smallest failure seen still stands
    return best
