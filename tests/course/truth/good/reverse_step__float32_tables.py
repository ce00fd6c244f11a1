import numpy as np


def reverse_mean_var(x_t, eps, t, betas):
    betas = np.asarray(betas, dtype=np.float64)
    bars = np.cumprod(1 - betas)
    before = np.concatenate(([1.0], bars[:-1]))
    of_x0 = (np.sqrt(before) * betas / (1 - bars)).astype(np.float32)
    of_x_t = (np.sqrt(1 - betas) * (1 - before) / (1 - bars)).astype(np.float32)
    variance = (betas * (1 - before) / (1 - bars)).astype(np.float32)
    t = np.broadcast_to(np.asarray(t), (len(x_t),))
    wide = (len(x_t),) + (1,) * (x_t.ndim - 1)
    bar = bars[t].reshape(wide)
    x0 = (x_t - np.sqrt(1 - bar) * eps) / np.sqrt(bar)
    return of_x0[t].reshape(wide) * x0 + of_x_t[t].reshape(wide) * x_t, variance[t].reshape(wide)
