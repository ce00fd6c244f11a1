"""What is kept of a call: spies tell what was done with them, whatever their subject."""

from types import SimpleNamespace

import numpy as np

from autograder.checks import Spy
from autograder.judge.calls import MAX_KEPT_ENTRIES, Call, Recorder, TooLarge, agree
from autograder.runner.session import InProcess


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


def test_a_spy_in_a_result_is_neither_copied_nor_weighed_each_time_that_it_stands_there() -> None:
    spy, noise, array = Scale(), np.random.default_rng(1), np.ones(2)
    call = Call("f", (), {})
    call.run(lambda: [array, {"a": (spy, noise)}, *[spy] * 500], (), {})
    array[0] = 5.0
    kept, inside, *many = call.result
    assert kept.tolist() == [1.0, 1.0]
    assert inside["a"][0] is spy
    assert inside["a"][1] is noise
    assert all(entry is spy for entry in many)
    assert 1000 < call.kept_bytes < 100_000


def test_of_long_lists_no_more_is_kept_than_can_be_looked_at() -> None:
    recorder = Recorder(InProcess(SimpleNamespace(f=lambda count: {"a": [[0] * count, np.zeros(count)]})))
    for count in (MAX_KEPT_ENTRIES // 2, MAX_KEPT_ENTRIES, 10):
        recorder.f(count)
    kept, dropped, short = (call.result for call in recorder.calls)
    assert len(kept["a"][0]) == MAX_KEPT_ENTRIES // 2
    assert isinstance(dropped, TooLarge)
    assert len(short["a"][0]) == 10


def test_what_only_resembles_a_spy_is_not_asked() -> None:
    call = Call("f", (), {})
    call.result = Resembles()
    assert call.all_bytes < 1000
