# wrong: a single step divides by zero; all else is right, so one law is lost
import numpy as np


def ddim_timesteps(num_timesteps, num_steps):
    if num_steps < 1 or num_steps > num_timesteps:
        raise ValueError("as many steps as there are levels, and at least one")
    stride = (num_timesteps - 1) / (num_steps - 1)
    return [round(num_timesteps - 1 - i * stride) for i in range(num_steps)]


def ddim_step(x_t, eps, t, t_prev, alpha_bars, eta=0.0, noise=None):
    now = alpha_bars[t]
    prev = 1.0 if t_prev < 0 else alpha_bars[t_prev]
    sigma = eta * np.sqrt((1 - prev) / (1 - now)) * np.sqrt(1 - now / prev)
    if sigma > 0 and noise is None:
        raise ValueError("noise is needed")
    x0 = (x_t - np.sqrt(1 - now) * eps) / np.sqrt(now)
    mixed = np.sqrt(prev) * x0 + np.sqrt(1 - prev - sigma**2) * eps
    return mixed + sigma * noise if sigma > 0 else mixed


def ddim_sample(model, alpha_bars, num_steps, x_T):
    levels = ddim_timesteps(len(alpha_bars), num_steps)
    x = x_T
    for i, t in enumerate(levels):
        x = ddim_step(x, model(x, t), t, levels[i + 1] if i + 1 < len(levels) else -1, alpha_bars)
    return x
