"""Generators and models that a check hands to the student's code to see what it does with them.

Over the wire a subclass of `numpy.random.Generator` is served by the judge, call by call, so these work the
same in the student's process and outside it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks import CheckFailure, Spy, as_array, show

Array = NDArray[Any]
Model = Callable[[Any, Any], Any]

#: No exercise needs more normals from one spy; a caller that asks for more is stopped.
MAX_DRAWS = 8_000_000
#: So many of them a RecordingNoise keeps, if its check asks for no other number.
MAX_RECORDED = 100_000
#: A ModelSpy keeps this many entries of its inputs and answers, all calls together.
MAX_ENTRIES = 20_000_000
#: No level of noise is above this.
MAX_LEVEL = 1 << 20


class NoiseSpy(Spy, np.random.Generator):
    """A Generator that counts normals, however they are drawn (`normal`, `standard_normal`, float32, `out=`).

    Other draws (integers, permutation, …) are an ordinary Generator's, seeded with `seed`.
    """

    label = "rng"
    _most = MAX_DRAWS

    def __init__(self, seed: int = 0) -> None:
        super().__init__(np.random.PCG64(seed))
        self._source = np.random.default_rng(seed)
        self.count = 0
        self._held = np.zeros(0)  # the next normals, as far as they were told ahead

    def effect(self) -> object:
        """How many normals were drawn."""
        return self.count

    def ahead(self, count: int) -> Array:
        """The next normals, at most `count`, flat float64; they are still to be drawn."""
        count = min(count, self._most - self.count)
        missing = count - self._held.size
        if missing > 0:
            self._held = np.concatenate([self._held, self._next(self.count + self._held.size, missing)])
        return self._held[:count]

    def hand_out(self, count: int) -> Array:
        """Draw `count` normals, flat float64."""
        flat, self._held = self._held[:count], self._held[count:]
        if flat.size < count:
            flat = np.concatenate([flat, self._next(self.count + flat.size, count - flat.size)])
        self.count += count
        return flat

    def _next(self, start: int, count: int) -> Array:
        """`count` standard normals, flat float64, of which `start` came before."""
        return self._source.standard_normal(count)

    def _draw(self, size: Any) -> Any:
        shape = () if size is None else as_shape(size)
        count = prod(shape)
        if self.count + count > MAX_DRAWS:
            raise ValueError(f"cannot draw {count} normals after {self.count}")
        flat = self.hand_out(count)
        return flat.reshape(shape) if size is not None else float(flat[0])

    def standard_normal(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        if np.dtype(dtype) not in (np.float64, np.float32):
            raise TypeError(f"Unsupported dtype {dtype} for standard_normal")
        if out is not None:
            if not isinstance(out, np.ndarray) or (size is not None and as_shape(size) != out.shape):
                raise ValueError("out must be an array of the shape that size says")
            out[...] = self._draw(out.shape)
            return out
        drawn = self._draw(size)
        return drawn.astype(dtype) if isinstance(drawn, np.ndarray) else drawn

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        loc, scale = as_array(loc, "loc"), as_array(scale, "scale")
        whole = np.broadcast_shapes(loc.shape, scale.shape)
        if size is None and whole:
            size = whole
        if size is not None and np.broadcast_shapes(whole, as_shape(size)) != as_shape(size):
            raise ValueError(f"loc and scale of shape {whole} do not fit size {size}")
        return loc + scale * self._draw(size)


def as_shape(size: Any) -> tuple[int, ...]:
    """A `size` argument as numpy reads it. Raises ValueError or TypeError for what is none."""
    entries = size if isinstance(size, list | tuple) else np.atleast_1d(as_array(size))
    if len(entries) > 32:
        raise ValueError(f"{len(entries)} dimensions, at most 32")
    shape = tuple(index(entry) for entry in entries)
    if min(shape, default=0) < 0:
        raise ValueError("negative dimensions are not allowed")
    return shape


class ScriptedNoise(NoiseSpy):
    """Normals that are all 0, or 0 but for a single 1 at flat position `impulse` in the order of drawing."""

    def __init__(self, impulse: int | None = None) -> None:
        super().__init__()
        self.impulse = impulse

    def _next(self, start: int, count: int) -> Array:
        flat = np.zeros(count)
        if self.impulse is not None and start <= self.impulse < start + count:
            flat[self.impulse - start] = 1.0
        return flat


class CoinNoise(NoiseSpy):
    """Draws that are 1 with probability `heads`, else -1: no order of drawing matters to their means."""

    def __init__(self, heads: float, seed: int = 0) -> None:
        super().__init__(seed)
        self.heads = heads

    def _next(self, start: int, count: int) -> Array:
        return np.where(self._source.random(count) < self.heads, 1.0, -1.0)


class RecordingNoise(NoiseSpy):
    """Real normals from a seed; `draws` keeps every one, flat, in the order of drawing, and at most `most`."""

    def __init__(self, seed: int, most: int = MAX_RECORDED) -> None:
        super().__init__(seed)
        self._most = most
        self._blocks: list[Array] = []

    @property
    def nbytes(self) -> int:
        """About what the normals take that were drawn."""
        return 8 * self.count

    def forget(self) -> None:
        """Let go of the normals."""
        self._blocks.clear()

    def hand_out(self, count: int) -> Array:
        if self.count + count > self._most:
            raise CheckFailure(f"more than {self._most} normals are drawn from rng")
        flat = super().hand_out(count)
        self._blocks.append(flat.copy())
        return flat

    @property
    def draws(self) -> Array:
        """All normals drawn so far, flat float64 `(count,)`."""
        return np.concatenate(self._blocks) if self._blocks else np.zeros(0)


class ModelSpy(Spy):
    """A model `(x_t, t) -> eps` that records its calls and hands out what `answer(x_t, t)` says, shaped as x_t.

    `answer` sees a float64 copy of x_t and t as an int (or an int array `(B,)` when rows differ). The default
    answers zeros. With `shape` given, an input of another shape fails the check, before any work is done.
    """

    label = "model"

    def __init__(
        self, answer: Model | None = None, shape: tuple[int, ...] | None = None, max_calls: int = 100_000
    ) -> None:
        self._answer = answer or (lambda x, t: np.zeros_like(x))
        self._shape = shape
        self._max_calls = max_calls
        self._entries = 0
        self.inputs: list[Array] = []
        self.raw_timesteps: list[Any] = []
        self.answers: list[Array] = []

    def __call__(self, x_t: Any, t: Any) -> Any:
        given = as_array(x_t, "the model's input x_t")
        if self._shape is not None and given.shape != self._shape:
            raise CheckFailure(f"the model got x_t of shape {given.shape}, expected {self._shape}")
        if len(self.inputs) >= self._max_calls:
            raise CheckFailure(f"the model was called more than {self._max_calls} times")
        level = as_level(t, given.shape)
        self._count(2 * given.size + level.size)
        x = given.astype(np.float64)
        self.inputs.append(x.copy())
        self.raw_timesteps.append(level.copy())
        rows_agree = level.size > 0 and bool(np.all(level == level.flat[0]))
        answer = np.asarray(self._answer(x, int(level.flat[0]) if rows_agree else level))
        if answer.shape != x.shape:  # of levels that differ it may be any, and large
            raise CheckFailure(f"the model got t = {show(level)}, which does not fit x_t of shape {x.shape}")
        self.answers.append(answer.copy())
        return answer

    def _count(self, entries: int) -> None:
        """Before they are kept. A call counts a little more than what it is asked about."""
        self._entries += entries + 16
        if self._entries > MAX_ENTRIES:
            raise CheckFailure(f"the model was called with more than {MAX_ENTRIES} entries in all")

    @property
    def nbytes(self) -> int:
        """About what it keeps of its calls, for whoever keeps the spy."""
        return sum(int(array.nbytes) for array in (*self.inputs, *self.answers))

    def forget(self) -> None:
        """Let go of inputs, timesteps and answers."""
        for noted in (self.inputs, self.raw_timesteps, self.answers):
            noted.clear()

    def effect(self) -> object:
        """The calls: their timesteps and inputs."""
        return [list(self.raw_timesteps), list(self.inputs)]

    @property
    def timesteps(self) -> list[int]:
        """The t of each call; a call whose rows had different t fails the check."""
        for level in self.raw_timesteps:
            if level.size == 0 or np.any(level != level.flat[0]):
                raise CheckFailure(f"the model got different timesteps in one call: {level}")
        return [int(level.flat[0]) for level in self.raw_timesteps]


def as_level(t: Any, shape: tuple[int, ...]) -> Array:
    """A model's timestep for inputs of a shape: an int, or one a row. Floats that are whole will do."""
    level = as_array(t, "the model's timestep t")
    if level.dtype.kind == "f" and np.all(np.abs(level) <= MAX_LEVEL) and np.all(level == np.round(level)):
        level = level.astype(np.int64)
    if level.dtype.kind not in "iu":
        said = f"t = {show(level)}" if level.dtype.kind == "f" else f"t of dtype {level.dtype}"
        raise CheckFailure(f"the model got {said}, expected ints")
    rows = shape[0] if shape else 1
    if level.ndim > 1 or (level.ndim == 1 and level.shape[0] not in (1, rows)):
        raise CheckFailure(f"the model got t of shape {level.shape}, expected an int or ({rows},)")
    if level.size and max(abs(int(level.min())), abs(int(level.max()))) > MAX_LEVEL:
        raise CheckFailure(f"the model got a t above {MAX_LEVEL}")
    return level
