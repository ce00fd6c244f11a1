import numpy as np

TARGET = "eps"
EXPLANATION = "The model sees the noisy sample and the level."


def training_example(x0, eps, alpha_bar_t, t):
    noisy = np.sqrt(alpha_bar_t) * x0 + np.sqrt(1 - alpha_bar_t) * eps
    return (noisy, t, np.diff(np.asarray(x0), axis=-1)), eps


def denoise_gain(seed):
    rng = np.random.default_rng(seed)
    x0, eps = rng.standard_normal((2, 100_000))
    x_t = np.sqrt(0.8) * x0 + np.sqrt(0.2) * eps
    return 1 - np.mean((np.sqrt(0.8) * x_t - x0) ** 2) / np.mean((x_t / np.sqrt(0.8) - x0) ** 2)
