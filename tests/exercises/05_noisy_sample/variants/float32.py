"""Everything in float32, as in a deep-learning framework, with einsum for the rows."""

import numpy as np


def _weights(t, alpha_bars, batch):
    index = np.broadcast_to(np.atleast_1d(np.asarray(t, dtype=np.int64)), (batch,))
    if (index < 0).any() or (index >= alpha_bars.shape[0]).any():
        raise IndexError(f"timestep out of range: {t}")
    level = np.take(alpha_bars, index)
    return np.sqrt(level).astype(np.float32), np.sqrt(1 - level).astype(np.float32)


def add_noise(x0, eps, t, alpha_bars):
    signal, noise = _weights(t, alpha_bars, x0.shape[0])
    x0, eps = np.float32(x0), np.float32(eps)
    return np.einsum("b,b...->b...", signal, x0) + np.einsum("b,b...->b...", noise, eps)


def predict_x0(x_t, eps, t, alpha_bars):
    index = np.broadcast_to(np.atleast_1d(t), (x_t.shape[0],))
    if (index < 0).any() or (index >= alpha_bars.shape[0]).any():
        raise IndexError(f"timestep out of range: {t}")
    level = alpha_bars[index].reshape((-1,) + (1,) * (x_t.ndim - 1))
    return ((x_t - np.sqrt(1 - level) * eps) / np.sqrt(level)).astype(np.float32)


def predict_eps(x_t, x0, t, alpha_bars):
    index = np.broadcast_to(np.atleast_1d(t), (x_t.shape[0],))
    if (index < 0).any() or (index >= alpha_bars.shape[0]).any():
        raise IndexError(f"timestep out of range: {t}")
    level = alpha_bars[index].reshape((-1,) + (1,) * (x_t.ndim - 1))
    return ((x_t - np.sqrt(level) * x0) / np.sqrt(1 - level)).astype(np.float32)
