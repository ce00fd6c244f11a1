"""Python's own exact sum over all entries, row by row."""

import math

import numpy as np


def eps_loss(model, x0, t, eps, alpha_bars):
    steps = [t] * len(x0) if isinstance(t, int) else t.tolist()
    rows = []
    for x, e, k in zip(x0, eps, steps, strict=True):
        rows.append(math.sqrt(alpha_bars[k]) * x + math.sqrt(1.0 - alpha_bars[k]) * e)
    guess = model(np.stack(rows), t)
    gaps = (np.array(guess, dtype=float) - np.array(eps, dtype=float)).ravel().tolist()
    return math.fsum(g * g for g in gaps) / len(gaps)
