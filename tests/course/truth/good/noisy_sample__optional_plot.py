import numpy as np

try:
    import matplotlib.pyplot as plt
except ImportError:
    plt = None


def _bar(t, alpha_bars, x):
    t = np.asarray(t)
    if np.any(t < 0) or np.any(t >= len(alpha_bars)):
        raise IndexError("no such level")
    bar = np.asarray(alpha_bars)[t]
    return bar.reshape(bar.shape + (1,) * (x.ndim - 1)) if bar.ndim else bar


def add_noise(x0, eps, t, alpha_bars):
    bar = _bar(t, alpha_bars, x0)
    return np.sqrt(bar) * x0 + np.sqrt(1 - bar) * eps


def predict_x0(x_t, eps, t, alpha_bars):
    bar = _bar(t, alpha_bars, x_t)
    return (x_t - np.sqrt(1 - bar) * eps) / np.sqrt(bar)


def predict_eps(x_t, x0, t, alpha_bars):
    bar = _bar(t, alpha_bars, x_t)
    return (x_t - np.sqrt(bar) * x0) / np.sqrt(1 - bar)
