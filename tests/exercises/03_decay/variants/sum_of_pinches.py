"""One term for each pinch, summed as arrays of one entry."""

import numpy as np


def chain_mean_var(mean0, var0, decay, noise_scale, num_steps):
    ages = np.arange(num_steps)
    dirt = np.sum((noise_scale * np.float64(decay) ** ages) ** 2)
    return np.array([decay**num_steps * mean0]), np.array([(decay**num_steps) ** 2 * var0 + dirt])


def half_life(decay):
    if decay <= 0.0:
        raise ValueError("decay must be above 0")
    if decay >= 1.0:
        raise ValueError("decay must be below 1")
    return np.log10(0.5) / np.log10(decay)


def stationary_variance(decay, noise_scale):
    return np.array(noise_scale**2 / (1.0 - decay**2))


def preserving_noise_scale(decay):
    return abs(1 - decay**2) ** 0.5
