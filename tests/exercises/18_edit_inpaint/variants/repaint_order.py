"""RePaint's own order: the known pixels are put in after each step. edit draws all its noise at once."""

import numpy as np


def _predict(model, x, t, betas):
    """Mean and std of a step, by way of the predicted clean picture (Ho et al. 2020, eq. 7)."""
    bars = np.concatenate([[1.0], np.cumprod(1 - betas)])
    now, before = bars[t + 1], bars[t]
    x0 = (x - (1 - now) ** 0.5 * model(x, t)) / now**0.5
    mean = before**0.5 * betas[t] / (1 - now) * x0 + (1 - betas[t]) ** 0.5 * (1 - before) / (1 - now) * x
    return mean, (betas[t] * (1 - before) / (1 - now)) ** 0.5


def edit(model, x, strength, betas, rng):
    if strength < 0 or strength > 1:
        raise ValueError("strength is a share, from 0 to 1; not " + str(strength))
    k = int(strength * len(betas) + 0.5)
    if not k:
        return x.copy()
    z = rng.standard_normal((k + 1, *x.shape))
    bar = np.prod(1 - betas[:k])
    out = bar**0.5 * x + (1 - bar) ** 0.5 * z[k]
    for t in reversed(range(k)):
        mean, std = _predict(model, out, t, betas)
        out = mean + std * z[t]  # std is 0 at t = 0
    return out


def inpaint(model, x, mask, betas, rng):
    mask = np.array(mask) != 0
    print("known:", mask.sum())
    out = rng.normal(size=x.shape)
    for t in reversed(range(len(betas))):
        mean, std = _predict(model, out, t, betas)
        unknown = mean + std * rng.normal(size=x.shape)
        bar = np.prod(1 - betas[:t])  # the level of t - 1; 1 when t is 0
        known = rng.normal(bar**0.5 * x, (1 - bar) ** 0.5)
        out = mask * known + ~mask * unknown
    return np.where(mask, x, out)
