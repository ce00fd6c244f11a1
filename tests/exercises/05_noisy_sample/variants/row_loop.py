"""A loop over rows, with a list of levels."""

import numpy as np


def level_of(t, alpha_bars):
    if t < 0 or t > len(alpha_bars) - 1:
        raise IndexError("no such level: " + str(t))
    return alpha_bars[t]


def rows_of(t, count):
    return [int(t)] * count if np.ndim(t) == 0 else [int(k) for k in t]


def add_noise(x0, eps, t, alpha_bars):
    rows = []
    for x, e, k in zip(x0, eps, rows_of(t, len(x0))):
        a = level_of(k, alpha_bars)
        rows.append(a**0.5 * x + (1 - a) ** 0.5 * e)
    return np.array(rows)


def predict_x0(x_t, eps, t, alpha_bars):
    rows = []
    for x, e, k in zip(x_t, eps, rows_of(t, len(x_t))):
        a = level_of(k, alpha_bars)
        rows.append((x - (1 - a) ** 0.5 * e) / a**0.5)
    return np.stack(rows)


def predict_eps(x_t, x0, t, alpha_bars):
    rows = []
    for x, c, k in zip(x_t, x0, rows_of(t, len(x_t))):
        a = level_of(k, alpha_bars)
        rows.append((x - a**0.5 * c) / (1 - a) ** 0.5)
    return rows
