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
    ### BEGIN SOLUTION
    if num_timesteps < 1:
        raise ValueError(f"num_timesteps must be at least 1, found {num_timesteps}")
    if not (0 < beta_start < 1 and 0 < beta_end < 1):
        raise ValueError(f"beta_start and beta_end must lie between 0 and 1, found {beta_start}, {beta_end}")
    return np.linspace(beta_start, beta_end, num_timesteps)
    ### END SOLUTION


def cosine_betas(num_timesteps, s=0.008, max_beta=0.999):
    """Task 2. Betas whose alpha_bars follow a squared cosine (Nichol & Dhariwal 2021, eq. 17).

    f(u) = cos((u/T + s) / (1 + s) * pi/2) ** 2 and beta_t = 1 - f(t + 1) / f(t), but at most max_beta.
    num_timesteps: T. Returns float64 `(T,)`. Raises ValueError when num_timesteps < 1.
    """
    ### BEGIN SOLUTION
    if num_timesteps < 1:
        raise ValueError(f"num_timesteps must be at least 1, found {num_timesteps}")
    share = np.arange(num_timesteps + 1) / num_timesteps
    f = np.cos((share + s) / (1 + s) * np.pi / 2) ** 2
    return np.minimum(1 - f[1:] / f[:-1], max_beta)
    ### END SOLUTION


def alpha_bars(betas):
    """Task 3. The share of the variance that is still signal: alpha_bar_t = (1 - beta_0) * … * (1 - beta_t).

    betas: `(T,)`. Returns a new float64 array `(T,)` (Ho et al. 2020, below eq. 3). Raises ValueError when any
    beta lies outside 0 <= beta < 1.
    """
    ### BEGIN SOLUTION
    if not np.all((betas >= 0) & (betas < 1)):
        raise ValueError(f"betas must lie in 0 <= beta < 1, found {np.min(betas)} … {np.max(betas)}")
    return np.cumprod(1 - betas)
    ### END SOLUTION
