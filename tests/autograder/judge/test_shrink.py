"""A counterexample is made smaller within a budget of calls, the same each time, and never one that holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import line_course as lines
import numpy as np
import pytest

from autograder.errors import GraderError
from autograder.judge.shrink import Asked, shrink
from autograder.judge.suite import Check, Suite
from autograder.judge.verdict import Failed, Judge, size_of
from autograder.results import Outcome
from autograder.runner.session import InProcess, none_opened


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    course = lines.make_course(tmp_path_factory.mktemp("course"))
    return Judge(Suite(course.exercise("01"), course.grading.seed), none_opened)


def in_part(x: Any) -> Any:
    """Wrong beyond a half only, so that some examples hold."""
    return 2 * x + 1.0 + (np.abs(x) > 0.5)


def start(judge: Judge, function: Callable[[Any], Any]) -> tuple[Check, dict[str, Any], bytes]:
    check = next(check for check in judge.suite.checks if check.is_property)
    frozen = judge.suite.shown(check)
    assert frozen is not None
    session = InProcess(SimpleNamespace(line=function))
    index = next(i for i, e in enumerate(frozen.examples) if judge.attempt(check, e, session) is not None)
    return check, frozen.examples[index], frozen.choices[index]


def shrunk(judge: Judge, function: Callable[[Any], Any], calls: int, seed: int = 0) -> tuple[dict[str, Any], int]:
    """The smallest example, and how often the student's code was asked."""
    check, example, choices = start(judge, function)
    asked = 0

    def counting(x: Any) -> Any:
        nonlocal asked
        asked += 1
        return function(x)

    session = InProcess(SimpleNamespace(line=counting))
    return shrink(check, example, choices, session, judge.attempt, calls, seed), asked


def test_the_smallest_that_fails_is_found_and_fails(judge: Judge) -> None:
    check, example, _ = start(judge, in_part)
    small, _ = shrunk(judge, in_part, 500)
    assert size_of(small) < size_of(example)
    assert judge.attempt(check, small, InProcess(SimpleNamespace(line=in_part))) is not None
    assert np.count_nonzero(small["x"]) == 1
    assert np.abs(small["x"]).max() == pytest.approx(33 / 64)  # the first beyond a half


def test_it_is_the_same_each_time(judge: Judge) -> None:
    one, other = (shrunk(judge, in_part, 60)[0]["x"] for _ in range(2))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("calls", [0, 1, 7, 30])
def test_no_more_calls_are_made_than_were_given(judge: Judge, calls: int) -> None:
    assert shrunk(judge, in_part, calls)[1] <= calls


def test_without_a_budget_the_example_is_the_one_that_failed(judge: Judge) -> None:
    _, example, _ = start(judge, in_part)
    assert np.array_equal(shrunk(judge, in_part, 0)[0]["x"], example["x"])


def test_who_ends_otherwise_meanwhile_ends_the_search(judge: Judge) -> None:
    """A worker that is lost is lost for one example only."""
    check, example, choices = start(judge, in_part)
    tries = 0

    def attempt(check: Check, example: dict[str, Any], session: Any) -> Failed | None:
        nonlocal tries
        tries += 1
        session.ask("line")
        return Failed(Outcome.TIMEOUT, "took too long", ended=True)

    small = shrink(check, example, choices, InProcess(SimpleNamespace(line=in_part)), attempt, 50, 0)
    assert tries == 1
    assert np.array_equal(small["x"], example["x"])


def test_a_fault_of_the_graders_comes_through(judge: Judge) -> None:
    check, example, choices = start(judge, in_part)

    def attempt(*_: Any) -> Failed | None:
        raise GraderError("no more workers")

    with pytest.raises(GraderError, match="no more workers"):
        shrink(check, example, choices, InProcess(SimpleNamespace(line=in_part)), attempt, 50, 0)


def test_only_runs_that_ask_the_student_count(tmp_path: Path) -> None:
    asked = Asked(InProcess(SimpleNamespace(line=in_part)))
    assert not asked.was_asked
    assert asked.line(0.0) == 1.0
    assert asked.was_asked
