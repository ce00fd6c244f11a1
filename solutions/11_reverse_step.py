"""11 · One denoising step.

Ho et al. 2020, eq. 11 and eq. 7: given x_t and the noise in it, the sample one step cleaner is Gaussian.

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row. Before t = 0 comes the clean
picture: there alpha_bar is 1. Samples are `(B, D)` or `(B, ...)`; `betas` is float64 `(T,)`, each entry in
(0, 1). Nothing is changed in place.
"""

import numpy as np

### BEGIN SOLUTION
### STUB: # Room for a helper.
### STUB:
### STUB:


def _rows(values, t, ndim):
    """values[t], shaped to multiply whole rows: a scalar for an int t, (B, 1, …) for t of shape (B,)."""
    picked = values[np.asarray(t)]
    return picked.reshape(picked.shape + (1,) * (ndim - 1)) if np.ndim(picked) else picked


### END SOLUTION
def reverse_mean_var(x_t, eps, t, betas):
    """Task 1. The mean of the sample one step cleaner, eq. 11. Task 2. Its variance, eq. 7. Task 3. Rows.

    x_t: `(B, ...)`, the noisy sample; eps: the noise in it, shaped as x_t; t: int or `(B,)`; betas: `(T,)`.
    Returns (mean, var): mean shaped as x_t; var a variance, not a standard deviation, as one number, `(B,)`,
    `(B, 1)`, `(B, 1, …)` or shaped as x_t. At t = 0 the mean is the clean sample and var is 0.
    """
    ### BEGIN SOLUTION
    alpha_bars = np.cumprod(1.0 - np.asarray(betas))
    alpha_bars_prev = np.concatenate([[1.0], alpha_bars[:-1]])
    beta = _rows(betas, t, np.ndim(x_t))
    alpha_bar = _rows(alpha_bars, t, np.ndim(x_t))
    alpha_bar_prev = _rows(alpha_bars_prev, t, np.ndim(x_t))
    mean = (x_t - beta / np.sqrt(1.0 - alpha_bar) * eps) / np.sqrt(1.0 - beta)
    var = beta * (1.0 - alpha_bar_prev) / (1.0 - alpha_bar)
    return mean, var
    ### END SOLUTION
