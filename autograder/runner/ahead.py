"""Normals sent ahead: a lent generator is asked once for many, and the worker hands them out.

Where each draw was a question of its own, two messages of three were such questions. A call that takes a generator
now carries its next normals, and what was drawn of them is told with the worker's next message, before anything else
in it is looked at. So the generator has handed out the same numbers, in the same order, as if it had been asked.

Why this is safe: the numbers do not depend on the reference, and student code could have had each of them by drawing.
The worker can be wrong in one thing only, how many it drew. More than it was given is refused. Fewer is to draw in
secret, which no law rewards: that nothing is drawn is asked for together with values that need no draw. Models and
functions are asked in turn as before: what they answer depends on what they are asked.

Whatever is not as plain as a shape of ints and two numbers (another dtype, `out=`, more than are left) is a question to
the judge. When the call is over, so are its numbers.
"""

from __future__ import annotations

from math import prod
from typing import Any, Protocol, TypeGuard

import numpy as np

from autograder.runner.frames import Ext, ProtocolError

#: So many normals go along with a call, 4 KiB.
AHEAD = 512
#: The methods that are answered from them, with their parameters.
_PARAMETERS = {"standard_normal": ("size",), "normal": ("loc", "scale", "size")}
_LARGEST = 1 << 53


class Foretold(Protocol):
    """A generator that can tell what it will hand out."""

    count: int  # normals drawn so far

    def ahead(self, count: int) -> np.ndarray[Any, Any]:
        """The next normals, at most so many, flat float64; they are still to be drawn."""

    def hand_out(self, count: int) -> object:
        """Draw so many of them."""


def is_foretold(generator: object) -> TypeGuard[Foretold]:
    """Whether it is one. Asked of all that is lent: Python's own check of a protocol takes as long as a short call."""
    return hasattr(generator, "hand_out")


class Given:
    """The judge's end: what was sent ahead of each source that it lends, by the source's number."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[Foretold, int, int]] = {}  # with its count as known there, and how many are left
        self._new: dict[int, tuple[Foretold, int, int]] = {}  # the same, of the message that is being written

    def block(self, number: int, source: Foretold) -> Ext:
        """Its next normals, to be sent."""
        block = source.ahead(AHEAD)
        self._new[number] = (source, source.count, len(block))
        return Ext(0, block.astype("<f8").tobytes())

    def moved(self) -> dict[int, Foretold]:
        """The sources that were drawn from elsewhere since, whose blocks are to be sent again."""
        return {number: source for number, (source, at, _) in self._of.items() if source.count != at}

    def was_sent(self, whole: bool = True) -> None:
        """The message went out; or, not `whole`, it did not."""
        if whole:
            self._of |= self._new
        self._new.clear()

    def used(self, told: Any) -> None:
        """Draw what the worker says that it drew, `[number, count]` each. Raises ProtocolError."""
        if type(told) is not list:
            raise ProtocolError("draws that cannot be read")
        for entry in told:
            if type(entry) is not list or [type(part) for part in entry] != [int, int]:
                raise ProtocolError("draws that cannot be read")
            number, count = entry
            if number not in self._of:
                raise ProtocolError("draws of what was not sent")
            source, at, left = self._of[number]
            if source.count != at or not 0 < count <= left:
                raise ProtocolError("more draws than were sent")
            source.hand_out(count)
            self._of[number] = (source, source.count, left - count)

    def clear(self) -> None:
        """The call is over."""
        self._of.clear()


class Ahead:
    """The worker's end: what is left of each source, by its number."""

    def __init__(self) -> None:
        self._of: dict[int, _Block] = {}

    def keep(self, number: int, block: Any) -> None:
        """In place of what was left."""
        self._of[number] = _Block(np.frombuffer(block.data, "<f8"))

    def used(self) -> list[list[int]]:
        """What was drawn and not told yet, `[number, count]` each."""
        return [[number, block.used] for number, block in self._of.items() if block.used]

    def was_told(self) -> None:
        for block in self._of.values():
            block.used = 0

    def draw(self, number: int, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a method of a source yields; None where it is to be asked itself."""
        block = self._of.get(number)
        return None if block is None or method not in _PARAMETERS else block.draw(method, args, kwargs)

    def clear(self) -> None:
        """The call is over."""
        self._of.clear()


class _Block:
    def __init__(self, normals: np.ndarray[Any, Any]) -> None:
        self._rest = normals
        self.used = 0  # and not told yet

    def draw(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        names = _PARAMETERS[method]
        given = dict(zip(names, args, strict=False)) | kwargs
        if len(given) != len(args) + len(kwargs) or not given.keys() <= set(names):
            return None  # an error, or a parameter of a rare kind
        size = given.pop("size", None)
        shape = _shape(size)
        if shape is None or not all(map(_is_plain, given.values())):
            return None
        count = prod(shape)
        if count > len(self._rest):
            return None
        flat, self._rest, self.used = self._rest[:count], self._rest[count:], self.used + count
        drawn = flat.reshape(shape).copy() if size is not None else float(flat[0])
        if method == "standard_normal":
            return drawn
        return np.asarray(given.get("loc", 0.0)) + np.asarray(given.get("scale", 1.0)) * drawn


def _shape(size: Any) -> tuple[int, ...] | None:
    """A plain `size` as a shape."""
    entries = () if size is None else (size,) if type(size) is int else size
    if type(entries) is not tuple or len(entries) > 32 or any(type(e) is not int or e < 0 for e in entries):
        return None
    return entries


def _is_plain(value: Any) -> bool:
    return type(value) is float or (type(value) is int and abs(value) <= _LARGEST)
