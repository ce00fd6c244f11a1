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
    raise NotImplementedError("ddim_timesteps is not written yet")


def ddim_step(x_t, eps, t, t_prev, alpha_bars, eta=0.0, noise=None):
    """Task 2. One step from level t to level t_prev < t: Song et al. 2021, eq. 12, with sigma of eq. 16.

    x_t, eps, noise: `(B, ...)`, the sample, the model's noise in it, and fresh standard normal noise; t, t_prev: ints;
    eta: 0 (no fresh noise) … 1 (as much as DDPM). Returns the sample at t_prev, shaped as x_t. Raises ValueError when
    sigma is above 0 and noise is None.
    """
    raise NotImplementedError("ddim_step is not written yet")


def ddim_sample(model, alpha_bars, num_steps, x_T):
    """Task 3. From x_T to x0 in num_steps steps without fresh noise: Song et al. 2021, eq. 12 with sigma = 0.

    model: `model(x_t, t) -> eps`, called num_steps times, at the levels of task 1; x_T: `(B, ...)`, the start at
    level T-1. Returns x0, shaped as x_T. The last step goes to the clean picture.
    """
    raise NotImplementedError("ddim_sample is not written yet")
