"""Ho et al. 2020, eq. 7: first the clean sample, then the weighted mean; the precisions are added."""

import sys

import numpy as np


def reverse_mean_var(x_t, eps, t, betas):
    print("step from", t, file=sys.stderr)
    t = np.array(t)
    bars = np.exp(np.cumsum(np.log1p(-betas)))
    beta, bar = betas[t], bars[t]
    bar_prev = np.where(t > 0, bars[t - 1], 1.0)
    # transposed, so that the rows line up with the last axis
    x0 = (x_t.T - np.sqrt(1 - bar) * eps.T) / np.sqrt(bar)
    mean = np.sqrt(bar_prev) * beta / (1 - bar) * x0 + np.sqrt(1 - beta) * (1 - bar_prev) / (1 - bar) * x_t.T
    with np.errstate(divide="ignore"):
        var = 1 / ((1 - beta) / beta + 1 / (1 - bar_prev))
    return mean.T, np.broadcast_to(var, mean.shape).T.copy()
