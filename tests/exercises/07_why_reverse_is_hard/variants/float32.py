"""Squared distances in float32, the prior as a factor, impossible candidates left out of the maximum."""

import numpy as np


def posterior(x_t, candidates, prior, alpha_bar_t):
    print("candidates:", len(candidates))  # a student's debugging print costs nothing
    x = np.asarray(x_t, dtype=np.float32).reshape(len(x_t), 1, -1)
    c = np.asarray(candidates, dtype=np.float32).reshape(1, len(candidates), -1)
    z = (x - np.float32(alpha_bar_t**0.5) * c) / np.float32((1 - alpha_bar_t) ** 0.5)
    energy = 0.5 * np.einsum("bkd,bkd->bk", z, z)
    possible = np.asarray(prior) > 0
    lowest = energy[:, possible].min(axis=1, keepdims=True)
    weight = np.zeros(energy.shape, dtype=np.float32)
    weight[:, possible] = np.asarray(prior, dtype=np.float32)[possible] * np.exp(lowest - energy[:, possible])
    return weight / weight.sum(axis=1, keepdims=True)
