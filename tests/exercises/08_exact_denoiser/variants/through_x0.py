"""Both answers through the best guess of x0; squares multiplied out, weights by log-sum-exp."""

import numpy as np


def _rows(t, alpha_bars, x):
    a = np.asarray(alpha_bars)[np.asarray(t)]
    return np.broadcast_to(a, (x.shape[0],)).astype(float)


def gaussian_eps(x_t, t, alpha_bars, mean, var):
    a = _rows(t, alpha_bars, x_t)
    gain = np.multiply.outer(np.sqrt(a), np.ones(x_t.shape[1:])) * var
    gain = gain / (
        np.multiply.outer(a, np.ones(x_t.shape[1:])) * var + np.multiply.outer(1 - a, np.ones(x_t.shape[1:]))
    )
    faded = (x_t.T * 0 + np.sqrt(a)).T * mean
    x0 = mean + gain * (x_t - faded)
    return ((x_t.T - np.sqrt(a) * x0.T) / np.sqrt(1 - a)).T


def empirical_eps(x_t, t, alpha_bars, data):
    a = _rows(t, alpha_bars, x_t)[:, None]
    x, d = x_t.reshape(len(x_t), -1), data.reshape(len(data), -1)
    score = (np.sqrt(a) * (x @ d.T) - a * 0.5 * np.sum(d * d, axis=1)) / (1 - a)
    top = score.max(axis=1, keepdims=True)
    w = np.exp(score - top - np.log(np.exp(score - top).sum(axis=1, keepdims=True)))
    return ((x - np.sqrt(a) * (w @ d)) / np.sqrt(1 - a)).reshape(x_t.shape)
