"""Edits of a check's arguments are undone, whatever they are made to; what was returned stays as it was returned."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import unchanged
from autograder.judge.undo_edits import Shield, changeable, copied, was_edited
from autograder.runner.failures import StudentBroke
from autograder.runner.frames import Unsendable, direct_pair, receive
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.session import InProcess
from autograder.runner.student import Connection, Student
from autograder.runner.worker import StudentPeer


def in_process(function: Any, **more: Any) -> Shield:
    return Shield(InProcess(SimpleNamespace(f=function, **more)))


def over_the_wire(function: Any, kind: type[StudentPeer] = StudentPeer, **more: Any) -> Shield:
    """The same, asked through both ends of the wire."""
    mine, theirs = direct_pair()
    judge, student = JudgePeer(mine), kind(theirs)
    student.module = ModuleType("work")
    vars(student.module).update(more, f=function)
    mine.serve = lambda: judge.serve(*receive(mine))
    theirs.serve = lambda: student.answer(*receive(theirs))
    return Shield(Student(lambda until: Connection(judge, lambda: 0.0)))


roads = pytest.mark.parametrize("shielded", [in_process, over_the_wire])
Road = Callable[..., Shield]


def spoil(place: Any) -> None:
    """Change everything that can be changed."""
    for each in list(changeable([place])):
        if isinstance(each, np.ndarray):
            each[...] = 7
        elif isinstance(each, list):
            each.append("spoilt")
        elif isinstance(each, dict):
            each["spoilt"] = 1
        else:
            each.add("spoilt")


ARRAYS = st.builds(lambda n: np.arange(float(n)), st.integers(1, 4))
VALUES = st.recursive(
    ARRAYS | st.integers() | st.text(max_size=3) | st.sets(st.integers(-9, 9), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3) | st.tuples(inner)
    ),
    max_leaves=6,
)


@roads
@given(value=VALUES)
def test_whatever_is_edited_is_as_before_afterwards(shielded: Road, value: Any) -> None:
    before = repr(value)
    shielded(lambda x: spoil(x)).f(value)
    assert repr(value) == before


@given(VALUES)
def test_what_is_not_edited_is_not_said_to_be(value: Any) -> None:
    places = list(changeable([value]))
    kept = [copied(place) for place in places]
    assert not any(map(was_edited, places, kept))
    spoil(value)
    assert all(map(was_edited, places, kept)) or not places or all(getattr(p, "size", 1) == 0 for p in places)


@roads
def test_an_error_undoes_the_edits_too(shielded: Road) -> None:
    def fail(x: Any) -> None:
        x += 1
        raise KeyError("no")

    x = np.zeros(2)
    with pytest.raises(KeyError):
        shielded(fail).f(x)
    assert x.tolist() == [0, 0]


class Forger(StudentPeer):
    """Tells of an edit, and then of one of an argument that it never had."""

    def _reply(self, *parts: Any) -> Any:
        (tree, arrays, *rest), encoder = super()._reply(*parts)
        return [tree, [*arrays, [99, arrays[0][1]]], *rest], encoder


def test_a_reply_that_breaks_off_undoes_the_edits_too() -> None:
    """Else who breaks the wire on purpose edits an array that belongs to a check file, for the next student."""
    x = np.zeros(2)
    with pytest.raises(StudentBroke):
        over_the_wire(spoil, Forger).f(x)
    assert x.tolist() == [0, 0]


def test_a_call_that_cannot_be_sent_undoes_nothing_of_the_call_before() -> None:
    work, x, deep = over_the_wire(lambda x, more=None: spoil(x)), np.zeros(2), []
    work.f(x)
    x[:] = 3  # the check's own
    for _ in range(100):
        deep = [deep]
    with pytest.raises(Unsendable):
        work.f(x, deep)
    assert x.tolist() == [3, 3]


@roads
def test_an_array_that_is_given_twice_is_as_before(shielded: Road) -> None:
    """Over the wire each place is edited by itself: the second edit finds what the first one left."""

    def edit(one: Any, other: Any, part: Any) -> None:
        spoil(one)
        other.fill(5)
        part.fill(6)

    x = np.zeros(3)
    shielded(edit).f(x, x, x[1:])
    assert x.tolist() == [0, 0, 0]


def test_an_error_leaves_what_was_edited_after_a_call_in_between() -> None:
    """The lent function asks the module, and then writes where the module wrote: that is the check's own."""
    y = np.zeros(2)

    def write() -> None:
        work.spoil(y)
        y[:] = 3

    def fail(lent: Any) -> None:
        lent()
        raise KeyError("no")

    work = over_the_wire(fail, spoil=spoil)
    with pytest.raises(KeyError):
        work.f(write)
    assert y.tolist() == [3, 3]


@roads
def test_a_result_that_is_the_edited_argument_stays_what_was_returned(shielded: Road) -> None:
    def double(x: Any) -> Any:
        x *= 2
        return {"x": x, "both": (x, [x])}

    x = np.ones(2)
    got = shielded(double).f(x)
    assert x.tolist() == [1, 1]
    assert got["x"].tolist() == got["both"][0].tolist() == got["both"][1][0].tolist() == [2, 2]


@roads
def test_an_array_that_a_check_watches_is_left_to_the_check(shielded: Road) -> None:
    x, y = np.zeros(2), np.zeros(2)
    with pytest.raises(Exception, match="x was edited in place"), unchanged(x=x):
        shielded(lambda x, y: (spoil(x), spoil(y))).f(x, y)
    assert (x.tolist(), y.tolist()) == ([0, 0], [0, 0])


def test_constants_and_classes_pass_as_they_are() -> None:
    shield = in_process(len, TARGET="eps", Net=dict)
    assert (shield.TARGET, shield.Net) == ("eps", dict)
