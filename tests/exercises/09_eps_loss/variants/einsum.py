"""x_t in float32 and t broadcast to one a row, as frameworks do; the mean as a dot product in float64."""

import numpy as np


def eps_loss(model, x0, t, eps, alpha_bars):
    rows = np.broadcast_to(np.asarray(t), (len(x0),)).copy()
    a = alpha_bars[rows]
    x_t = np.einsum("b,b...->b...", np.sqrt(a), x0) + np.einsum("b,b...->b...", np.sqrt(1 - a), eps)
    guess = np.asarray(model(x_t.astype(np.float32), rows))
    gap = np.subtract(guess, eps, dtype=np.float64).ravel()
    return np.dot(gap, gap) / gap.size
