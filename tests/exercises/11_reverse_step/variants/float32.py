"""float32 results, einsum for the rows, the variance as (B, 1)."""

import numpy as np


def reverse_mean_var(x_t, eps, t, betas):
    alphas = 1 - betas
    products = np.append(1.0, np.cumprod(alphas))
    batch = x_t.shape[0]
    t = np.broadcast_to(np.atleast_1d(t), (batch,))
    on_x = (alphas[t] ** -0.5).astype(np.float32)
    on_eps = (betas[t] / np.sqrt(1 - products[t + 1]) * alphas[t] ** -0.5).astype(np.float32)
    mean = np.einsum("b,b...->b...", on_x, np.float32(x_t)) - np.einsum("b,b...->b...", on_eps, np.float32(eps))
    var = (1 - products[t]) / (1 - products[t + 1]) * betas[t]
    return mean, var.astype(np.float32)[:, None]
