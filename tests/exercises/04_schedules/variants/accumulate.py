"""numpy's accumulate and clip, and checks by assertion-like helpers; prints as it goes."""

import numpy as np


def linear_betas(num_timesteps, beta_start=1e-4, beta_end=0.02):
    ends = np.array([beta_start, beta_end])
    if num_timesteps < 1 or (ends <= 0).any() or (ends >= 1).any():
        raise ValueError("bad schedule: " + repr((num_timesteps, beta_start, beta_end)))
    if num_timesteps == 1:
        return ends[:1]
    return np.interp(np.arange(num_timesteps), [0, num_timesteps - 1], ends)


def cosine_betas(num_timesteps, s=0.008, max_beta=0.999):
    print("cosine schedule of", num_timesteps)  # a student's debugging print costs nothing
    if num_timesteps < 1:
        raise ValueError("bad schedule: " + repr(num_timesteps))
    u = np.arange(num_timesteps, dtype=float)
    scale = np.pi / 2 / (1 + s)
    now = np.cos((u / num_timesteps + s) * scale)
    then = np.cos(((u + 1) / num_timesteps + s) * scale)
    return np.clip(1.0 - (then / now) ** 2, None, max_beta)


def alpha_bars(betas):
    if any(b < 0 or b >= 1 for b in betas):
        raise ValueError("bad betas")
    alphas = 1.0 - betas
    out = alphas.copy()
    for t in range(1, len(out)):
        out[t] = out[t - 1] * alphas[t]
    return out
