"""Without 11: its own step, through the clean sample; all the noise is drawn in one block before the loop."""

import numpy as np


def ddpm_sample(model, betas, shape, rng):
    T = len(betas)
    noise = rng.standard_normal((T, *shape))
    alphas = 1 - betas
    bars = np.cumprod(alphas)
    bars_prev = np.append(1, bars[:-1])
    x = noise[0]
    for t in reversed(range(T)):
        eps = model(x, t)
        x0 = (x - (1 - bars[t]) ** 0.5 * eps) / bars[t] ** 0.5
        x = bars_prev[t] ** 0.5 * betas[t] * x0 + alphas[t] ** 0.5 * (1 - bars_prev[t]) * x
        x = x / (1 - bars[t])
        if t:
            x = x + (betas[t] * (1 - bars_prev[t]) / (1 - bars[t])) ** 0.5 * noise[t]
    return x
