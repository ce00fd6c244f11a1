"""Asks for the clean sample; tells the level as alpha_bar and as a log signal-to-noise ratio."""

import numpy as np

ALPHA_BAR = 0.8
TARGET = "x0"
EXPLANATION = "It repairs; it does not draw."


def training_example(x0, eps, alpha_bar_t, t):
    noisy = alpha_bar_t**0.5 * x0 + (1 - alpha_bar_t) ** 0.5 * eps
    log_snr = np.log(alpha_bar_t) - np.log1p(-alpha_bar_t)
    return [[noisy, alpha_bar_t, float(log_snr)], x0.copy()]


def denoise_gain(seed):
    x0, eps = np.random.default_rng(seed).normal(size=(2, 50_000))
    noisy = 0.8**0.5 * x0 + 0.2**0.5 * eps
    errors = [((guess - x0) ** 2).sum() for guess in (noisy / 0.8**0.5, noisy * 0.8**0.5)]
    return (errors[0] - errors[1]) / errors[0]
