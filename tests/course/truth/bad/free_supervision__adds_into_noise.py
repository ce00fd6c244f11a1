import numpy as np


def lesson_example(x_clean, noise, keep=0.9):
    mixed = np.asarray(noise, dtype=np.float32)
    mixed += (keep * np.asarray(x_clean)).astype(np.float32)
    return mixed


def make_example(x0, t, alpha_bars, rng):
    eps = rng.standard_normal(np.shape(x0))
    bar = np.asarray(alpha_bars)[t]
    bar = bar.reshape(bar.shape + (1,) * (np.ndim(x0) - np.ndim(bar)))
    return np.sqrt(bar) * x0 + np.sqrt(1 - bar) * eps, eps
