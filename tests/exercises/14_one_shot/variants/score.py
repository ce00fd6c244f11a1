"""Tweedie's way: x_T plus the variance times the score, over the weight of the signal."""

import numpy as np


def one_shot(model, x_T, alpha_bars):
    (T,) = np.shape(alpha_bars)
    level = np.float64(alpha_bars[T - 1])
    score = -np.array(model(x_T.copy(), T - 1)) / np.sqrt(1 - level)
    return x_T / np.sqrt(level) + (1 - level) / np.sqrt(level) * score
