"""05 · One jump to any noise level.

Ho et al. 2020, eq. 4: x_t = sqrt(alpha_bar_t) * x0 + sqrt(1 - alpha_bar_t) * eps.

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row. Samples are `(B, D)` or
`(B, ...)`; `alpha_bars` is float64 `(T,)`. Nothing is changed in place.
"""

import numpy as np

### BEGIN SOLUTION
### STUB: # Room for a helper that all three tasks can share.
### STUB:
### STUB:


def _levels(t, alpha_bars, ndim):
    """alpha_bar_t, shaped to multiply whole rows: a scalar for an int t, (B, 1, …) for t of shape (B,)."""
    t = np.asarray(t)
    if np.any(t < 0) or np.any(t >= len(alpha_bars)):
        raise IndexError(f"t must lie in 0 … {len(alpha_bars) - 1}, found {t}")
    level = np.asarray(alpha_bars)[t]
    return level.reshape(level.shape + (1,) * (ndim - 1)) if level.ndim else level


### END SOLUTION
def add_noise(x0, eps, t, alpha_bars):
    """Task 1. The noisy sample x_t.

    x0, eps: `(B, ...)`; t: int or `(B,)`; alpha_bars: `(T,)`.
    Returns x_t, shaped as x0. Raises IndexError for any t outside 0 … T-1.
    """
    ### BEGIN SOLUTION
    alpha_bar = _levels(t, alpha_bars, np.ndim(x0))
    return np.sqrt(alpha_bar) * x0 + np.sqrt(1.0 - alpha_bar) * eps
    ### END SOLUTION


def predict_x0(x_t, eps, t, alpha_bars):
    """Task 2. The clean sample, when the noise in x_t is known: eq. 4 solved for x0.

    Returns x0, shaped as x_t. Raises IndexError for any t outside 0 … T-1.
    """
    ### BEGIN SOLUTION
    alpha_bar = _levels(t, alpha_bars, np.ndim(x_t))
    return (x_t - np.sqrt(1.0 - alpha_bar) * eps) / np.sqrt(alpha_bar)
    ### END SOLUTION


def predict_eps(x_t, x0, t, alpha_bars):
    """Task 3. The noise in x_t, when the clean sample is known: eq. 4 solved for eps.

    Returns eps, shaped as x_t. Raises IndexError for any t outside 0 … T-1.
    """
    ### BEGIN SOLUTION
    alpha_bar = _levels(t, alpha_bars, np.ndim(x_t))
    return (x_t - np.sqrt(alpha_bar) * x0) / np.sqrt(1.0 - alpha_bar)
    ### END SOLUTION
