"""What is used of Hypothesis behind its interface: a version that has lost a name, or means something else by it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import Phase, event, given, note, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from autograder.checks import check
from autograder.errors import CourseError
from autograder.judge.examples import draw
from autograder.judge.hypothesis_internals import (
    Through,
    choices_made,
    inner_of,
    no_draw,
    require_known,
    running,
    settings_of,
)


@check(points=1, hint="none")
@given(x=st.floats(0, 1e6), n=st.integers(0, 10**9))
def a_property(submission: Any, x: float, n: int) -> None:
    """A law."""


@contextmanager
def loaded(constants: list[float | int]) -> Iterator[None]:
    """Make Hypothesis's pool of local constants these, in the way of Hypothesis's own."""
    pool = type(providers.GLOBAL_CONSTANTS)()
    for constant in constants:
        pool.add(constant)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", lambda: pool)
        patch.setattr(providers, "CONSTANTS_CACHE", type(providers.CONSTANTS_CACHE)(1024))
        yield


def drawn(run: Callable[[], object], constants: set[float | int]) -> list[float | int]:
    """The examples' values that are among the constants, after `run`."""
    values: list[float | int] = []

    def keep(submission: Any, x: float, n: int) -> None:
        values.extend(v for v in (x, n) if v in constants)

    handle = a_property.hypothesis  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handle, "inner_test", keep)
        run()
    return values


def test_constants_of_loaded_modules_stay_out_and_only_while_examples_are_drawn() -> None:
    """Also where Hypothesis has met the same strategy before, with the constants; and it finds them again later."""
    chance = random.Random(4)
    constants = {chance.uniform(0, 1e6) for _ in range(50)} | {chance.randrange(10**9) for _ in range(50)}
    with loaded(sorted(constants)):
        assert drawn(lambda: a_property(submission=None), constants), "Hypothesis mixes none in: is this still needed?"
        assert not drawn(lambda: draw(a_property, None, 3), constants)
        assert drawn(lambda: a_property(submission=None), constants)
        gather = providers._get_local_constants
        with running(a_property, lambda **kwargs: 1 / 0), pytest.raises(ZeroDivisionError):
            a_property(submission=None)
        assert providers._get_local_constants is gather


def test_this_version_of_hypothesis_has_the_names() -> None:
    """Fails when Hypothesis has moved them: find where it gathers constants now, before it is pinned anew."""
    require_known()


@pytest.mark.parametrize("name", ["_get_local_constants", "CONSTANTS_CACHE", "GLOBAL_CONSTANTS"])
def test_a_version_without_them_gives_no_examples_to_grade_by(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(providers, name)
    with pytest.raises(CourseError, match=rf"Hypothesis .* has no .*{name}.*constraints\.txt"):
        draw(a_property, None, 3)
    with running(a_property, lambda **kwargs: None):  # a student's own `check` goes on
        pass


# --- the rest of it ---------------------------------------------------------------------------------------


def test_the_inner_of_a_property_is_what_given_was_put_on_and_of_a_plain_test_itself() -> None:
    assert inner_of(a_property)(submission=None, x=1.0, n=2) is None  # type: ignore[func-returns-value]
    assert inner_of(len) is len


def test_another_inner_and_other_settings_stand_for_the_block_only() -> None:
    seen: list[bytes] = []
    inner, used = inner_of(a_property), settings_of(a_property)
    few = settings(used, max_examples=3, phases=[Phase.generate])
    with running(a_property, lambda **kwargs: seen.append(choices_made()), few) as function:
        function(submission=None)
    assert len(seen) == 3
    assert len(set(seen)) > 1, "what was chosen tells one example from another"
    assert inner_of(a_property) is inner
    assert settings_of(a_property) is used


def test_what_goes_through_is_neither_tried_again_nor_shrunk() -> None:
    calls = []

    def fails(**kwargs: Any) -> None:
        calls.append(kwargs)
        raise Through(ValueError("the grader's own"))

    with running(a_property, fails), pytest.raises(Through) as carried:
        a_property(submission=None)
    assert str(carried.value.problem) == "the grader's own"
    assert len(calls) == 1


def test_a_replayed_example_may_note_and_count() -> None:
    with no_draw(a_property):
        note("seen")
        event("counted")
