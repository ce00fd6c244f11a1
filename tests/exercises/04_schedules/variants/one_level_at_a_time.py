"""Loops and Python floats, turned into arrays at the end."""

import math

import numpy as np


def linear_betas(num_timesteps, beta_start=1e-4, beta_end=0.02):
    if num_timesteps <= 0:
        raise ValueError("need at least one timestep")
    for beta in (beta_start, beta_end):
        if beta <= 0 or beta >= 1:
            raise ValueError(f"beta {beta} is not between 0 and 1")
    if num_timesteps == 1:
        return np.array([beta_start], dtype=float)
    step = (beta_end - beta_start) / (num_timesteps - 1)
    return np.array([beta_start + t * step for t in range(num_timesteps)])


def cosine_betas(num_timesteps, s=0.008, max_beta=0.999):
    if num_timesteps <= 0:
        raise ValueError("need at least one timestep")

    def level(time):
        return math.cos((time + s) / (1 + s) * math.pi * 0.5) ** 2

    out = []
    for t in range(num_timesteps):
        out.append(min(1 - level((t + 1) / num_timesteps) / level(t / num_timesteps), max_beta))
    return np.array(out)


def alpha_bars(betas):
    left = 1.0
    out = []
    for beta in betas:
        if beta < 0 or beta >= 1:
            raise ValueError(f"no such beta: {beta}")
        left = left - left * beta
        out.append(left)
    return np.array(out)
