"""The variance as what is left of its distance to the end; numpy scalars come back."""

import numpy as np


def stationary_variance(decay, noise_scale):
    return np.square(noise_scale) / ((1 + np.float64(decay)) * (1 - np.float64(decay)))


def chain_mean_var(mean0, var0, decay, noise_scale, num_steps):
    left = np.power(float(decay), num_steps)
    if decay == 1:
        return np.float64(mean0), np.float64(var0 + num_steps * noise_scale**2)
    end = stationary_variance(decay, noise_scale)
    return left * mean0, end + (var0 - end) * left**2


def half_life(decay):
    if decay > 0 and decay < 1:
        return np.log(2) / -np.log(decay)
    raise ValueError("no half-life for a decay of " + str(decay))


def preserving_noise_scale(decay):
    return np.sin(np.arccos(decay))
