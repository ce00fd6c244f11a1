"""Noise is drawn entry by entry, step noise first and the start last, and subtracted; lists come back."""

from math import sqrt

import numpy as np


def ddpm_sample(model, betas, shape, rng):
    count = int(np.prod(shape))
    kicks = {t: np.array([rng.normal() for _ in range(count)]).reshape(shape) for t in range(1, len(betas))}
    x = np.zeros(shape)
    for i in range(shape[0]):
        x[i] = -rng.standard_normal(shape[1:])
    for t in sorted(range(len(betas)), reverse=True):
        eps = np.asarray(model(x.copy(), np.array([t])))
        before, after = float(np.prod(1 - betas[:t])), float(np.prod(1 - betas[: t + 1]))
        x -= betas[t] / sqrt(1 - after) * eps
        x /= sqrt(1 - betas[t])
        if t in kicks:
            x -= sqrt(betas[t] * (1 - before) / (1 - after)) * kicks[t]
    return x.tolist()
