"""numpy's random state as it crosses the wire: generators, and the global one that both sides share."""

from __future__ import annotations

import ctypes
import random
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.runner.frames import ProtocolError

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


#: Of a PCG64, which default_rng gives: state, increment, whether half a draw is left, and that half.
_PCG64 = struct.Struct("<16s16s?I")


def pack_state(state: Mapping[str, Any]) -> bytes | None:
    """A PCG64's state as bytes; None for any other's."""
    if state.get("bit_generator") != "PCG64":
        return None
    inner, half = state["state"], (state["has_uint32"], state["uinteger"])
    return _PCG64.pack(inner["state"].to_bytes(16, "little"), inner["inc"].to_bytes(16, "little"), *half)


def unpack_state(packed: Any) -> dict[str, Any]:
    """The inverse of `pack_state`. Raises ProtocolError."""
    try:
        state, increment, has_half, half = _PCG64.unpack(packed)
    except struct.error:
        raise ProtocolError("a random state of another length") from None
    inner = {"state": int.from_bytes(state, "little"), "inc": int.from_bytes(increment, "little")}
    return {"bit_generator": "PCG64", "state": inner, "has_uint32": int(has_half), "uinteger": half}


def mark_of(generator: np.random.Generator) -> bytes | str:
    """What tells whether a generator was drawn from."""
    state = generator.bit_generator.state
    return pack_state(state) or repr(state)


def restore_generator(state: Any) -> np.random.Generator:
    """A Generator from a bit generator's state. Raises ProtocolError for a state that numpy refuses."""
    name = state.get("bit_generator") if isinstance(state, dict) else None
    if name not in BIT_GENERATORS:
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


def make_repeatable() -> None:
    """In a worker: code that draws without a seed draws the same in each, so a submission always gets the same result.

    After a fork `random` is to be seeded again: it seeds itself anew with each.
    """
    random.seed(0)
    np.random.seed(0)
    entropy = random.Random(0)
    np.random.bit_generator.randbits = entropy.getrandbits  # type: ignore[attr-defined]  # what default_rng() without a seed is made from


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
