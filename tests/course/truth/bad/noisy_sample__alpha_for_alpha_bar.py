import numpy as np


def _alpha(t, alpha_bars, x):
    t = np.asarray(t)
    if np.any(t < 0) or np.any(t >= len(alpha_bars)):
        raise IndexError("no such level")
    one = np.asarray(alpha_bars) / np.concatenate(([1.0], alpha_bars[:-1]))
    one = one[t]
    return one.reshape(one.shape + (1,) * (x.ndim - 1)) if one.ndim else one


def add_noise(x0, eps, t, alpha_bars):
    alpha = _alpha(t, alpha_bars, x0)
    return np.sqrt(alpha) * x0 + np.sqrt(1 - alpha) * eps


def predict_x0(x_t, eps, t, alpha_bars):
    alpha = _alpha(t, alpha_bars, x_t)
    return (x_t - np.sqrt(1 - alpha) * eps) / np.sqrt(alpha)


def predict_eps(x_t, x0, t, alpha_bars):
    alpha = _alpha(t, alpha_bars, x_t)
    return (x_t - np.sqrt(alpha) * x0) / np.sqrt(1 - alpha)
