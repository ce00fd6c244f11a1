import numpy as np


def ddpm_sample(model, betas, shape, rng):
    bars = np.cumprod(1 - np.asarray(betas))
    x = rng.standard_normal(shape)
    for t in range(len(betas) - 1, -1, -1):
        eps = model(x, np.full(shape[0], t))
        x = (x - betas[t] / np.sqrt(1 - bars[t]) * eps) / np.sqrt(1 - betas[t])
        if t:
            x = x + np.sqrt(betas[t]) * rng.standard_normal(shape)
    return x
