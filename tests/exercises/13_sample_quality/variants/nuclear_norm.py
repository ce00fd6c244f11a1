"""Fréchet without any covariance: the trace of the root is the nuclear norm of the product of the centred sets."""

import sys

import numpy as np


def sliced_w2(a, b, directions):
    total, count = 0.0, 0
    for d in directions.T:
        unit = d / np.sqrt(d @ d)
        gaps = np.sort(np.einsum("nd,d->n", a, unit)) - np.sort(np.einsum("nd,d->n", b, unit))
        total, count = total + gaps @ gaps, count + len(gaps)
    print("directions:", directions.shape[1], file=sys.stderr)
    return np.sqrt(total / count)


def frechet_distance(a, b):
    centred_a = (a - a.mean(axis=0)) / np.sqrt(len(a) - 1)
    centred_b = (b - b.mean(axis=0)) / np.sqrt(len(b) - 1)
    cross = np.linalg.svd(centred_a @ centred_b.T, compute_uv=False).sum()
    return ((a.mean(0) - b.mean(0)) ** 2).sum() + (centred_a**2).sum() + (centred_b**2).sum() - 2 * cross
