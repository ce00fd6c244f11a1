"""Inputs and results in float32, as a network would have them."""

import numpy as np


def gaussian_eps(x_t, t, alpha_bars, mean, var):
    print("t =", t)  # a student's debugging print costs nothing
    x = np.float32(x_t)
    a = np.take(alpha_bars, np.full(len(x), t) if np.ndim(t) == 0 else t).astype(np.float32)
    a = np.expand_dims(a, tuple(range(1, x.ndim)))
    return np.sqrt(1 - a) / (a * np.float32(var) + 1 - a) * (x - np.sqrt(a) * np.float32(mean))


def empirical_eps(x_t, t, alpha_bars, data):
    x, d = np.float32(x_t), np.float32(data)
    a = np.take(alpha_bars, np.full(len(x), t) if np.ndim(t) == 0 else t).astype(np.float32)
    a = np.expand_dims(a, tuple(range(1, x.ndim)))
    each = (x[:, None] - np.sqrt(a)[:, None] * d) / np.sqrt(1 - a)[:, None]
    energy = 0.5 * np.square(each).reshape(len(x), len(d), -1).sum(-1)
    w = np.exp(energy.min(axis=1, keepdims=True) - energy)
    w /= w.sum(axis=1, keepdims=True)
    return np.einsum("bn,bn...->b...", w, each)
