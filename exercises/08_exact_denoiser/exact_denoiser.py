"""08 · The exact denoiser.

The best answer to "what is the noise in x_t?", in mean squared error, is the average over all noises that it
may have been: eps* = E[eps | x_t]. It follows from the best guess of the clean sample by Ho et al. 2020, eq. 4:

    eps* = (x_t - sqrt(alpha_bar_t) * E[x0 | x_t]) / sqrt(1 - alpha_bar_t).

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row; you need not test it. Samples
are `(B, D)` or `(B, ...)`; `alpha_bars` is float64 `(T,)`. Nothing is changed in place.
"""

import numpy as np

# Room for a helper that both tasks can share.


def gaussian_eps(x_t, t, alpha_bars, mean, var):
    """Task 1. The exact eps when the clean data are Gaussian, entry by entry: x0 ~ N(mean, var).

    x_t: `(B, ...)`; t: int or `(B,)`; alpha_bars: `(T,)`; mean, var: numbers, or arrays of one sample's shape.
    var holds variances, not standard deviations; it may be 0, for an entry that never changes.
    Returns E[eps | x_t], shaped as x_t.
    """
    raise NotImplementedError("gaussian_eps is not written yet")


def empirical_eps(x_t, t, alpha_bars, data):
    """Task 2. The exact eps when the clean data are these samples and no others, all equally probable.

    x_t: `(B, ...)`; t: int or `(B,)`; alpha_bars: `(T,)`; data: `(N, ...)`, N samples of the same shape.
    Returns E[eps | x_t], shaped as x_t; a number, however far x_t lies from all of the data.
    """
    raise NotImplementedError("empirical_eps is not written yet")
