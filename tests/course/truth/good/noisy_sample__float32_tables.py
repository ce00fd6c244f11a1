import numpy as np


def _weights(t, alpha_bars, ndim):
    levels = np.asarray(t)
    if np.any(levels < 0) or np.any(levels >= len(alpha_bars)):
        raise IndexError(f"t = {t} is outside 0 … {len(alpha_bars) - 1}")
    signal = np.sqrt(alpha_bars).astype(np.float32)[levels]
    noise = np.sqrt(1 - np.asarray(alpha_bars)).astype(np.float32)[levels]
    shape = levels.shape + (1,) * (ndim - 1) if levels.ndim else ()
    return signal.reshape(shape), noise.reshape(shape)


def add_noise(x0, eps, t, alpha_bars):
    signal, noise = _weights(t, alpha_bars, x0.ndim)
    return signal * x0 + noise * eps


def predict_x0(x_t, eps, t, alpha_bars):
    signal, noise = _weights(t, alpha_bars, x_t.ndim)
    return (x_t - noise * eps) / signal


def predict_eps(x_t, x0, t, alpha_bars):
    signal, noise = _weights(t, alpha_bars, x_t.ndim)
    return (x_t - signal * x0) / noise
