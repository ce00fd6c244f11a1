"""Eigenvectors of the scatter matrix, sorted by hand; loops, and lists."""

import numpy as np


def sampling_cost(num_steps, height, width, channels, flops_per_value, guidance=False):
    cost = 1
    for factor in (num_steps, height, width, channels, flops_per_value, 2 if guidance else 1):
        cost *= factor
    return [cost][0]


def pca_fit(data, k):
    mean = np.array([column.mean() for column in data.T])
    rest = np.linalg.eigh((data - mean).T @ (data - mean))
    pairs = sorted(zip(rest.eigenvalues, rest.eigenvectors.T, strict=True), key=lambda pair: -pair[0])
    return [mean.tolist(), [vector.tolist() for _, vector in pairs[:k]]]


def encode(x, mean, components):
    return [[float(np.dot(row - mean, part)) for part in components] for row in x]


def decode(z, mean, components):
    rows = []
    for latent in z:
        row = mean.copy()
        for value, part in zip(latent, components, strict=True):
            row = row + value * part
        rows.append(row)
    return np.stack(rows)
