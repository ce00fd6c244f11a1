import numpy as np


def reverse_mean_var(x_t, eps, t, betas):
    betas = np.asarray(betas)
    bars = np.cumprod(1 - betas)
    t = np.broadcast_to(np.asarray(t), (len(x_t),))
    wide = (len(x_t),) + (1,) * (x_t.ndim - 1)
    beta, bar = betas[t].reshape(wide), bars[t].reshape(wide)
    mean = (x_t - beta / np.sqrt(1 - bar) * eps) / np.sqrt(1 - beta)
    return mean, np.where(t.reshape(wide) == 0, 0.0, beta)
