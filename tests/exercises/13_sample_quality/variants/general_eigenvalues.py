"""The eigenvalues of the product itself, as scipy's sqrtm would see them; the projections in float64 lists."""

import numpy as np


def sliced_w2(a, b, directions):
    units = np.array([d / np.linalg.norm(d) for d in np.transpose(directions)])
    left = [sorted(row) for row in (units @ a.T).tolist()]
    right = [sorted(row) for row in (units @ b.T).tolist()]
    return float(np.linalg.norm(np.subtract(left, right)) / np.sqrt(np.size(left)))


def covariance(x):
    gap = x - x.mean(axis=0, keepdims=True)
    return gap.T @ gap / (x.shape[0] - 1)


def frechet_distance(a, b):
    first, second = covariance(a), covariance(b)
    values = np.linalg.eigvals(first @ second).real.clip(min=0)
    mean_term = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    return np.float64(mean_term + np.trace(first + second) - 2 * np.sum(np.sqrt(values)))
