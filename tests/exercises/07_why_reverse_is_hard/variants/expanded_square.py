"""|x - c|² multiplied out, so that only a matrix product is needed; |x|² drops out of the ratio."""

import numpy as np


def posterior(x_t, candidates, prior, alpha_bar_t):
    x = np.asarray(x_t).reshape(len(x_t), -1)
    c = np.asarray(candidates).reshape(len(candidates), -1) * alpha_bar_t**0.5
    with np.errstate(divide="ignore"):
        score = np.log(prior) + (x @ c.T - 0.5 * (c * c).sum(axis=1)) / (1 - alpha_bar_t)
    score -= score.max(axis=1)[:, np.newaxis]
    table = np.exp(score)
    return table / table.sum(axis=1)[:, np.newaxis]
