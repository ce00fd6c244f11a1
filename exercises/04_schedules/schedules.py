"""04 · Noise schedules: how much dirt at which step.

From here on steps are variance-preserving: x ← sqrt(1 - beta_t) * x + sqrt(beta_t) * noise. `betas` and
`alpha_bars` are float64 arrays `(T,)`, and t is 0-based: 0 … T-1.
"""

import numpy as np


def linear_betas(num_timesteps, beta_start=1e-4, beta_end=0.02):
    """Task 1. Evenly spaced betas from beta_start to beta_end, both included (Ho et al. 2020, section 4).

    num_timesteps: T. Returns float64 `(T,)`; T = 1 gives beta_start. Raises ValueError when num_timesteps < 1,
    or when beta_start or beta_end does not lie between 0 and 1, both excluded.
    """
    raise NotImplementedError("linear_betas is not written yet")


def cosine_betas(num_timesteps, s=0.008, max_beta=0.999):
    """Task 2. Betas whose alpha_bars follow a squared cosine (Nichol & Dhariwal 2021, eq. 17).

    f(u) = cos((u/T + s) / (1 + s) * pi/2) ** 2 and beta_t = 1 - f(t + 1) / f(t), but at most max_beta.
    num_timesteps: T. Returns float64 `(T,)`. Raises ValueError when num_timesteps < 1.
    """
    raise NotImplementedError("cosine_betas is not written yet")


def alpha_bars(betas):
    """Task 3. The share of the variance that is still signal: alpha_bar_t = (1 - beta_0) * … * (1 - beta_t).

    betas: `(T,)`. Returns a new float64 array `(T,)` (Ho et al. 2020, below eq. 3). Raises ValueError when any
    beta lies outside 0 <= beta < 1.
    """
    raise NotImplementedError("alpha_bars is not written yet")
