"""18 · Editing and inpainting.

Editing: Meng et al. 2022 (SDEdit), noise a picture part of the way and clean it again. Inpainting: Lugmayr
et al. 2022 (RePaint), eq. 8: at every level the known pixels come from x, the others from the model.

`t` is 0-based (0 … T-1). Pictures are float `(B, D)` or `(B, ...)`; `betas` is float64 `(T,)`, and
alpha_bar_t is the product of 1 - beta_0 … 1 - beta_t. `model(x_t, t)` predicts eps for the whole batch; t is
an int or an int array `(B,)`. All noise is drawn from `rng`. Nothing is changed in place.
"""

import numpy as np

# Room for a helper that both tasks can share: one denoising step, as in 11 and 12.


def edit(model, x, strength, betas, rng):
    """Task 1. Noise x part of the way, then clean it: small strength keeps much of x, strength 1 little.

    k = round(strength * T) with Python's round. x is noised to level k - 1, and k denoising steps follow, at
    t = k - 1 … 0. A step is that of 11 and 12: mean and variance of `reverse_mean_var`, no noise at t = 0.
    With k = 0 no step is left, and a copy of x comes back.

    x: `(B, ...)`; strength: a number in 0 … 1; betas: `(T,)`.
    Returns the edited picture, shaped as x. Raises ValueError for a strength outside 0 … 1.
    """
    raise NotImplementedError("edit is not written yet")


def inpaint(model, x, mask, betas, rng):
    """Task 2. Keep the known pixels of x, let the model fill in the rest.

    The unknown pixels start as pure noise, whatever x holds there. T denoising steps follow, t = T - 1 … 0.
    At each call of the model with t < T - 1 the known pixels hold x noised to level t, with fresh noise each
    time; what they hold at the first call is up to you. At the end they hold x itself.

    x: `(B, ...)`; mask: shaped as x, True where a pixel is known (a mask of ints counts as bool: 0 is
    unknown, any other number is known); betas: `(T,)`.
    Returns the filled picture, shaped as x.
    """
    raise NotImplementedError("inpaint is not written yet")
