"""In the variable x / sqrt(alpha_bar), where a step with eta = 0 is a straight Euler step of the flow."""

import numpy as np


def ddim_timesteps(num_timesteps, num_steps):
    if num_steps not in range(1, num_timesteps + 1):
        raise ValueError(f"num_steps = {num_steps} is outside 1..{num_timesteps}")
    return np.floor(np.arange(num_steps, 0, -1) * (num_timesteps / num_steps) + 1e-9).astype(np.int64) - 1


def noise_to_signal(alpha_bar):
    return np.sqrt(1 / alpha_bar - 1)


def ddim_step(x_t, eps, t, t_prev, alpha_bars, eta=0.0, noise=None):
    clean = t_prev == -1
    if eta > 0 and not clean and noise is None:
        raise ValueError("eta > 0 needs noise")
    a = alpha_bars[t]
    b = np.float64(1) if clean else alpha_bars[t_prev]
    straight = x_t / np.sqrt(a) + (noise_to_signal(b) - noise_to_signal(a)) * eps
    x_prev = np.sqrt(b) * straight
    if eta > 0 and not clean:
        variance = eta**2 * (1 - b) * (b - a) / (b * (1 - a))
        x_prev = x_prev + (np.sqrt(1 - b - variance) - np.sqrt(1 - b)) * eps + np.sqrt(variance) * noise
    return x_prev


def ddim_sample(model, alpha_bars, num_steps, x_T):
    steps = ddim_timesteps(len(alpha_bars), num_steps)
    y = x_T / np.sqrt(alpha_bars[-1])
    for i, t in enumerate(steps):
        a = alpha_bars[t]
        eps = model(np.sqrt(a) * y, t)
        target = noise_to_signal(alpha_bars[steps[i + 1]]) if i + 1 < len(steps) else 0.0
        y = y + (target - noise_to_signal(a)) * eps
    return y
