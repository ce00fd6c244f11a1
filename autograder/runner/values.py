"""Values: what crosses the wire, as a msgpack tree and raw buffers, there and back.

What the judge decodes was written by a process that it does not trust. Every failure is a ProtocolError, and nothing is
ever looked up by a name that came over the wire, other than in the fixed tables below.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

import numpy as np

from autograder.runner.frames import MAX_BUFFERS, MAX_NESTING, MAX_PAYLOAD, SMALL, Ext, ProtocolError, Unsendable
from autograder.runner.random_state import BIT_GENERATORS, pack_state, restore_generator, unpack_state

MAX_DIMS = 32
MAX_MEMBERS = 10_000  # of a dict or set: colliding keys cost the judge quadratic time
MAX_INT_BITS = 4096
MAX_TEXT = 4000
MAX_GENERATORS = 100  # of one message, whose states are looked at again after it; of the other side that are remembered
_DTYPE = re.compile(r"[<>|]?(b1|i[1248]|u[1248]|f[248]|c(8|16))\Z")
_SCALARS = (type(None), bool, int, float, str)
_PLAIN_TYPES: tuple[Any, ...] = (bool, int, float, complex)


class Stale(RuntimeError):
    """A function of a call that is over was called."""


class Handles(Protocol):
    """What cannot be sent is lent, under a number: callables and generators. A `Peer` keeps them."""

    def lend(self, value: Any) -> list[Any]: ...
    def own(self, number: Any) -> Any: ...
    def borrow(self, number: Any) -> Any: ...
    def borrow_generator(self, number: Any, served: frozenset[str], state: Any, ahead: list[Any]) -> Any: ...


class Encoder:
    """Values of one message to a msgpack tree and raw buffers."""

    def __init__(self, peer: Handles | None = None, lent: Decoder | None = None) -> None:
        self.peer = peer
        self.buffers: list[bytes | memoryview] = []
        self.arrays: list[np.ndarray[Any, Any]] = []  # those sent whole, for what comes back of them
        self.generators: list[np.random.Generator] = []
        self._bytes = self._arrays = 0
        self._lent = lent  # a call's arguments: a result may be one of them, or share memory with it
        self._told: dict[int, list[Any]] = {}  # the generators that were lent, by id: what stands for each from then on

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
        if kind is list or kind is tuple:
            return ["l" if kind is list else "t", *[self.tree(entry, depth + 1) for entry in value]]
        if isinstance(value, np.ndarray):
            return self._array(np.asarray(value))
        if isinstance(value, (list, tuple, set, frozenset)):
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
        plain = _narrow(array) if array.itemsize > 8 else array
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

    def state(self, state: Mapping[str, Any]) -> Any:
        """A bit generator's state: that of the usual one as bytes, which take a third of the time."""
        packed = pack_state(state)
        return self.tree(state) if packed is None else Ext(0, packed)

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
            if state.get("bit_generator") in BIT_GENERATORS:
                if len(self.generators) >= MAX_GENERATORS:
                    raise Unsendable(f"more than {MAX_GENERATORS} generators")
                self.generators.append(value)
                return ["g", self.state(state)]
        if self.peer is not None and (isinstance(value, np.random.Generator) or callable(value)):
            return self._handle(value, self.peer)
        return ["x", f"{type(value).__name__}"[:200], ""]

    def _handle(self, value: Any, peer: Handles) -> list[Any]:
        """What is lent. A generator's state and draws stand there once: a list may hold it a hundred thousand times."""
        if id(value) in self._told:
            return self._told[id(value)]
        handle = peer.lend(value)
        if handle[3] == "generator":
            self._told[id(value)] = [*handle[:5], None]
        return handle


class Decoder:
    """A message's tree and buffers to values. `lent` are this side's own arrays, which results may be views of."""

    def __init__(
        self, peer: Handles | None, buffers: list[bytearray], lent: list[np.ndarray[Any, Any]] | None = None
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

    def state(self, tree: Any, depth: int = 0) -> Any:
        """What `Encoder.state` wrote. Raises ProtocolError."""
        return unpack_state(tree.data) if type(tree) is Ext else self.value(tree, depth)

    def _generator(self, rest: list[Any], depth: int) -> np.random.Generator:
        if len(self.generators) >= MAX_GENERATORS:
            raise ProtocolError(f"more than {MAX_GENERATORS} generators")
        generator = restore_generator(self.state(rest[0], depth + 1))
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
        methods, state, *ahead = served
        return self.peer.borrow_generator(number, frozenset(methods), self.state(state, depth + 1), ahead)

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
    entries = math.prod(shape) or math.prod(max(size, 1) for size in shape)
    return entries * (itemsize if itemsize > 8 else 8)


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
