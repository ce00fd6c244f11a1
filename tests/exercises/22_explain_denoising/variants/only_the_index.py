"""Asks for eps; tells the level as features of t; loops over entries."""

import math

import numpy as np

TARGET = "eps"
EXPLANATION = """The network is asked which part of the picture is dirt."""


def training_example(x0, eps, alpha_bar_t, t):
    x_t = np.empty_like(x0, dtype=float)
    for index in np.ndindex(*x0.shape):
        x_t[index] = math.sqrt(alpha_bar_t) * x0[index] + math.sqrt(1 - alpha_bar_t) * eps[index]
    wave = np.array([math.sin(t / 10), math.cos(t / 10), t / 100])
    return (x_t, wave, {"spread": float(x_t.std())}), np.array(eps)


def denoise_gain(seed):
    rng = np.random.default_rng(seed)
    pairs = rng.standard_normal((60_000, 2))
    x_t = pairs @ np.sqrt([0.8, 0.2])
    first = np.square(x_t / np.sqrt(0.8) - pairs[:, 0]).mean()
    second = np.square(x_t * np.sqrt(0.8) - pairs[:, 0]).mean()
    return 1 - second / first
