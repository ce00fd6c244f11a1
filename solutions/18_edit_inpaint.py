"""18 · Editing and inpainting.

Editing: Meng et al. 2022 (SDEdit), noise a picture part of the way and clean it again. Inpainting: Lugmayr
et al. 2022 (RePaint), eq. 8: at every level the known pixels come from x, the others from the model.

`t` is 0-based (0 … T-1). Pictures are float `(B, D)` or `(B, ...)`; `betas` is float64 `(T,)`, and
alpha_bar_t is the product of 1 - beta_0 … 1 - beta_t. `model(x_t, t)` predicts eps for the whole batch; t is
an int or an int array `(B,)`. All noise is drawn from `rng`. Nothing is changed in place.
"""

import numpy as np

### BEGIN SOLUTION
### STUB: # Room for a helper that both tasks can share: one denoising step, as in 11 and 12.
### STUB:
### STUB:


def _denoise(model, x_t, t, betas, alpha_bars, rng):
    """One step from level t to level t - 1 (Ho et al. 2020, eq. 11 and algorithm 2)."""
    eps = model(x_t, t)
    mean = (x_t - betas[t] / np.sqrt(1.0 - alpha_bars[t]) * eps) / np.sqrt(1.0 - betas[t])
    if t == 0:
        return mean
    var = betas[t] * (1.0 - alpha_bars[t - 1]) / (1.0 - alpha_bars[t])
    return mean + np.sqrt(var) * rng.standard_normal(np.shape(x_t))


### END SOLUTION
def edit(model, x, strength, betas, rng):
    """Task 1. Noise x part of the way, then clean it: small strength keeps much of x, strength 1 little.

    k = round(strength * T) with Python's round. x is noised to level k - 1, and k denoising steps follow, at
    t = k - 1 … 0. A step is that of 11 and 12: mean and variance of `reverse_mean_var`, no noise at t = 0.
    With k = 0 no step is left, and a copy of x comes back.

    x: `(B, ...)`; strength: a number in 0 … 1; betas: `(T,)`.
    Returns the edited picture, shaped as x. Raises ValueError for a strength outside 0 … 1.
    """
    ### BEGIN SOLUTION
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength must lie in 0 … 1, found {strength}")
    alpha_bars = np.cumprod(1.0 - betas)
    k = round(strength * len(betas))
    if k == 0:
        return np.array(x)
    level = alpha_bars[k - 1]
    x_t = np.sqrt(level) * x + np.sqrt(1.0 - level) * rng.standard_normal(np.shape(x))
    for t in range(k - 1, -1, -1):
        x_t = _denoise(model, x_t, t, betas, alpha_bars, rng)
    return x_t
    ### END SOLUTION


def inpaint(model, x, mask, betas, rng):
    """Task 2. Keep the known pixels of x, let the model fill in the rest.

    The unknown pixels start as pure noise, whatever x holds there. T denoising steps follow, t = T - 1 … 0.
    At each call of the model with t < T - 1 the known pixels hold x noised to level t, with fresh noise each
    time; what they hold at the first call is up to you. At the end they hold x itself.

    x: `(B, ...)`; mask: shaped as x, True where a pixel is known (a mask of ints counts as bool: 0 is
    unknown, any other number is known); betas: `(T,)`.
    Returns the filled picture, shaped as x.
    """
    ### BEGIN SOLUTION
    known = np.asarray(mask).astype(bool)
    alpha_bars = np.cumprod(1.0 - betas)
    x_t = rng.standard_normal(np.shape(x))
    for t in range(len(betas) - 1, -1, -1):
        level = alpha_bars[t]
        noisy = np.sqrt(level) * x + np.sqrt(1.0 - level) * rng.standard_normal(x_t.shape)
        x_t = np.where(known, noisy, x_t)
        x_t = _denoise(model, x_t, t, betas, alpha_bars, rng)
    return np.where(known, x, x_t)
    ### END SOLUTION
