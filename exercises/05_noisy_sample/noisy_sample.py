"""05 · One jump to any noise level.

Ho et al. 2020, eq. 4: x_t = sqrt(alpha_bar_t) * x0 + sqrt(1 - alpha_bar_t) * eps.

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row. Samples are `(B, D)` or
`(B, ...)`; `alpha_bars` is float64 `(T,)`. Nothing is changed in place.
"""

import numpy as np

# Room for a helper that all three tasks can share.


def add_noise(x0, eps, t, alpha_bars):
    """Task 1. The noisy sample x_t.

    x0, eps: `(B, ...)`; t: int or `(B,)`; alpha_bars: `(T,)`.
    Returns x_t, shaped as x0. Raises IndexError for any t outside 0 … T-1.
    """
    raise NotImplementedError("add_noise is not written yet")


def predict_x0(x_t, eps, t, alpha_bars):
    """Task 2. The clean sample, when the noise in x_t is known: eq. 4 solved for x0.

    Returns x0, shaped as x_t. Raises IndexError for any t outside 0 … T-1.
    """
    raise NotImplementedError("predict_x0 is not written yet")


def predict_eps(x_t, x0, t, alpha_bars):
    """Task 3. The noise in x_t, when the clean sample is known: eq. 4 solved for eps.

    Returns eps, shaped as x_t. Raises IndexError for any t outside 0 … T-1.
    """
    raise NotImplementedError("predict_eps is not written yet")
