"""09 · The training loss.

Ho et al. 2020, eq. 14 (the simple loss): the mean of |eps - model(x_t, t)|^2, where x_t is made of x0 and eps by
eq. 4. Here it is the mean over all rows and all entries, so it does not grow with the size of the picture.

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row; you need not test it. Samples
are `(B, D)` or `(B, ...)`; `alpha_bars` is float64 `(T,)`. Nothing is changed in place.
"""

import numpy as np


def eps_loss(model, x0, t, eps, alpha_bars):
    """Task 1. How far the model's noise is from the true noise, squared, on average.

    model: a callable, model(x_t, t) gives its guess of eps, shaped as x_t; it is called once, with the noisy
    samples of the whole batch and with t as it came. x0, eps: `(B, ...)`; t: int or `(B,)`; alpha_bars: `(T,)`.
    Returns one float, the mean over all B·… entries, added up in float64 also when the arrays are float32.
    """
    raise NotImplementedError("eps_loss is not written yet")
