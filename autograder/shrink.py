"""A smaller counterexample, found by Hypothesis within a budget of calls, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis.errors import UnsatisfiedAssumption

from autograder.results import Outcome
from autograder.suite import Check, Example, fresh, swapped_inner


class _Spent(BaseException):
    """The budget is used up. Hypothesis lets it through."""


def shrink(
    check: Check,
    start: Example,
    session: Any,
    attempt: Callable[[Check, Example, Any], Any],
    calls: int,
    seed: int,
) -> Example:
    """The smallest failing example that Hypothesis finds in at most `calls` runs of the check; else `start`.

    Hypothesis draws as it did when the examples were frozen, finds the failure again and shrinks it. Only runs
    that the student's code has to answer count.
    """
    best = start
    left = calls

    def run(**kwargs: Any) -> None:
        nonlocal best, left
        if left <= 0:
            raise _Spent
        left -= 1
        example = {key: value for key, value in kwargs.items() if key != "submission"}
        kept = fresh(example)
        failed = attempt(check, example, session)
        if failed is None:
            return
        if failed.outcome is not Outcome.FAILED or failed.ended:
            raise _Spent
        best = kept
        raise AssertionError("the law does not hold")

    with swapped_inner(check, run):
        try:
            hypothesis.seed(seed)(check.function)(submission=session)
        except (_Spent, AssertionError, UnsatisfiedAssumption):
            pass
        except hypothesis.errors.HypothesisException:
            pass  # a flaky student: the smallest failure seen still stands
    return best
