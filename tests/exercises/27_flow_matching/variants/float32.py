"""Another correct solution: float32, rows in loops."""

import numpy as np


def rows(t, count):
    t = np.broadcast_to(np.asarray(t, dtype=np.float32), (count,))
    if ((t < 0) | (t > 1)).any():
        raise ValueError("t is outside of 0 ... 1")
    return t


def interpolate(x0, eps, t):
    out = np.empty(np.shape(x0), dtype=np.float32)
    for i, time in enumerate(rows(t, len(x0))):
        out[i] = x0[i] * (1 - time) + eps[i] * time
    return out


def velocity(x0, eps):
    return (eps - x0).astype(np.float32)


def gaussian_velocity(x, t, mean, var):
    out = []
    for row, time in zip(x, rows(t, len(x))):
        keep = 1 - time
        slope = (time - keep * var) / (keep**2 * var + time**2)
        out.append(slope * (row - keep * mean) - mean)
    return np.array(out, dtype=np.float32)


def euler(v, x1, num_steps):
    if num_steps < 1:
        raise ValueError("num_steps is " + str(num_steps))
    x = np.array(x1, dtype=np.float64)
    left = num_steps
    while left:
        x = x - np.asarray(v(x, left / num_steps)) / num_steps
        left -= 1
    return x
