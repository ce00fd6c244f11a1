"""Another correct solution: v is asked with one time a row, and the average velocity comes from the score."""

import numpy as np


def _rows(t, x):
    t = np.asarray(t, dtype=float)
    if np.any(t < 0) or np.any(t > 1):
        raise ValueError("t must be within [0, 1]")
    return t if t.ndim == 0 else np.expand_dims(t, tuple(range(1, np.ndim(x))))


def interpolate(x0, eps, t):
    t = _rows(t, x0)
    return np.asarray(x0) * (1 - t) + np.asarray(eps) * t


def velocity(x0, eps):
    return -(x0 - eps)


def gaussian_velocity(x, t, mean, var):
    t = _rows(t, x)
    v_t = (1 - t) ** 2 * var + t**2
    score = -(x - (1 - t) * mean) / v_t
    return -t * score - mean + (1 - t) * var * score


def euler(v, x1, num_steps):
    if num_steps < 1:
        raise ValueError("no steps")
    x, h = np.array(x1, dtype=float), 1 / num_steps
    for k in range(num_steps):
        x = x - h * v(x, 1 - k / num_steps)
    return x
