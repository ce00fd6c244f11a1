"""The running product as a running sum of logarithms; the cosine schedule from its levels, by 1 + cos 2a."""

import numpy as np


def _need(good, message):
    if not good:
        raise ValueError(message)


def linear_betas(num_timesteps, beta_start=1e-4, beta_end=0.02):
    _need(num_timesteps >= 1, f"num_timesteps is {num_timesteps}")
    _need(0 < beta_start < 1, f"beta_start is {beta_start}")
    _need(0 < beta_end < 1, f"beta_end is {beta_end}")
    along = np.arange(num_timesteps) / max(num_timesteps - 1, 1)
    return (1 - along) * beta_start + along * beta_end


def cosine_betas(num_timesteps, s=0.008, max_beta=0.999):
    _need(num_timesteps >= 1, f"num_timesteps is {num_timesteps}")
    angle = (np.linspace(0, 1, num_timesteps + 1) + s) / (1 + s) * np.pi
    levels = (1 + np.cos(angle)) / 2
    levels = levels / levels[0]
    raw = (levels[:-1] - levels[1:]) / levels[:-1]
    return np.where(raw > max_beta, max_beta, raw)


def alpha_bars(betas):
    betas = np.asarray(betas, dtype=np.float64)
    _need(np.min(betas) >= 0 and np.max(betas) < 1, "a beta lies outside [0, 1)")
    return np.exp(np.cumsum(np.log1p(-betas)))
