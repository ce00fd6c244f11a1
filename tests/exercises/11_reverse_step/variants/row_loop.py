"""A loop over rows and plain Python products; lists come back."""

import numpy as np


def product(values):
    out = 1.0
    for value in values:
        out *= value
    return out


def reverse_mean_var(x_t, eps, t, betas):
    steps = [int(t)] * len(x_t) if np.ndim(t) == 0 else [int(k) for k in t]
    alphas = [1.0 - b for b in betas.tolist()]
    means, variances = [], []
    for x, e, k in zip(x_t, eps, steps, strict=True):
        bar = product(alphas[: k + 1])
        bar_prev = product(alphas[:k])
        means.append(alphas[k] ** -0.5 * (x - (1 - alphas[k]) / (1 - bar) ** 0.5 * e))
        variances.append((1 - bar_prev) / (1 - bar) * (1 - alphas[k]))
    return [means, variances]
