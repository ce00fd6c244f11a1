"""What is kept of a call: spies tell what was done with them, whatever their subject."""

import numpy as np

from autograder.checks import Spy
from autograder.judge.calls import Call, agree


class Scale(Spy):
    """Weighs what it is given, and counts how often."""

    label = "scale"

    def __init__(self) -> None:
        self.weighed = 0

    def __call__(self, x: object) -> float:
        self.weighed += 1
        return float(np.sum(np.asarray(x)))

    @property
    def nbytes(self) -> int:
        return 1000

    def effect(self) -> object:
        return self.weighed


class Resembles:
    """A student's object."""

    label, nbytes = "scale", 1 << 40

    def effect(self) -> object:
        raise AssertionError("nobody asks it")


def called(times: int, spy: object) -> Call:
    call = Call("weigh", (spy,), {})
    call.run(lambda scale: [scale(np.ones(2)) for _ in range(times)] and 2.0, (spy,), {})
    return call


def test_a_spy_is_named_weighed_and_tells_what_was_done_with_it() -> None:
    once, again, twice = called(1, Scale()), called(1, Scale()), called(2, Scale())
    assert once.text() == "weigh(scale)"
    assert once.all_bytes >= 1000
    assert agree(once, again)
    assert not agree(once, twice)


def test_what_only_resembles_a_spy_is_not_asked() -> None:
    call = Call("f", (), {})
    call.result = Resembles()
    assert call.all_bytes < 1000
