"""The wire: what crosses, what does not, and what a hostile frame can do (nothing)."""

import contextlib
import math
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.runner import frames, values
from autograder.runner.frames import BlockingPipe, ProtocolError, Unsendable
from autograder.runner.peer import Peer
from autograder.runner.random_state import restore_generator
from autograder.runner.values import Decoder, Encoder


def there_and_back(value: Any) -> Any:
    encoder = Encoder()
    header = msgspec.msgpack.encode(encoder.tree(value))
    return Decoder(None, [memoryview(bytearray(b)) for b in encoder.buffers]).value(msgspec.msgpack.decode(header))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()
keys = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
arrays = hnp.arrays(
    st.sampled_from([np.bool_, np.int8, np.uint64, np.float16, np.float32, np.float64, np.complex128]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
anything = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner) | st.frozensets(keys) | st.sets(keys)
    ),
    max_leaves=10,
)


def alike(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray):
        return (
            isinstance(two, np.ndarray)
            and one.dtype == two.dtype
            and np.array_equal(one, two, equal_nan=one.dtype.kind in "fc")
        )
    if isinstance(one, list | tuple):
        return type(one) is type(two) and len(one) == len(two) and all(map(alike, one, two))
    if isinstance(one, dict):
        return isinstance(two, dict) and list(one) == list(two) and all(alike(one[k], two[k]) for k in one)
    return type(one) is type(two) and (one == two or (one != one and two != two))


@given(anything)
def test_plain_values_come_back_as_they_went(value: Any) -> None:
    assert alike(value, there_and_back(value)) or isinstance(value, complex)


@given(hnp.arrays(np.float64, (3, 4)))
def test_the_order_of_an_array_in_memory_does_not_matter(array: np.ndarray[Any, Any]) -> None:
    for view in (array.T, array[::2, ::-1], np.asfortranarray(array)):
        assert np.array_equal(there_and_back(view), view, equal_nan=True)


class Loud(float):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


def test_subclasses_arrive_as_their_base() -> None:
    got = there_and_back([Loud(1.5), np.float32(2.5), np.array([1.0]).view(np.matrix)])
    assert [type(entry) for entry in got] == [float, np.float32, np.ndarray]


def test_objects_arrive_as_a_name_only() -> None:
    got = there_and_back(object())
    assert isinstance(got, values.Opaque)
    assert np.asarray(got).dtype == object


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def cycle() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize("value", [nested(100_000), cycle(), {(1, 2): 3}, 1 << 5000, set(range(20_000))])
def test_what_is_too_deep_or_too_large_is_refused_by_the_sender(value: Any) -> None:
    with pytest.raises(Unsendable):
        Encoder().tree(value)


@pytest.mark.parametrize(
    "tree",
    [
        ["a", "<f8", [2], 0, 3],  # 16 bytes claimed, 8 there
        ["a", "<f8", [10**12], 0, 3],
        ["a", "<f8", [-1], 0, 3],
        ["a", "|O8", [1], 0, 3],
        ["a", "<U9", [1], 0, 3],
        ["a", "<f8", [1], 7, 3],
        ["a", "<f8", [1] * 40, 0, 3],
        ["a", "<f8", "x", 0, 3],
        ["v", 0],
        ["h", True, 0, "callable"],
        ["d", ["l"], 1],
        ["d", 1],
        ["s", ["t", 1]],
        ["i", "0x" + "f" * 5000],
        ["g", {"bit_generator": "os.system"}],
        ["n", "<f8", b""],
        ["b", 10**12],
        ["unknown"],
        [1, 2],
        [],
        {"a": 1},
    ],
)
def test_a_tree_that_no_encoder_writes_is_a_protocol_error(tree: Any) -> None:
    with pytest.raises(ProtocolError):
        Decoder(None, [memoryview(bytearray(8))]).value(tree)


class Bytes:
    """A pipe that reads from bytes and then ends."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int) -> bytearray:
        if len(self.data) < size:
            raise EOFError
        read, self.data = bytearray(self.data[:size]), self.data[size:]
        return read

    def write(self, *parts: bytes | memoryview) -> None:
        raise AssertionError("nothing to write")


@pytest.mark.parametrize(
    "frame",
    [
        b"XXXX" + bytes(6),
        b"AGR1" + (2**31).to_bytes(4, "little") + bytes(2),
        b"AGR1" + bytes(4) + (60_000).to_bytes(2, "little"),
        b"AGR1" + bytes(4) + (1).to_bytes(2, "little") + (10**12).to_bytes(8, "little"),
    ],
)
def test_a_frame_over_the_caps_is_refused_before_memory_is_taken(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        frames.read_frame(Bytes(frame))


def decode_all(data: bytes) -> None:
    """What the judge does with a reply, up to the value."""
    header, buffers = frames.read_frame(Bytes(data))
    message = frames.read_message(header)
    for part in message[2:]:
        Decoder(Peer(Bytes(b"")), buffers).value(part)


@given(st.binary(max_size=400))
@settings(max_examples=1000)
def test_random_bytes_never_crash_the_decoder(data: bytes) -> None:
    with pytest.raises((ProtocolError, EOFError)):
        decode_all(data)


@given(anything, st.data())
@settings(max_examples=500)
def test_a_mutated_frame_decodes_or_is_refused(value: Any, data: st.DataObject) -> None:
    encoder = Encoder()
    written: list[bytes] = []

    class Collect(Bytes):
        def write(self, *parts: bytes | memoryview) -> None:
            written.extend(bytes(part) for part in parts)

    try:
        frames.write_frame(Collect(b""), msgspec.msgpack.encode([1, "ok", encoder.tree(value)]), encoder.buffers)
    except Unsendable:
        return
    frame = bytearray(b"".join(written))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(frame) - 1))
        frame[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ProtocolError, EOFError):
        decode_all(bytes(frame))


def connected(serve: Callable[[Peer], None]) -> tuple[Peer, threading.Thread]:
    """Two peers in one process; the other side runs `serve` in a thread."""
    (r1, w1), (r2, w2) = os.pipe(), os.pipe()
    mine, theirs = Peer(BlockingPipe(r1, w2)), Peer(BlockingPipe(r2, w1))
    thread = threading.Thread(target=serve, args=(theirs,), daemon=True)
    thread.start()
    return mine, thread


def calls(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function that the other peer lent, over the wire."""

    def serve(peer: Peer) -> None:
        assert peer.lend(function)[2] == 0
        header, buffers = frames.read_frame(peer.pipe)
        peer.serve(frames.read_message(header), buffers)

    mine, thread = connected(serve)
    try:
        return mine.call(0, None, args, kwargs)
    finally:
        thread.join(5)


def test_an_edit_in_place_reaches_the_callers_array() -> None:
    x = np.zeros(3)
    assert calls(lambda a: a.__setitem__(1, 5.0), x) is None
    assert x.tolist() == [0.0, 5.0, 0.0]


def test_an_edited_list_and_dict_reach_the_caller() -> None:
    entries, params = [1], {"w": np.zeros(2)}
    calls(lambda a, p: (a.append(2), p.update(w=np.ones(2), b=1)), entries, p=params)
    assert entries == [1, 2]
    assert params["w"].tolist() == [1.0, 1.0]
    assert params["b"] == 1


def test_a_returned_argument_is_the_callers_own_object() -> None:
    x = np.arange(6.0)
    assert calls(lambda a: a, x) is x
    view = calls(lambda a: a[2:5:2], x)
    assert np.shares_memory(view, x)
    assert view.tolist() == [2.0, 4.0]
    assert not np.shares_memory(calls(lambda a: a.copy(), x), x)


def test_a_generator_advances_and_a_subclass_is_served() -> None:
    rng, twin = np.random.default_rng(3), np.random.default_rng(3)
    assert np.array_equal(calls(lambda g: g.normal(size=4), rng), twin.normal(size=4))
    assert rng.normal() == twin.normal()

    class Fixed(np.random.Generator):
        def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
            return np.full(size, 7.0)

    assert calls(
        lambda g: isinstance(g, np.random.Generator) and g.normal(size=2), Fixed(np.random.PCG64())
    ).tolist() == [7, 7]


def test_callables_cross_both_ways_and_back_home() -> None:
    def model(x: float) -> float:
        return 2 * x

    result, same = calls(lambda f: (f(3), f), model)
    assert result == 6
    assert same is model


def test_an_error_keeps_its_builtin_class_and_message() -> None:
    class Own(KeyError):
        pass

    def fails() -> None:
        raise Own("nothing here")

    with pytest.raises(KeyError, match="nothing here"):
        calls(fails)


def test_a_handle_that_was_never_given_out_is_refused() -> None:
    with pytest.raises(ProtocolError):
        Peer(Bytes(b"")).own(3)
    with pytest.raises(ProtocolError):
        Peer(Bytes(b"")).own(-1)


def test_a_shared_view_out_of_bounds_is_refused() -> None:
    base = np.zeros(4)
    for offset, shape, strides in [(0, [5], [8]), (-8, [1], [8]), (24, [2], [8]), (0, [2], [10**12])]:
        with pytest.raises(ProtocolError):
            Decoder(None, [], [base]).value(["v", 0, offset, "<f8", shape, strides])


def test_nan_and_infinities_cross() -> None:
    got = there_and_back([math.nan, math.inf, -math.inf])
    assert math.isnan(got[0])
    assert got[1:] == [math.inf, -math.inf]


@pytest.mark.parametrize("dtype", [np.float32, np.dtype("i4"), float, int, np.bool_])
def test_dtypes_cross(dtype: Any) -> None:
    got = there_and_back(dtype)
    assert np.dtype(got) == np.dtype(dtype)
    assert isinstance(got, type) == isinstance(dtype, type)


def _states_beside_the_numbers() -> Iterator[dict[str, Any]]:
    for position in (-1, 625, 100_000, (1 << 31) - 10):
        state: Any = np.random.MT19937(0).state
        state["state"]["pos"] = position
        yield state
    for position in (-50, 5, 1 << 30):
        state = np.random.Philox(0).state
        state["buffer_pos"] = position
        yield state


@pytest.mark.parametrize("state", list(_states_beside_the_numbers()), ids=lambda state: str(state["bit_generator"]))
def test_a_random_state_cannot_point_beside_its_numbers(state: dict[str, Any]) -> None:
    kind = getattr(np.random, state["bit_generator"])
    kind(0).state = state  # numpy takes it, and reads there
    with pytest.raises(ProtocolError, match="beside its numbers"):
        restore_generator(state)


@pytest.mark.parametrize("name", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_a_generator_goes_on_where_it_was(name: str) -> None:
    generator = np.random.Generator(getattr(np.random, name)(3))
    generator.integers(0, 9, 1000)
    assert restore_generator(generator.bit_generator.state).random() == generator.random()


def test_an_array_without_entries_counts_for_what_goes_through_it() -> None:
    for shape in ((1 << 26, 0), (0, 1 << 13, 1 << 13)):
        with pytest.raises(Unsendable, match="too large to send"):
            Encoder().tree(np.empty(shape))
        with pytest.raises(ProtocolError):
            Decoder(None, [memoryview(bytearray())]).value(["a", "<f8", list(shape), 0, 3])
    assert Encoder().tree(np.empty((1000, 0)))[2] == [1000, 0]
