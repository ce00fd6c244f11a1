"""The wire between judge and worker: frames, plain values, and calls in both directions. Never pickle.

A frame is `magic | u32 header length | u16 buffers | u64 lengths | msgpack header | raw buffers`. Both sides
run the same `Peer`: while it waits for the reply to its own call it serves the other side's calls, so that a
model can go into a student's sampler and a student's function into the judge's probe.

What the judge decodes was written by a process that it does not trust. Every size is checked before memory
is taken, every failure is a ProtocolError, and nothing is ever looked up by a name that came over the wire,
other than in the fixed tables below.
"""

from __future__ import annotations

import builtins
import ctypes
import math
import os
import re
import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NoReturn, Protocol, Union

import msgspec
import numpy as np
from msgspec.msgpack import Ext

MAGIC = b"AGR1"
MAX_HEADER = 1 << 20
MAX_BUFFERS = 4096
MAX_PAYLOAD = 64 << 20  # bytes of one message's arrays, each entry counted as the 8 bytes that it may become
MAX_DIMS = 32
MAX_NESTING = 50
MAX_MEMBERS = 10_000  # of a dict or set: colliding keys cost the judge quadratic time
MAX_INT_BITS = 4096
MAX_TEXT = 4000
MAX_CALL_DEPTH = 8
#: Up to so many bytes a copy costs less than one more system call or view.
SMALL = 1 << 16
MAX_GENERATORS = 100  # of one message, whose states are looked at again after it; of the other side that are remembered

_HEAD = struct.Struct("<4sIH")
_DTYPE = re.compile(r"[<>|]?(b1|i[1248]|u[1248]|f[248]|c(8|16))\Z")
_SCALARS = (type(None), bool, int, float, str)
_PLAIN_TYPES: tuple[Any, ...] = (bool, int, float, complex)
_BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
#: Public methods of a Generator: what a served generator can be asked for.
GENERATOR_METHODS = frozenset(
    name for name in dir(np.random.Generator) if not name.startswith("_") and name not in ("bit_generator", "spawn")
)


class ProtocolError(Exception):
    """The other side broke the protocol; it cannot be trusted with another frame."""


class Gone(Exception):
    """The other side can answer no more: it died, hung, or was cut off."""


class Unsendable(ValueError):
    """A value that does not cross: an object, a deep or too large structure. Said to whoever sent it."""


class Stale(RuntimeError):
    """A function of a call that is over was called."""


class HungUp(EOFError):
    """The other side is gone. Not any EOFError: students' code raises those as well, with `input()`."""


class Pipe(Protocol):
    """What a Peer needs of a transport. Both may raise EOFError when the other side is gone."""

    def read_into(self, view: memoryview) -> None: ...
    def write(self, *parts: bytes | memoryview) -> None: ...


class BlockingPipe:
    """A pair of file descriptors. Small reads are served from one larger read."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self.read_fd, self.write_fd = read_fd, write_fd
        self._chunk, self._at = b"", 0  # what was read last, and how far it was used

    def read_into(self, view: memoryview) -> None:
        while len(view) > len(self._chunk) - self._at:
            rest = self._chunk[self._at :]
            view[: len(rest)] = rest
            view = view[len(rest) :]
            self._chunk, self._at = self._read(max(min(len(view), 1 << 20), SMALL)), 0
            if not self._chunk:
                raise HungUp
        end = self._at + len(view)
        view[:] = self._chunk[self._at : end]
        self._at = end

    def write(self, *parts: bytes | memoryview) -> None:
        if sum(map(len, parts)) <= SMALL:
            parts = (b"".join(parts),)  # one system call for the many small frames
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[self._write(view[: 1 << 20]) :]

    def _read(self, size: int) -> bytes:
        return os.read(self.read_fd, size)

    def _write(self, view: memoryview) -> int:
        return os.write(self.write_fd, view)


def check_frame(header: bytes, buffers: Sequence[bytes | memoryview]) -> list[int]:
    """The sizes of the buffers. Raises Unsendable when the frame is over a cap."""
    sizes = [len(buffer) for buffer in buffers]
    if len(header) > MAX_HEADER:
        raise Unsendable("the values are too large to send; use numpy arrays for many numbers")
    if len(buffers) > MAX_BUFFERS or sum(sizes) > MAX_PAYLOAD:
        raise Unsendable(f"the arrays are too large to send: {sum(sizes)} bytes, at most {MAX_PAYLOAD}")
    return sizes


def write_frame(pipe: Pipe, header: bytes, buffers: Sequence[bytes | memoryview]) -> None:
    """Raises Unsendable when the frame is over a cap."""
    sizes = check_frame(header, buffers)
    head = _HEAD.pack(MAGIC, len(header), len(buffers)) + struct.pack(f"<{len(sizes)}Q", *sizes)
    pipe.write(head + header, *buffers)


def read_frame(pipe: Pipe) -> tuple[bytes, list[memoryview]]:
    """The next header and its buffers. Raises ProtocolError for a wrong frame, EOFError at the end."""
    head = bytearray(_HEAD.size)
    pipe.read_into(memoryview(head))
    magic, header_size, count = _HEAD.unpack(head)
    if magic != MAGIC:
        raise ProtocolError("a frame without its mark")
    if header_size > MAX_HEADER or count > MAX_BUFFERS:
        raise ProtocolError(f"a frame over the caps: header {header_size}, buffers {count}")
    start = _read_exactly(pipe, 8 * count + header_size)
    sizes = struct.unpack_from(f"<{count}Q", start)
    if sum(sizes) > MAX_PAYLOAD:
        raise ProtocolError(f"a frame of {sum(sizes)} bytes")
    return bytes(start[8 * count :]), _read_buffers(pipe, sizes)


def _read_buffers(pipe: Pipe, sizes: tuple[int, ...]) -> list[memoryview]:
    """Each in memory of its own, which arrays are made of."""
    if sum(sizes) > SMALL:
        return [_read_exactly(pipe, size) for size in sizes]
    together, at, buffers = _read_exactly(pipe, sum(sizes)), 0, []
    for size in sizes:
        buffers.append(memoryview(bytearray(together[at : at + size])))
        at += size
    return buffers


def _read_exactly(pipe: Pipe, size: int) -> memoryview:
    try:
        buffer = memoryview(bytearray(size))
    except MemoryError:
        raise ProtocolError(f"no memory for {size} bytes") from None
    pipe.read_into(buffer)
    return buffer


class Encoder:
    """Values of one message to a msgpack tree and raw buffers."""

    def __init__(self, peer: Peer | None = None, lent: Decoder | None = None) -> None:
        self.peer = peer
        self.buffers: list[bytes | memoryview] = []
        self.arrays: list[np.ndarray[Any, Any]] = []  # those sent whole, for what comes back of them
        self.generators: list[np.random.Generator] = []
        self._bytes = self._arrays = 0
        self._lent = lent  # a call's arguments: a result may be one of them, or share memory with it

    def tree(self, value: Any, depth: int = 0) -> Any:
        """Raises Unsendable for what does not cross."""
        if depth > MAX_NESTING:
            raise Unsendable(f"nested deeper than {MAX_NESTING} levels")
        kind = type(value)
        if kind is int:
            return value if -(1 << 63) <= value < (1 << 63) else self._big(value)
        if kind in _SCALARS:
            return value
        if kind is np.ndarray:
            return self._array(value)
        if isinstance(value, np.ndarray):
            return self._array(np.asarray(value))
        if isinstance(value, list | tuple | set | frozenset):
            return [self._name(value), *[self.tree(entry, depth + 1) for entry in self._members(value)]]
        if isinstance(value, dict):
            flat: list[Any] = ["d"]
            for key, entry in self._members(value.items()):
                flat += [self._key(key), self.tree(entry, depth + 1)]
            return flat
        return self._rare(value)

    def _members(self, value: Any) -> list[Any]:
        members = list(value)
        if not isinstance(value, list | tuple) and len(members) > MAX_MEMBERS:
            raise Unsendable(f"{len(members)} entries in a {type(value).__name__}, at most {MAX_MEMBERS}")
        if isinstance(value, set | frozenset):
            for member in members:
                self._key(member)
        return members

    @staticmethod
    def _name(value: Any) -> str:
        if isinstance(value, list):
            return "l"
        if isinstance(value, tuple):
            return "t"
        return "s" if isinstance(value, set) else "f"

    @staticmethod
    def _key(key: Any) -> Any:
        if isinstance(key, np.generic):
            key = key.item()
        if type(key) not in _SCALARS or (type(key) is int and not -(1 << 63) <= key < (1 << 63)):
            raise Unsendable(f"keys and set members must be plain scalars, found {type(key).__name__}")
        return key

    @staticmethod
    def _big(value: int) -> list[str]:
        if value.bit_length() > MAX_INT_BITS:
            raise Unsendable(f"an integer of {value.bit_length()} bits, at most {MAX_INT_BITS}")
        return ["i", hex(value)]

    def _array(self, array: np.ndarray[Any, Any]) -> list[Any]:
        if array.dtype.kind not in "biufc" or array.ndim > MAX_DIMS:
            return [
                "x",
                "numpy.ndarray",
                f"an array of dtype {array.dtype} with {array.ndim} axes"[:MAX_TEXT],
            ]
        flags = array.flags
        if self._lent is not None:
            if (itself := self._lent.indices.get(id(array))) is not None:
                self._spend(array)
                return ["v", itself]
            views = {} if flags.owndata or not array.nbytes else self._lent.arrays  # else it lies nowhere else
            for index, argument in views.items():
                if self._lent.flags[index] & 1 and np.may_share_memory(array, argument):
                    return self._view(array, index, argument)
        self._spend(array)
        plain = _narrow(array)
        self.arrays.append(array)
        self.buffers.append(_bytes_of(plain))
        return [
            "a",
            plain.dtype.str,
            list(plain.shape),
            len(self.buffers) - 1,
            flags.c_contiguous | 2 * flags.writeable,
        ]

    def _spend(self, array: np.ndarray[Any, Any]) -> None:
        self._bytes += weight(array.shape, array.itemsize)
        self._arrays += 1
        if self._bytes > MAX_PAYLOAD or self._arrays > MAX_BUFFERS:
            raise Unsendable(
                f"the arrays are too large to send: {self._arrays} (at most {MAX_BUFFERS}), "
                f"{self._bytes} bytes as float64 (at most {MAX_PAYLOAD})"
            )

    def _view(self, array: np.ndarray[Any, Any], index: int, argument: np.ndarray[Any, Any]) -> list[Any]:
        self._spend(array)
        offset = array.__array_interface__["data"][0] - argument.__array_interface__["data"][0]
        return ["v", index, offset, array.dtype.str, list(array.shape), list(array.strides)]

    def _rare(self, value: Any) -> Any:
        if isinstance(value, np.generic) and value.dtype.kind in "biufc":
            plain = _narrow(np.asarray(value))
            return ["n", plain.dtype.str, Ext(0, plain.tobytes())]
        if isinstance(value, bool | float | str):  # their subclasses
            base = next(base for base in (float, str) if isinstance(value, base))
            return base(value)
        if isinstance(value, int):
            return self.tree(int(value))
        if isinstance(value, complex):
            return ["c", value.real, value.imag]
        if isinstance(value, np.dtype) or any(value is kind for kind in _PLAIN_TYPES) or _is_scalar_class(value):
            return ["y", np.dtype(value).str, isinstance(value, type)]
        if isinstance(value, bytes | bytearray):
            return ["b", Ext(0, bytes(value))]
        if type(value) is np.random.Generator:
            state = value.bit_generator.state
            if state.get("bit_generator") in _BIT_GENERATORS:
                if len(self.generators) >= MAX_GENERATORS:
                    raise Unsendable(f"more than {MAX_GENERATORS} generators")
                self.generators.append(value)
                return ["g", self.tree(state)]
        if self.peer is not None and (isinstance(value, np.random.Generator) or callable(value)):
            return self.peer.lend(value)
        return ["x", f"{type(value).__name__}"[:200], ""]


class Decoder:
    """A message's tree and buffers to values. `lent` are this side's own arrays, which results may be views of."""

    def __init__(
        self, peer: Peer | None, buffers: list[memoryview], lent: list[np.ndarray[Any, Any]] | None = None
    ) -> None:
        self.peer = peer
        self.buffers = buffers
        self.arrays: dict[int, np.ndarray[Any, Any]] = {}  # buffer index: the array made of it
        self.indices: dict[int, int] = {}  # id of an array: its buffer's index
        self.flags: dict[int, int] = {}
        self.generators: list[np.random.Generator] = []
        self._bytes = self._arrays = 0
        self._lent = lent or []

    def value(self, tree: Any, depth: int = 0) -> Any:
        """Raises ProtocolError for anything that no Encoder writes."""
        if type(tree) in _SCALARS:
            return tree
        if type(tree) is not list or not tree or type(tree[0]) is not str or depth > MAX_NESTING:
            raise ProtocolError("a value that cannot be read")
        tag, rest = tree[0], tree[1:]
        if tag == "l":
            return [self.value(entry, depth + 1) for entry in rest]
        if tag == "t":
            return tuple(self.value(entry, depth + 1) for entry in rest)
        handler = self._handlers.get(tag)
        if handler is None:
            raise ProtocolError("a value of an unknown kind")
        try:
            return handler(self, rest, depth)
        except ProtocolError:
            raise
        except Exception as problem:
            raise ProtocolError(f"a value that cannot be built: {type(problem).__name__}") from None

    def _spend(self, shape: tuple[int, ...], itemsize: int) -> None:
        """Charge an array. A view costs as much as a copy, since somebody may make one."""
        self._bytes += weight(shape, itemsize)
        self._arrays += 1
        if self._bytes > MAX_PAYLOAD or self._arrays > MAX_BUFFERS:
            raise ProtocolError(f"{self._arrays} arrays of {self._bytes} bytes")

    def _dict(self, rest: list[Any], depth: int) -> dict[Any, Any]:
        if len(rest) % 2 or len(rest) > 2 * MAX_MEMBERS:
            raise ProtocolError("a dict that cannot be read")
        keys = [self._scalar(key) for key in rest[::2]]
        return dict(zip(keys, [self.value(entry, depth + 1) for entry in rest[1::2]], strict=True))

    def _set(self, rest: list[Any], depth: int) -> set[Any]:
        if len(rest) > MAX_MEMBERS:
            raise ProtocolError("a set that cannot be read")
        return {self._scalar(self.value(member, depth + 1)) for member in rest}

    @staticmethod
    def _scalar(value: Any) -> Any:
        if isinstance(value, np.generic):
            value = value.item()
        if type(value) not in _SCALARS or (type(value) is int and not -(1 << 63) <= value < 1 << 64):
            raise ProtocolError("a key that is no scalar")  # of longer integers any number can have one hash
        return value

    def _array(self, rest: list[Any], depth: int) -> np.ndarray[Any, Any]:
        dtype, shape, index, flags = rest
        buffer = self.buffers[self._index(index, len(self.buffers))]
        if index in self.arrays:
            raise ProtocolError("a buffer of two arrays")
        dims, kind = self._dims(shape), self._dtype(dtype)
        self._spend(dims, kind.itemsize)
        if math.prod(dims) * kind.itemsize != len(buffer):
            raise ProtocolError("an array whose bytes do not fill its shape")
        array = _tidy(np.ndarray(dims, kind, buffer))
        if not int(flags) & 2:
            array.flags.writeable = False
        self.arrays[index], self.indices[id(array)], self.flags[index] = array, index, int(flags)
        return array

    def _view(self, rest: list[Any], depth: int) -> np.ndarray[Any, Any]:
        base = self._lent[self._index(rest[0], len(self._lent))]
        if len(rest) == 1:
            self._spend(base.shape, base.itemsize)
            return base
        _, offset, dtype, shape, strides = rest
        dims, steps, kind = self._dims(shape), [int(step) for step in strides], self._dtype(dtype)
        self._spend(dims, kind.itemsize)
        return _tidy(np.ndarray(dims, kind, buffer=base.data, offset=int(offset), strides=tuple(steps)))

    @staticmethod
    def _dims(shape: Any) -> tuple[int, ...]:
        if type(shape) is not list or len(shape) > MAX_DIMS:
            raise ProtocolError("a shape that cannot be read")
        for size in shape:
            if type(size) is not int or not 0 <= size <= MAX_PAYLOAD:
                raise ProtocolError("a shape out of range")
        return tuple(shape)

    @staticmethod
    def _dtype(name: Any) -> np.dtype[Any]:
        if type(name) is not str:
            raise ProtocolError("a dtype that does not cross")
        return _dtype_of(name)

    @staticmethod
    def _index(index: Any, size: int) -> int:
        if type(index) is not int or not 0 <= index < size:
            raise ProtocolError("an index out of range")
        return index

    def _numpy_scalar(self, rest: list[Any], depth: int) -> Any:
        dtype, raw = rest
        return _tidy(np.frombuffer(bytes(self._exactly(Ext, raw).data), self._dtype(dtype), count=1))[0]

    def _big(self, rest: list[Any], depth: int) -> int:
        (text,) = rest
        if len(text) > MAX_INT_BITS // 4 + 4:
            raise ProtocolError("an integer over the cap")
        return int(text, 16)

    def _generator(self, rest: list[Any], depth: int) -> np.random.Generator:
        if len(self.generators) >= MAX_GENERATORS:
            raise ProtocolError(f"more than {MAX_GENERATORS} generators")
        generator = restore_generator(self.value(rest[0], depth + 1))
        self.generators.append(generator)
        return generator

    def _handle(self, rest: list[Any], depth: int) -> Any:
        if self.peer is None:
            raise ProtocolError("a handle where none can be")
        theirs, number, kind, *served = rest
        if not theirs:
            try:
                return self.peer.own(number)
            except Stale as problem:
                return Opaque("function", str(problem))
        if kind != "generator":
            return self.peer.borrow(number)
        methods, state = served
        return self.peer.borrow_generator(number, frozenset(methods), self.value(state, depth + 1))

    @staticmethod
    def _exactly(kind: type, value: Any) -> Any:
        if type(value) is not kind:
            raise ProtocolError(f"a {type(value).__name__} where a {kind.__name__} belongs")
        return value

    _handlers: dict[str, Callable[[Decoder, list[Any], int], Any]] = {  # noqa: RUF012 (a fixed table)
        "d": _dict,
        "s": _set,
        "f": lambda self, rest, depth: frozenset(self._set(rest, depth)),
        "a": _array,
        "v": _view,
        "n": _numpy_scalar,
        "i": _big,
        "c": lambda self, rest, depth: complex(self._exactly(float, rest[0]), self._exactly(float, rest[1])),
        "b": lambda self, rest, depth: bytes(self._exactly(Ext, rest[0]).data),
        "g": _generator,
        "y": lambda self, rest, depth: self._dtype(rest[0]).type if rest[1] else self._dtype(rest[0]),
        "h": _handle,
        "x": lambda self, rest, depth: Opaque(
            self._exactly(str, rest[0])[:200], self._exactly(str, rest[1])[:MAX_TEXT]
        ),
    }


def _bytes_of(array: np.ndarray[Any, Any]) -> bytes | memoryview:
    """The entries in C order."""
    if array.nbytes <= SMALL:
        return array.tobytes()
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def weight(shape: tuple[int, ...], itemsize: int) -> int:
    """What an array counts for: at least 8 bytes an entry, as checks compare in float64.

    An axis of no length counts as one: whoever goes through the other axes has as much to do.
    """
    return math.prod(max(size, 1) for size in shape) * max(itemsize, 8)


def _narrow(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Extended precision as float64 or complex128: some of its bit patterns mean nothing to the processor."""
    if array.dtype.kind in "fc" and array.dtype.itemsize > (8 if array.dtype.kind == "f" else 16):
        return array.astype(np.float64 if array.dtype.kind == "f" else np.complex128)
    return array


def _tidy(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Booleans that are 0 or 1: any other byte would be equal to True and to itself, but not count as one."""
    if array.dtype.kind == "b" and array.view(np.uint8).max(initial=0) > 1:
        return array.view(np.uint8) != 0  # type: ignore[no-any-return]
    return array


def served_methods(value: np.random.Generator) -> frozenset[str]:
    """The methods of a Generator that its class has of its own: what a caller must ask this side for.

    All others draw from the bit generator alone, so the other side answers them itself, with its own memory.
    """
    if isinstance(value, RemoteGenerator):
        return value._served
    kind, plain = type(value), np.random.Generator
    if kind not in _methods_of:
        _methods_of[kind] = frozenset(n for n in GENERATOR_METHODS if getattr(kind, n) is not getattr(plain, n))
    return _methods_of[kind]


_methods_of: dict[type, frozenset[str]] = {}


@cache
def _dtype_of(name: str) -> np.dtype[Any]:
    if not _DTYPE.match(name):
        raise ProtocolError("a dtype that does not cross")
    return np.dtype(name)


def _is_scalar_class(value: Any) -> bool:
    """Whether this is a class such as np.float32, as a `dtype=` argument may be."""
    return isinstance(value, type) and issubclass(value, np.generic) and np.dtype(value).kind in "biufc"


class Opaque:
    """Stands for a value that does not cross, such as an object of a class of the student's own."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text

    def __repr__(self) -> str:
        return f"<{self.kind}{': ' + self.text if self.text else ' object'}>"


def restore_generator(state: Any) -> np.random.Generator:
    """A Generator from a bit generator's state. Raises ProtocolError for a state that numpy refuses."""
    name = state.get("bit_generator") if isinstance(state, dict) else None
    if name not in _BIT_GENERATORS:
        raise ProtocolError("a random state of an unknown kind")
    bits = getattr(np.random, name)(0)
    try:
        bits.state = state
    except Exception as problem:
        raise ProtocolError(f"a random state that numpy refuses: {type(problem).__name__}") from None
    if not _reads_inside(bits.state):
        raise ProtocolError("a random state that points beside its numbers")
    return np.random.Generator(bits)


def _reads_inside(state: Any) -> bool:
    """numpy takes any position, and would then read whatever memory lies there, or crash."""
    if state["bit_generator"] == "MT19937":
        return bool(0 <= state["state"]["pos"] <= 624)
    return bool(0 <= state.get("buffer_pos", 0) <= 4)


def get_global_state() -> tuple[Any, ...]:
    """numpy's global random state as plain values: key, position, has_gauss, cached gauss."""
    state = np.random.get_state(legacy=False)
    if state["bit_generator"] != "MT19937":  # someone put another bit generator there
        return (np.zeros(624, np.uint32), 0, 0, 0.0)
    return (state["state"]["key"], int(state["state"]["pos"]), int(state["has_gauss"]), float(state["gauss"]))


def set_global_state(state: Any) -> None:
    """The inverse of `get_global_state`. Raises ProtocolError for a state that numpy refuses."""
    try:
        key, position, has_gauss, gauss = state
        if key.shape != (624,) or key.dtype != np.uint32 or not 0 <= position <= 624 or has_gauss not in (0, 1):
            raise ValueError
        np.random.set_state(("MT19937", key, position, has_gauss, float(gauss)))
    except Exception:
        raise ProtocolError("a global random state that cannot be set") from None


def global_state_mark() -> bytes | None:
    """Key and position of the global generator as raw bytes: cheap to take (the state itself costs 34 µs)."""
    bits = np.random.mtrand._rand._bit_generator
    if type(bits) is not np.random.MT19937:
        return None
    return ctypes.string_at(bits.ctypes.state_address, 625 * 4)


class GlobalState:
    """numpy's global random state as last agreed with the other side."""

    def __init__(self) -> None:
        self._state: tuple[Any, ...] | None = None
        self._mark: bytes | None = None

    def change(self) -> tuple[Any, ...] | None:
        """The state if it is another than was agreed, which it then is; else None."""
        mark = global_state_mark()
        # A cached normal can be used up without the position moving: then only the state itself tells.
        if self._state is not None and self._state[2] == 0 and mark is not None and mark == self._mark:
            return None
        state = get_global_state()
        if same_state(self._state, state):
            return None
        self.agree(state)
        return state

    def agree(self, state: tuple[Any, ...]) -> None:
        self._state, self._mark = state, global_state_mark()


def same_state(one: tuple[Any, ...] | None, two: tuple[Any, ...]) -> bool:
    return one is not None and one[1:] == two[1:] and np.array_equal(one[0], two[0])


def _encodable(text: str) -> str:
    """Half characters, which no frame can carry, as question marks: an honest error's text may hold one."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Failure:
    """What is known of an exception on the other side: plain text, and the nearest builtin class."""

    def __init__(self, builtin: str, kind: str, message: str, trace: str = "", token: int = 0) -> None:
        self.builtin, self.kind, self.message, self.trace, self.token = builtin, kind, message, trace, token

    def wire(self) -> list[Any]:
        kind, message, trace = map(_encodable, (self.kind[:200], self.message[:MAX_TEXT], self.trace[:MAX_TEXT]))
        return [self.builtin, kind, message, trace, self.token]

    @classmethod
    def of(cls, problem: BaseException, trace: str = "", token: int = 0) -> Failure:
        names = (base.__name__ for base in type(problem).__mro__ if getattr(builtins, base.__name__, None) is base)
        try:
            message = str(problem)
        except BaseException:
            message = "(its text cannot be shown)"
        return cls(next(names, "Exception"), type(problem).__name__, message, trace, token)

    @classmethod
    def read(cls, wire: Any) -> Failure:
        if type(wire) is not list or len(wire) != 5 or [type(part) for part in wire] != [str, str, str, str, int]:
            raise ProtocolError("an error that cannot be read")
        builtin, kind, message, trace, token = wire
        return cls(builtin, kind[:200], message[:MAX_TEXT], trace[:MAX_TEXT], token)

    def builtin_class(self) -> type[Exception]:
        """The nearest builtin Exception that may be raised here; SystemExit and the like become Exception."""
        found = getattr(builtins, self.builtin, None)
        if not isinstance(found, type) or not issubclass(found, Exception):
            return Exception
        return next(base for base in found.__mro__ if base not in _UNFIT)


#: Not raised on another's word: the first two end a loop over `map` as if it were done, the next mean that the
#: wire is gone, the others cannot be made of a message alone.
_UNFIT: tuple[type[BaseException], ...] = (
    StopIteration,
    StopAsyncIteration,
    EOFError,
    ConnectionError,
    BrokenPipeError,
    ConnectionAbortedError,
    ConnectionRefusedError,
    ConnectionResetError,
    UnicodeDecodeError,
    UnicodeEncodeError,
    UnicodeTranslateError,
    BaseExceptionGroup,
    ExceptionGroup,
)


class Remote:
    """A callable that lives on the other side."""

    def __init__(self, peer: Peer, number: int) -> None:
        self._peer, self._number = peer, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._peer.call(self._number, None, args, kwargs)

    def __repr__(self) -> str:
        return f"<function {self._number} of the other side>"


class RemoteGenerator(np.random.Generator):
    """A Generator whose `served` methods are answered by the other side, all others here."""

    _peer: Peer
    _number: int
    _served: frozenset[str]

    def __getattribute__(self, name: str) -> Any:
        if name in GENERATOR_METHODS and name in object.__getattribute__(self, "_served"):
            peer, number = object.__getattribute__(self, "_peer"), object.__getattribute__(self, "_number")
            return lambda *args, **kwargs: peer.call(number, name, args, kwargs)
        return super().__getattribute__(name)


class Peer:
    """One end of the wire."""

    def __init__(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self.unanswered = 0  # requests that wait for a reply
        self._lent: dict[int, Any] = {}  # what the other side may call, by number
        self._numbers: dict[int, int] = {}
        self._next_number = 0
        self._generators: dict[int, RemoteGenerator] = {}
        self._depth = 0
        self._global = GlobalState()

    # -- handles ------------------------------------------------------------------------------------

    def lend(self, value: Any) -> list[Any]:
        """The wire form of a callable or generator of this side (or of one that the other side lent)."""
        if isinstance(value, Remote | RemoteGenerator) and value._peer is self:
            return ["h", False, value._number, ""]
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = self._next_number
            self._lent[number] = value  # kept alive, so its id stays its own
            self._next_number += 1
        if not isinstance(value, np.random.Generator):
            return ["h", True, number, "callable"]
        state = value.bit_generator.state
        known = Encoder().tree(state) if state.get("bit_generator") in _BIT_GENERATORS[:2] else None
        return ["h", True, number, "generator", sorted(served_methods(value)), known]

    def mark(self) -> int:
        """A point to `forget` back to."""
        return self._next_number

    def forget(self, mark: int) -> None:
        """Take back what was lent since `mark`, with all that it remembers. A later call of it is `Stale`."""
        for number in [number for number in self._lent if number >= mark]:
            self._numbers.pop(id(self._lent.pop(number)), None)

    def forget_all(self) -> None:
        """The wire is closed: let go of everything that either side lent."""
        self.forget(0)
        self._generators.clear()

    def borrow(self, number: Any) -> Remote:
        """What stands for a callable of the other side."""
        return Remote(self, self._handle(number))

    def borrow_generator(self, number: Any, served: frozenset[str], state: Any) -> RemoteGenerator:
        """What stands for a generator of the other side; one object for one number, as it has draws of its own."""
        if not served <= GENERATOR_METHODS:
            raise ProtocolError("a method that no Generator has")
        known = self._generators.get(self._handle(number))
        if known is None:
            if len(self._generators) >= MAX_GENERATORS:
                del self._generators[next(iter(self._generators))]
            source = np.random.default_rng(0) if state is None else restore_generator(state)
            known = self._generators[number] = RemoteGenerator(source.bit_generator)
            known._peer, known._number, known._served = self, number, served
        return known

    @staticmethod
    def _handle(number: Any) -> int:
        if type(number) is not int or not 0 <= number < 1 << 32:
            raise ProtocolError("a handle out of range")
        return number

    def own(self, number: Any) -> Any:
        """Something that this side lent. Raises ProtocolError for a number that it never gave out, else Stale."""
        if type(number) is not int or not 0 <= number < self._next_number:
            raise ProtocolError("a handle that was never given out")
        if number not in self._lent:
            raise Stale("this function belongs to a call that is over")
        return self._lent[number]

    # -- calls to the other side ----------------------------------------------------------------------

    def call(self, number: int, method: str | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call something of the other side's. Its edits of the arguments are made here too."""
        encoder = Encoder(self)
        trees = [encoder.tree(list(args)), encoder.tree(kwargs)]
        state = self._global.change()
        shared = None if state is None else encoder.tree(state)
        tree, decoder = self.request(["call", number, method, *trees, shared], encoder.buffers, encoder.arrays)
        try:
            result, arrays, containers, generators, after = tree
            self._write_back(decoder, encoder, args, kwargs, arrays, containers, generators)
            if after is not None:
                state = decoder.value(after)
                set_global_state(state)
                self._global.agree(state)
            return decoder.value(result)
        except (ProtocolError, Gone):
            raise
        except Exception as problem:
            raise ProtocolError(f"a reply that cannot be read: {type(problem).__name__}") from None

    def _write_back(
        self,
        decoder: Decoder,
        encoder: Encoder,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        arrays: Any,
        containers: Any,
        generators: Any,
    ) -> None:
        if len(arrays) > len(encoder.arrays) or len(generators) > len(encoder.generators):
            raise ProtocolError("more arguments than there were")
        for index, tree in arrays:
            mine, new = encoder.arrays[Decoder._index(index, len(encoder.arrays))], decoder.value(tree)
            if mine.shape != new.shape or mine.dtype != new.dtype or not mine.flags.writeable:
                raise ProtocolError("an argument that changed its shape")
            mine[...] = new
        for index, tree in generators:
            mine_too = encoder.generators[Decoder._index(index, len(encoder.generators))]
            state = decoder.value(tree)
            restore_generator(state)  # refuses what numpy refuses
            try:
                mine_too.bit_generator.state = state
            except Exception:
                raise ProtocolError("a random state of another kind") from None
        for key, tree in containers:
            place = args[Decoder._index(key, len(args))] if type(key) is int else kwargs[key]
            replace_members(place, decoder.value(tree))

    def request(
        self, message: list[Any], buffers: list[bytes | memoryview], lent: list[np.ndarray[Any, Any]] | None = None
    ) -> tuple[Any, Decoder]:
        """Send a message and wait for its reply, serving the other side meanwhile."""
        number = int.from_bytes(os.urandom(7), "little")
        write_frame(self.pipe, msgspec.msgpack.encode([number, *message]), buffers)
        self.unanswered += 1
        while True:
            header, received = read_frame(self.pipe)
            reply = read_message(header)
            if reply[1] == "call":
                self.serve(reply, received)
            elif reply[0] == number and reply[1] == "ok" and len(reply) == 3:
                self.unanswered -= 1
                return reply[2], Decoder(self, received, lent)
            elif reply[0] == number and reply[1] == "err" and len(reply) == 3:
                failure = Failure.read(reply[2])
                self.unanswered -= 1
                self.fail(failure)
            else:
                raise ProtocolError("a reply to no question")

    def fail(self, failure: Failure) -> NoReturn:
        """Raise what the other side's exception means here."""
        problem = failure.builtin_class()(failure.message)
        problem.autograder_token = failure.token  # type: ignore[attr-defined]
        raise problem

    # -- calls from the other side --------------------------------------------------------------------

    def serve(self, message: list[Any], buffers: list[memoryview]) -> None:
        """Answer one call of the other side."""
        if len(message) != 7 or type(message[0]) is not int:
            raise ProtocolError("a call that cannot be read")
        number, _, handle, method, args_tree, kwargs_tree, state = message
        try:
            function = self.target(handle, method)
        except Stale as problem:  # nothing of what came with it is looked at
            write_frame(self.pipe, msgspec.msgpack.encode([number, "err", self.describe(problem).wire()]), [])
            return
        decoder = Decoder(self, buffers)
        args, kwargs = decoder.value(args_tree), decoder.value(kwargs_tree)
        if type(args) is not list or type(kwargs) is not dict or any(type(key) is not str for key in kwargs):
            raise ProtocolError("arguments that cannot be read")
        if state is not None:
            self.receive_global_state(decoder.value(state))
        before = {key: Encoder(self, decoder).tree(value) for key, value in containers_of(args, kwargs)}
        originals = {index: array.tobytes() for index, array in decoder.arrays.items() if array.flags.writeable}
        states = [repr(generator.bit_generator.state) for generator in decoder.generators]
        self._depth += 1
        try:
            if self._depth > MAX_CALL_DEPTH:
                raise RecursionError(f"calls between judge and student nested deeper than {MAX_CALL_DEPTH}")
            result = self.run(function, args, kwargs)
            parts, encoder = self._reply(result, args, kwargs, decoder, originals, before, states)
            message = [number, "ok", parts]
            write_frame(self.pipe, msgspec.msgpack.encode(message), encoder.buffers)
        except (ProtocolError, EOFError, Gone):
            raise
        except Exception as problem:
            write_frame(self.pipe, msgspec.msgpack.encode([number, "err", self.describe(problem).wire()]), [])
        finally:
            self._depth -= 1

    def _reply(
        self,
        result: Any,
        args: list[Any],
        kwargs: dict[str, Any],
        decoder: Decoder,
        originals: dict[int, bytes],
        before: dict[int | str, Any],
        states: list[str],
    ) -> tuple[list[Any], Encoder]:
        encoder = Encoder(self, decoder)
        tree = encoder.tree(result)
        plain = Encoder(self)
        plain.buffers, plain.arrays = encoder.buffers, encoder.arrays
        arrays = [
            [i, plain.tree(a)] for i, a in decoder.arrays.items() if i in originals and a.tobytes() != originals[i]
        ]
        containers = [
            [key, encoder.tree(value)]
            for key, value in containers_of(args, kwargs)
            if key not in before or Encoder(self, decoder).tree(value) != before[key]
        ]
        generators = [
            [i, plain.tree(generator.bit_generator.state)]
            for i, generator in enumerate(decoder.generators)
            if repr(generator.bit_generator.state) != states[i]
        ]
        return [tree, arrays, containers, generators, self.send_global_state(plain)], encoder

    # -- what the two sides do differently --------------------------------------------------------------

    def target(self, handle: Any, method: Any) -> Callable[..., Any]:
        """What a call means: something lent, or a public method of a lent generator."""
        found = self.own(handle)
        if isinstance(found, np.random.Generator):
            if method not in served_methods(found):
                raise ProtocolError("a method that is not served")
            found = getattr(found, method)
        elif method is not None:
            raise ProtocolError("a method of a plain callable")
        return found  # type: ignore[no-any-return]

    def run(self, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
        return function(*args, **kwargs)

    def describe(self, problem: BaseException) -> Failure:
        return Failure.of(problem)

    def receive_global_state(self, state: Any) -> None:
        """The judge keeps its own: only the worker takes the other side's state over."""

    def send_global_state(self, encoder: Encoder) -> Any:
        return None


def _header_decoder() -> msgspec.msgpack.Decoder[list[Any]]:
    """Reads scalars and lists of lists, and no map: keys may be chosen to collide, and then to build it takes minutes.

    Bytes are an extension, as msgspec takes them for a kind of text, of which a type may have one only.
    """
    scalars = (None, bool, int, float, str, Ext)
    tree: Any = Union[scalars]  # noqa: UP007 (made of a tuple)
    for _ in range(MAX_NESTING + 10):  # a message's own lists, and those of an array
        tree = Union[(*scalars, list[tree])]
    return msgspec.msgpack.Decoder(list[tree])


_header = _header_decoder()


def read_message(header: bytes) -> list[Any]:
    """The header as a list that starts with [id, kind]. Raises ProtocolError."""
    try:
        message = _header.decode(header)
    except Exception as problem:  # msgspec's own errors, RecursionError, UnicodeDecodeError, MemoryError
        raise ProtocolError(f"a header that cannot be read: {type(problem).__name__}") from None
    if type(message) is not list or len(message) < 2 or type(message[0]) is not int or type(message[1]) is not str:
        raise ProtocolError("a header that is no message")
    return message


def containers_of(args: list[Any], kwargs: dict[str, Any]) -> list[tuple[int | str, Any]]:
    """The arguments that a call could change without touching an array: lists, dicts, sets."""
    everything: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
    return [(key, value) for key, value in everything if isinstance(value, list | dict | set)]


def replace_members(place: Any, new: Any) -> None:
    """Make a caller's list, dict or set hold what it held after the call."""
    if isinstance(place, list) and isinstance(new, list):
        place[:] = new
    elif isinstance(place, dict | set) and type(place) is type(new):
        place.clear()
        place.update(new)
    else:
        raise ProtocolError("an argument that changed its kind")
