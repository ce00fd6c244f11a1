"""One entry at a time, from the last row to the first, with rng.normal and lists."""

import numpy as np


def lesson_example(x_clean, noise, keep=0.9):
    flat = [keep * float(x_clean.flat[k]) + float(noise.flat[k]) for k in range(x_clean.size)]
    return np.array(flat, dtype="float32").reshape(np.shape(x_clean))


def make_example(x0, t, alpha_bars, rng):
    steps = [int(t)] * len(x0) if np.ndim(t) == 0 else list(t)
    x_t, eps = [None] * len(x0), [None] * len(x0)
    for i in reversed(range(len(x0))):
        a = alpha_bars[steps[i]]
        row = np.array([rng.normal() for _ in range(x0[i].size)]).reshape(x0[i].shape)
        eps[i] = row.tolist()
        x_t[i] = (a**0.5 * x0[i] + (1 - a) ** 0.5 * row).tolist()
    return x_t, eps
