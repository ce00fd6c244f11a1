"""Another correct solution, in float32: a large negative number is added to the scores of masked words."""

import numpy as np


def _softmax(scores):
    scores = scores - np.max(scores, axis=-1)[..., None]
    powers = np.exp(scores)
    return powers / np.sum(powers, axis=-1)[..., None]


def cross_attend(pixels, words, wq, wk, wv, mask):
    pixels, words, wq, wk, wv = (np.asarray(each, dtype=np.float32) for each in (pixels, words, wq, wk, wv))
    scores = np.inner(np.inner(pixels, wq), np.inner(words, wk)) / np.float32(np.sqrt(len(wq)))
    scores = scores + np.where(mask, np.float32(0), np.float32(-1e9))
    return np.matmul(_softmax(scores), np.inner(words, wv))


def lora(w, a, b, scale):
    return np.float32(w) + np.float32(scale) * np.matmul(np.float32(b), np.float32(a))
