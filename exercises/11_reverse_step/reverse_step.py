"""11 · One denoising step.

Ho et al. 2020, eq. 11 and eq. 7: given x_t and the noise in it, the sample one step cleaner is Gaussian.

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row. Before t = 0 comes the clean
picture: there alpha_bar is 1. Samples are `(B, D)` or `(B, ...)`; `betas` is float64 `(T,)`, each entry in
(0, 1). Nothing is changed in place.
"""

import numpy as np

# Room for a helper.


def reverse_mean_var(x_t, eps, t, betas):
    """Task 1. The mean of the sample one step cleaner, eq. 11. Task 2. Its variance, eq. 7. Task 3. Rows.

    x_t: `(B, ...)`, the noisy sample; eps: the noise in it, shaped as x_t; t: int or `(B,)`; betas: `(T,)`.
    Returns (mean, var): mean shaped as x_t; var a variance, not a standard deviation, as one number, `(B,)`,
    `(B, 1)`, `(B, 1, …)` or shaped as x_t. At t = 0 the mean is the clean sample and var is 0.
    """
    raise NotImplementedError("reverse_mean_var is not written yet")
