"""Integer strides that end above 0, float32 samples, one t a row for the model."""

import numpy as np


def ddim_timesteps(num_timesteps, num_steps):
    if num_steps < 1 or num_steps > num_timesteps:
        raise ValueError("cannot take " + str(num_steps) + " of " + str(num_timesteps) + " levels")
    return [num_timesteps - 1 - k * num_timesteps // num_steps for k in range(num_steps)]


def ddim_step(x_t, eps, t, t_prev, alpha_bars, eta=0.0, noise=None):
    padded = np.append(alpha_bars, 1.0)  # index -1 is the clean picture
    a, b = padded[t], padded[t_prev]
    sigma2 = eta**2 * (1 - b) / (1 - a) * (1 - a / b)
    on_x = np.sqrt(b / a)
    on_eps = np.sqrt(1 - b - sigma2) - on_x * np.sqrt(1 - a)
    out = np.float32(on_x) * np.float32(x_t) + np.float32(on_eps) * np.float32(eps)
    if sigma2 > 0:
        if noise is None:
            raise ValueError("noise is needed when eta > 0")
        out = out + np.float32(np.sqrt(sigma2)) * np.float32(noise)
    return out


def ddim_sample(model, alpha_bars, num_steps, x_T):
    x = np.array(x_T, dtype=np.float32)
    steps = ddim_timesteps(len(alpha_bars), num_steps)
    for i in range(num_steps):
        t = steps[i]
        t_prev = steps[i + 1] if i + 1 < num_steps else -1
        eps = np.asarray(model(x, np.full(len(x), t)))
        x = ddim_step(x, eps, t, t_prev, alpha_bars)
    return x
