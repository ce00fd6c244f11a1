"""Loops for everything that can be looped."""

import math


def chain_mean_var(mean0, var0, decay, noise_scale, num_steps):
    mean, var = mean0, var0
    for _ in range(num_steps):
        mean *= decay
        var = var * decay**2 + noise_scale**2
    return [mean, var]


def half_life(decay):
    if decay <= 0 or decay >= 1:
        raise ValueError("decay must be in (0, 1)")
    return -1 / math.log2(decay)


def stationary_variance(decay, noise_scale):
    print("decay", decay)  # a student's debugging print costs nothing
    variance = 0.0
    for _ in range(5000):
        variance = decay * decay * variance + noise_scale * noise_scale
    return variance


def preserving_noise_scale(decay):
    return math.sqrt((1 - decay) * (1 + decay))
