"""Another correct solution: masked words are left out first; words come first in every array; logarithms of the sums."""

import numpy as np


def cross_attend(pixels, words, wq, wk, wv, mask):
    seen = words[mask]
    scores = (seen @ wk.T @ wq @ pixels.T) * wk.shape[0] ** -0.5  # (words, pixels)
    log_sums = np.logaddexp.reduce(scores, axis=0)
    return (wv @ seen.T @ np.exp(scores - log_sums)).T


def lora(w, a, b, scale):
    return np.concatenate([w, scale * b], axis=1) @ np.concatenate([np.eye(w.shape[1]), a])
