"""19 · Fewer steps.

Song et al. 2021 (DDIM), eq. 12 and eq. 16: a step that may skip levels, and that may do without fresh noise.

`t` and `t_prev` are 0-based ints; t_prev = -1 is the clean picture, where alpha_bar is 1. Samples are `(B, D)` or
`(B, ...)`; `alpha_bars` is float64 `(T,)`, falling, each entry in (0, 1). Nothing is changed in place.
"""

import numpy as np


def ddim_timesteps(num_timesteps, num_steps):
    """Task 1. The levels that a fast sampler visits: Song et al. 2021, section 4.2, the sequence tau.

    num_timesteps: T; num_steps: how many of the T levels. Returns num_steps ints (an array or a list), strictly
    descending, the first one T-1, spread over the whole range, no jump above 3·T/num_steps + 1; the last one need
    not be 0. Raises ValueError unless 1 ≤ num_steps ≤ num_timesteps.
    """
    ### BEGIN SOLUTION
    if not 1 <= num_steps <= num_timesteps:
        raise ValueError(f"num_steps must lie in 1 … {num_timesteps}, found {num_steps}")
    return np.round(np.linspace(num_timesteps - 1, 0, num_steps)).astype(int)
    ### END SOLUTION


def ddim_step(x_t, eps, t, t_prev, alpha_bars, eta=0.0, noise=None):
    """Task 2. One step from level t to level t_prev < t: Song et al. 2021, eq. 12, with sigma of eq. 16.

    x_t, eps, noise: `(B, ...)`, the sample, the model's noise in it, and fresh standard normal noise; t, t_prev: ints;
    eta: 0 (no fresh noise) … 1 (as much as DDPM). Returns the sample at t_prev, shaped as x_t. Raises ValueError when
    sigma is above 0 and noise is None.
    """
    ### BEGIN SOLUTION
    alpha_bar = alpha_bars[t]
    alpha_bar_prev = alpha_bars[t_prev] if t_prev >= 0 else 1.0
    sigma = eta * np.sqrt((1.0 - alpha_bar_prev) / (1.0 - alpha_bar) * (1.0 - alpha_bar / alpha_bar_prev))
    if sigma > 0 and noise is None:
        raise ValueError(f"the step has sigma = {sigma:.3g}, so it needs noise")
    x0 = (x_t - np.sqrt(1.0 - alpha_bar) * eps) / np.sqrt(alpha_bar)
    x_prev = np.sqrt(alpha_bar_prev) * x0 + np.sqrt(1.0 - alpha_bar_prev - sigma**2) * eps
    return x_prev + sigma * noise if sigma > 0 else x_prev
    ### END SOLUTION


def ddim_sample(model, alpha_bars, num_steps, x_T):
    """Task 3. From x_T to x0 in num_steps steps without fresh noise: Song et al. 2021, eq. 12 with sigma = 0.

    model: `model(x_t, t) -> eps`, called num_steps times, at the levels of task 1; x_T: `(B, ...)`, the start at
    level T-1. Returns x0, shaped as x_T. The last step goes to the clean picture.
    """
    ### BEGIN SOLUTION
    levels = [int(t) for t in ddim_timesteps(len(alpha_bars), num_steps)]
    x = x_T
    for t, t_prev in zip(levels, [*levels[1:], -1], strict=True):
        x = ddim_step(x, model(x, t), t, t_prev, alpha_bars)
    return x
    ### END SOLUTION
