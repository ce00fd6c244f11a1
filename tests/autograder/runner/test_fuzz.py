"""What the judge does with frames that no worker writes: 10,000 of them here, FUZZ_FRAMES of them in `make fuzz`.

Each goes the whole way of a reply: read, decoded, served, written back into the arguments, and then looked at as
checks look at a result. Nothing but the few errors that stand for a student's failure may come out, and the memory
that it takes stays within one message's cap.
"""

from __future__ import annotations

import os
import random
import resource
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import checks
from autograder.checks import CheckFailure
from autograder.diffusion.spies import ModelSpy, NoiseSpy
from autograder.judge.calls import Recorder
from autograder.runner import frames, peer
from autograder.runner.failures import StudentError, StudentFailure
from autograder.runner.frames import MAX_PAYLOAD
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.session import InProcess
from autograder.runner.student import Connection
from autograder.runner.values import Encoder

FRAMES = int(os.environ.get("FUZZ_FRAMES", "10000"))
MADE = FRAMES // 10  # by Hypothesis, which takes more time for each
TRACED = 300  # with every allocation followed, which takes more time still
NUMBER = 0  # every question's, as `predictable_numbers` has it
#: One message's arrays, once as bytes and once as what a check makes of them, and room for the rest.
PEAK_BYTES = 2 * MAX_PAYLOAD + (32 << 20)


class Fed:
    """A pipe that reads what an attacker wrote and forgets what the judge writes."""

    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data)

    def read(self, size: int) -> bytearray:
        if len(self.data) < size:
            raise EOFError
        read, self.data = bytearray(self.data[:size]), self.data[size:]
        return read

    def write(self, *parts: bytes | memoryview) -> None:
        pass


@pytest.fixture(autouse=True)
def predictable_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that forged replies get past the number of the question, to what lies behind it."""
    monkeypatch.setattr(peer.os, "urandom", lambda size: bytes(size))


def framed(header: bytes, buffers: list[bytes]) -> bytes:
    lengths = struct.pack(f"<{len(buffers)}Q", *map(len, buffers))
    return struct.pack("<4sIH", frames.MAGIC, len(header), len(buffers)) + lengths + header + b"".join(buffers)


def judged(data: bytes) -> str:
    """Call a student's function that answers `data`. Returns how it ended; raises what must not happen."""
    x, entries, rng = np.arange(12.0).reshape(3, 4), [1, {"a": np.zeros(2)}], np.random.default_rng(0)
    peer = JudgePeer(Fed(data))  # type: ignore[arg-type]
    connection = Connection(peer, lambda: 0.0)

    def call(*args: Any, **kwargs: Any) -> Any:
        return connection.guarded(lambda: peer.call(0, None, args, kwargs))

    recorder = Recorder(InProcess(SimpleNamespace(f=call)))
    np.random.seed(0)
    try:
        got = recorder.f(x, entries, rng, model=ModelSpy(lambda a, t: 0.5 * a, x.shape), noise=NoiseSpy(1))
    except (StudentFailure, StudentError, CheckFailure) as problem:
        return type(problem).__name__
    recorder.calls[0].text(), recorder.calls[0].outcome_text()
    assert all(len(looked(look, got)) < 10_000 for look in LOOKS)
    return "a value"


def looked(look: Callable[[Any], object], got: Any) -> str:
    """What a look at the result says, if it does not like it."""
    try:
        look(got)
    except CheckFailure as problem:
        return str(problem)
    return ""


LOOKS: list[Callable[[Any], object]] = [
    checks.as_array,
    checks.as_float,
    checks.as_int,
    checks.show,
    lambda got: checks.as_tuple(got, 2),
    lambda got: checks.assert_close(got, np.zeros((3, 4))),
    lambda got: checks.assert_equal(got, [1.0, 2.0]),
    lambda got: checks.assert_equal(got, "eps"),
    lambda got: checks.assert_dtype(got, np.float64),
]


# ------------------------------------------------------------------------------------ frames of a worker, and worse


def samples() -> list[tuple[list[Any], list[bytes]]]:
    """Messages that an honest worker could write: replies of every kind of value, calls, errors."""
    view = ["v", 0, 8, "<f8", [2, 3], [32, 8]]
    state = Encoder().tree(np.random.default_rng(1).bit_generator.state)
    global_state = ["t", ["a", "<u4", [624], 0, 3], 5, 0, 0.0]
    found: list[tuple[list[Any], list[bytes]]] = [
        (
            [NUMBER, "ok", [view, [[0, ["a", "<f8", [3, 4], 0, 3]]], [[1, ["l", 1, 2]]], [[0, state]], None]],
            [bytes(96)],
        ),
        ([NUMBER, "ok", [["v", 0], [], [], [], global_state]], [bytes(2496)]),
        ([NUMBER, "ok", [["h", False, 0, ""], [], [], [], None]], []),
        ([NUMBER, "ok", [["h", True, 3, "generator", ["normal"], state], [], [], [], None]], []),
        ([NUMBER, "err", ["ValueError", "Own", "a message", "line 1", 0]], []),
        ([5, "call", 0, None, ["l", ["a", "<f8", [3, 4], 0, 3], 2], ["d"], None], [bytes(96)]),
        ([5, "call", 1, "normal", ["l", 0.0, 1.0, ["t", 3, 4]], ["d", "size", 3], None], []),
        ([5, "call", 1, "standard_normal", ["l"], ["d", "size", 3, "dtype", ["y", "<f4", True]], None], []),
        ([NUMBER, "ok", [["h", False, 1, ""], [], [], [], None], [[1, 3]]], []),
        ([NUMBER, "err", ["ValueError", "Own", "a message", "line 1", 0], [[1, 512]]], []),
        ([5, "call", 1, "normal", ["l", ["l", ["h", False, 1, ""]]], ["d"], None, [[1, 2]]], []),
    ]
    for value in (1.5, [1, (2, 3)], {"a": {1, 2}}, np.float32(2), 1 << 90, 2j, b"x", "text", None, np.eye(3) > 0):
        encoder = Encoder()
        tree = encoder.tree(value)
        found.append(([NUMBER, "ok", [tree, [], [], [], None]], [bytes(b) for b in encoder.buffers]))
    return found


TAGS = ["l", "t", "d", "s", "f", "a", "v", "n", "i", "c", "b", "g", "h", "x", "y", "ok", "err", "call", "normal"]
DTYPES = ["<f8", "|b1", ">i2", "<c16", "|O8", "<U9", "<f16", "<M8[ns]", "f8", "V8"]
NUMBERS = [0, 1, -1, 2, 7, 255, 1 << 20, 1 << 31, 1 << 62, -(1 << 63), (1 << 64) - 1, 1.5, -0.0, 1e308]
ATOMS: list[Any] = [
    None,
    True,
    False,
    float("nan"),
    float("inf"),
    "",
    "x" * 300,
    b"",
    bytes(9),
    [],
    {},
    ["l"],
    {"a": 1},
]
ATOMS += TAGS + DTYPES + NUMBERS


def mutated(tree: Any, dice: random.Random) -> Any:
    """A tree with one of its parts replaced, repeated, removed, or nested in itself."""
    if not isinstance(tree, list) or not tree or dice.random() < 0.2:
        return dice.choice([dice.choice(ATOMS), [tree] * dice.randint(1, 3), ["l", tree], tree])
    copy, place = list(tree), dice.randrange(len(tree))
    match dice.randrange(8):
        case 0:
            del copy[place]
        case 1:
            copy.insert(place, dice.choice(ATOMS))
        case 2:
            copy *= dice.choice([2, 50])
        case 3:
            copy[place] = dice.choice(ATOMS)
        case _:
            copy[place] = mutated(copy[place], dice)
    return copy


def flipped(data: bytes, dice: random.Random) -> bytes:
    """Bytes changed, put in, or cut off."""
    found = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(found) + 1)
        match dice.randrange(4):
            case 0:
                found[place:place] = dice.randbytes(dice.randint(1, 8))
            case 1:
                del found[place : place + dice.randint(1, 8)]
            case _:
                found[place : place + 1] = dice.randbytes(1)
    return bytes(found)


def hostile_frames(count: int, seed: int) -> Iterator[bytes]:
    """Frames of a worker's with parts of the message changed, then perhaps bytes, perhaps a second frame behind."""
    dice, known = random.Random(seed), samples()
    for _ in range(count):
        message, buffers = dice.choice(known)
        for _ in range(dice.randint(0, 3)):
            message = mutated(message, dice)
        data = framed(msgspec.msgpack.encode(message), buffers)
        if dice.random() < 0.3:
            data = flipped(data, dice)
        if dice.random() < 0.5:
            honest, theirs = known[dice.randrange(4)]
            data += framed(msgspec.msgpack.encode(honest), theirs)
        yield data


def test_an_honest_frame_of_each_kind_is_understood() -> None:
    ends = {judged(framed(msgspec.msgpack.encode(message), buffers)) for message, buffers in samples()}
    assert ends == {"a value", "StudentValueError", "StudentDied"}  # a call alone is served, then nothing follows


def peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_mutated_frames_cost_the_student_only() -> None:
    ends: dict[str, int] = {}
    before = peak_kib()
    for data in hostile_frames(FRAMES - MADE - TRACED, seed=20_261_123):
        end = judged(data)
        ends[end] = ends.get(end, 0) + 1
    assert sum(ends.values()) == FRAMES - MADE - TRACED
    assert min(ends[end] for end in ("a value", "StudentBroke", "StudentDied")) > FRAMES // 100, ends
    assert peak_kib() - before < PEAK_BYTES >> 10


def test_no_mutated_frame_takes_more_memory_than_a_message_may() -> None:
    tracemalloc.start()
    try:
        for data in hostile_frames(TRACED, seed=20_261_124):
            judged(data)
        assert tracemalloc.get_traced_memory()[1] < PEAK_BYTES
    finally:
        tracemalloc.stop()


trees = st.recursive(
    st.sampled_from(ATOMS)
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=6) | st.builds(lambda t, rest: [t, *rest], st.sampled_from(TAGS), st.lists(inner))
    ),
    max_leaves=15,
)


@given(trees, st.lists(st.binary(max_size=64), max_size=3), st.booleans())
@settings(max_examples=MADE, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_frames_that_hypothesis_makes_cost_the_student_only(tree: Any, buffers: list[bytes], whole: bool) -> None:
    message = [NUMBER, "ok", tree if whole else [tree, [], [], [], None]]
    judged(framed(msgspec.msgpack.encode(message), buffers))


@pytest.mark.parametrize("member", [b"\x01", b"\x90", b"\x80", b"\xa1x", b"\xa2xy", msgspec.msgpack.encode(["v", 0])])
def test_the_widest_headers_are_refused_or_read_within_bounds(member: bytes) -> None:
    """As many members as a header can hold: of the smallest values, of empty lists, of the same array."""
    many = (frames.MAX_HEADER - 100) // len(member)
    packed = b"\xdd" + struct.pack(">I", many + 1) + b"\xa1l" + member * many
    before = peak_kib()
    assert judged(framed(b"\x93\x00\xa2ok\x95" + packed + b"\x90\x90\x90\xc0", [])) in ("a value", "StudentBroke")
    assert peak_kib() - before < 4 * MAX_PAYLOAD >> 10


@pytest.mark.parametrize("handle", [0, 1], ids=["a model", "a generator"])
def test_a_call_with_as_much_of_what_was_lent_as_a_header_holds_is_served_within_bounds(handle: int) -> None:
    member = msgspec.msgpack.encode(["h", False, 1, ""])
    many = (frames.MAX_HEADER - 100) // len(member)
    packed = b"\xdd" + struct.pack(">I", many + 1) + b"\xa1l" + member * many
    start = msgspec.msgpack.encode([5, "call", handle, "normal" if handle else None])[1:]
    before = peak_kib()
    assert judged(framed(b"\x97" + start + b"\x92\xa1l" + packed + b"\x91\xa1d\xc0", [])) == "StudentDied"
    assert peak_kib() - before < 4 * MAX_PAYLOAD >> 10
