"""A loop over rows, with lists; eps as the weighted mean of the noises that lead from each point to x_t."""

import numpy as np


def gaussian_eps(x_t, t, alpha_bars, mean, var):
    out = []
    for b in range(len(x_t)):
        a = alpha_bars[t if np.ndim(t) == 0 else t[b]]
        if np.all(np.asarray(var) > 0):
            # By precisions: what the data say, and what x_t says.
            x0 = (np.divide(mean, var) + a**0.5 * x_t[b] / (1 - a)) / (np.divide(1.0, var) + a / (1 - a))
            out.append(((x_t[b] - a**0.5 * x0) / (1 - a) ** 0.5).tolist())
        else:
            share = (1 - a) / (a * np.asarray(var) + (1 - a))
            out.append((share * (x_t[b] - a**0.5 * np.asarray(mean)) / (1 - a) ** 0.5).tolist())
    return out


def empirical_eps(x_t, t, alpha_bars, data):
    out = []
    for b in range(len(x_t)):
        a = alpha_bars[t if np.ndim(t) == 0 else t[b]]
        each = np.array([(x_t[b] - a**0.5 * d) / (1 - a) ** 0.5 for d in data])
        energy = np.array([0.5 * float((e**2).sum()) for e in each])
        w = np.exp(energy.min() - energy)
        out.append(sum(p * e for p, e in zip(w / w.sum(), each, strict=True)))
    return out
