"""14 · One leap or many steps.

Ho et al. 2020, eq. 15, at the last level: x0_hat = (x_T - sqrt(1 - alpha_bar) * eps_hat) / sqrt(alpha_bar).

`t` is 0-based, so the last level is T-1. `model(x_t, t)` predicts eps. Samples are `(B, ...)`; `alpha_bars` is
float64 `(T,)`. Nothing is changed in place.
"""

import numpy as np


def one_shot(model, x_T, alpha_bars):
    """Task 1. The model's guess at the clean picture, in a single leap from the last level.

    model: `(x_t, t) -> eps`, called once. x_T: `(B, ...)`, a sample at level T-1. Returns a guess shaped as x_T.
    """
    ### BEGIN SOLUTION
    last = len(alpha_bars) - 1
    alpha_bar = alpha_bars[last]
    eps = np.asarray(model(x_T, last))
    return (x_T - np.sqrt(1.0 - alpha_bar) * eps) / np.sqrt(alpha_bar)
    ### END SOLUTION
