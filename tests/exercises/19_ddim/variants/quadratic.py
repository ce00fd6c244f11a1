"""Denser near the clean end (the paper's quadratic sequence), made strict by hand; lists come back."""

import math
import sys

import numpy as np


def ddim_timesteps(num_timesteps, num_steps):
    if num_steps <= 0 or num_timesteps < num_steps:
        raise ValueError(f"{num_steps} steps do not fit into {num_timesteps} levels")
    top = num_timesteps - 1
    wanted = [round(top * (1 - k / num_steps) ** 2) for k in range(num_steps)]
    # Leave room below each entry for those that follow, and stay below the one before.
    levels = []
    for k, level in enumerate(wanted):
        level = max(level, num_steps - 1 - k)
        levels.append(level if not levels else min(level, levels[-1] - 1))
    return levels


def ddim_step(x_t, eps, t, t_prev, alpha_bars, eta=0.0, noise=None):
    now = float(alpha_bars[t])
    before = 1.0 if t_prev < 0 else float(alpha_bars[t_prev])
    sigma = eta * math.sqrt((1 - before) / (1 - now)) * math.sqrt(1 - now / before)
    if sigma != 0.0 and noise is None:
        raise ValueError("sigma is not 0: pass noise")
    clean = (x_t - math.sqrt(1 - now) * eps) / math.sqrt(now)
    parts = [math.sqrt(before) * clean, math.sqrt(max(1 - before - sigma * sigma, 0.0)) * eps]
    if sigma:
        parts.append(sigma * noise)
    return sum(parts).tolist()


def ddim_sample(model, alpha_bars, num_steps, x_T):
    print("sampling in", num_steps, "steps", file=sys.stderr)
    x, todo = x_T.copy(), ddim_timesteps(alpha_bars.size, num_steps)
    while todo:
        t = todo.pop(0)
        x = np.array(ddim_step(x, model(x, t), t, todo[0] if todo else -1, alpha_bars))
    return x.tolist()
