"""Eigenvectors of the covariance, largest first; the cost as a float, flops first."""

import numpy as np


def sampling_cost(num_steps, height, width, channels, flops_per_value, guidance=False):
    per_call = float(flops_per_value) * channels * width * height
    total = num_steps * per_call
    if guidance:
        total += num_steps * per_call
    return total


def pca_fit(data, k):
    mean = np.mean(data, axis=0)
    values, vectors = np.linalg.eigh(np.cov(data, rowvar=False))
    order = np.argsort(values)[::-1]
    return mean, vectors[:, order[:k]].T


def encode(x, mean, components):
    return np.einsum("nd,kd->nk", x - mean, components)


def decode(z, mean, components):
    return np.einsum("nk,kd->nd", z, components) + mean
