"""Everything in float32, noise included, as in a deep-learning framework."""

import numpy as np


def lesson_example(x_clean, noise, keep=0.9):
    x = np.asarray(x_clean, dtype=np.float32)
    return np.float32(keep) * x + np.asarray(noise, dtype=np.float32)


def make_example(x0, t, alpha_bars, rng):
    eps = rng.standard_normal(size=x0.shape, dtype=np.float32)
    rows = np.broadcast_to(np.asarray(t), (x0.shape[0],))
    level = alpha_bars[rows].astype(np.float32)
    level = level[(...,) + (None,) * (x0.ndim - 1)]
    return [np.sqrt(level) * x0.astype(np.float32) + np.sqrt(1 - level) * eps, eps]
