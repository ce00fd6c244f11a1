"""Asks for v, in float32; beside the noisy sample a plane of sigma, and a label that never changes."""

import numpy as np

TARGET = "v"
EXPLANATION = "Denoising."


def training_example(x0, eps, alpha_bar_t, t):
    print("level", t)
    signal, sigma = np.float32(np.sqrt(alpha_bar_t)), np.float32(np.sqrt(1 - alpha_bar_t))
    x0, eps = np.asarray(x0, np.float32), np.asarray(eps, np.float32)
    x_t = signal * x0 + sigma * eps
    return (x_t, np.full(x_t.shape, sigma), "digits", None), signal * eps - sigma * x0


def denoise_gain(seed):
    rng = np.random.default_rng(seed)
    worst = best = 0.0
    for _ in range(10):
        x0 = rng.standard_normal(10_000, dtype=np.float32).astype(float)
        x_t = rng.normal(np.sqrt(0.8) * x0, np.sqrt(0.2))
        worst += np.mean((x_t / np.sqrt(0.8) - x0) ** 2)
        best += np.mean((np.sqrt(0.8) * x_t - x0) ** 2)
    return np.array([1 - best / worst])
