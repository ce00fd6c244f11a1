"""Hypothesis strategies in the field's words. Entries are multiples of 1/64, so float32 holds them exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

Array = NDArray[Any]

#: The default sizes fit each other: `@given(x0=images(), t=timesteps(), betas=betas())`.
NUM_TIMESTEPS = 10
BATCH = 3
DATA_DIM = 4


def _grid(shape: int | tuple[int, ...], low: float, high: float, steps: int = 64) -> st.SearchStrategy[Array]:
    """Arrays whose entries are multiples of 1/steps in [low, high]."""
    entries = st.integers(round(low * steps), round(high * steps))
    return hnp.arrays(np.int64, shape, elements=entries, fill=st.nothing()).map(lambda k: k / steps)


def betas(num_timesteps: int = NUM_TIMESTEPS, low: float = 0.01, high: float = 0.5) -> st.SearchStrategy[Array]:
    """Noise schedules: float64 `(num_timesteps,)`, each entry in [low, high], no order imposed."""
    return _grid(num_timesteps, low, high, 1000)


def alpha_bars(num_timesteps: int = NUM_TIMESTEPS, low: float = 0.01, high: float = 0.5) -> st.SearchStrategy[Array]:
    """Cumulative products of 1 − β for `betas`: float64 `(num_timesteps,)`, falling, in (0, 1)."""
    return betas(num_timesteps, low, high).map(lambda b: np.cumprod(1.0 - b))


def images(
    batch: int | None = BATCH, size: int | tuple[int, ...] = DATA_DIM, low: float = -1.0, high: float = 1.0
) -> st.SearchStrategy[Array]:
    """Clean samples in [low, high]: float64 `(batch, *size)`, or `(*size,)` with batch None."""
    inner = (size,) if isinstance(size, int) else size
    return _grid(inner if batch is None else (batch, *inner), low, high)


def noise(batch: int | None = BATCH, size: int | tuple[int, ...] = DATA_DIM) -> st.SearchStrategy[Array]:
    """Noise-sized arrays, entries in [-3, 3], shaped as `images`."""
    return images(batch, size, -3.0, 3.0)


def timesteps(num_timesteps: int = NUM_TIMESTEPS, batch: int | None = None) -> st.SearchStrategy[Any]:
    """0-based timesteps: an int in 0 … num_timesteps − 1, or with batch an int64 array `(batch,)` of them."""
    if batch is None:
        return st.integers(0, num_timesteps - 1)
    return hnp.arrays(np.int64, batch, elements=st.integers(0, num_timesteps - 1), fill=st.nothing())


def seeds() -> st.SearchStrategy[int]:
    """Seeds for `np.random.default_rng`."""
    return st.integers(0, 2**32 - 1)
