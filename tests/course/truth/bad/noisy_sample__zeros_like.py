# wrong: a picture of ints is cut down to whole numbers; that is one law
import numpy as np


def _at(t, alpha_bars, x):
    t = np.asarray(t)
    if (t < 0).any() or (t >= len(alpha_bars)).any():
        raise IndexError(f"t = {t} is outside 0 .. {len(alpha_bars) - 1}")
    return np.asarray(alpha_bars)[t].reshape(t.shape + (1,) * (x.ndim - 1 if t.ndim else 0))


def add_noise(x0, eps, t, alpha_bars):
    level, x_t = _at(t, alpha_bars, x0), np.zeros_like(x0)
    x_t[...] = np.sqrt(level) * x0 + np.sqrt(1 - level) * eps
    return x_t


def predict_x0(x_t, eps, t, alpha_bars):
    level = _at(t, alpha_bars, x_t)
    return (x_t - np.sqrt(1 - level) * eps) / np.sqrt(level)


def predict_eps(x_t, x0, t, alpha_bars):
    level = _at(t, alpha_bars, x_t)
    return (x_t - np.sqrt(level) * x0) / np.sqrt(1 - level)
