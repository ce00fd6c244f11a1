"""Broadcasting over the last axis by transposing, and solving one inverse through the other."""

import numpy as np


def _pick(t, alpha_bars):
    steps = np.array(t, copy=True)
    total = len(alpha_bars)
    if not np.all((0 <= steps) & (steps < total)):
        raise IndexError(f"t = {t} is outside 0..{total - 1}")
    return np.asarray(alpha_bars, dtype=float)[steps]


def add_noise(x0, eps, t, alpha_bars):
    print("noising", np.shape(x0))  # a student's debugging print costs nothing
    a = _pick(t, alpha_bars)
    return (x0.T * np.sqrt(a) + eps.T * np.sqrt(1 - a)).T


def predict_x0(x_t, eps, t, alpha_bars):
    a = _pick(t, alpha_bars)
    return (x_t.T / np.sqrt(a) - eps.T * np.sqrt(1 / a - 1)).T


def predict_eps(x_t, x0, t, alpha_bars):
    a = _pick(t, alpha_bars)
    return ((x_t.T - np.sqrt(a) * x0.T) * (1 - a) ** -0.5).T
