"""03 · How fast structure fades.

The chain of 02, x_k = decay * x_(k-1) + noise_scale * noise_k, followed in the mean and the variance of x_k
instead of in samples. Means are scaled by decay; variances by decay squared, and independent ones add.
"""

import numpy as np


def chain_mean_var(mean0, var0, decay, noise_scale, num_steps):
    """Task 1. Mean and variance of x_k after `num_steps` steps, over all that the noise may be.

    mean0, var0: mean and variance of x_0, numbers; decay: 0 <= decay <= 1; noise_scale: the standard
    deviation of one step's dirt; num_steps: int >= 0. Returns `(mean, var)`, two numbers.
    """
    raise NotImplementedError("chain_mean_var is not written yet")


def half_life(decay):
    """Task 2. The number of steps after which half of the mean is left: decay ** half_life = 1/2.

    Returns a float, not rounded: 0.8 has a half-life of 3.1 steps. Raises ValueError unless 0 < decay < 1.
    """
    raise NotImplementedError("half_life is not written yet")


def stationary_variance(decay, noise_scale):
    """Task 3. The variance that a step leaves as it is, where every chain with 0 <= decay < 1 ends."""
    raise NotImplementedError("stationary_variance is not written yet")


def preserving_noise_scale(decay):
    """Task 4. The noise_scale with which variance 1 stays 1, for 0 <= decay <= 1. A number."""
    raise NotImplementedError("preserving_noise_scale is not written yet")
