"""13 · How good is a set of samples.

Two distances between two sets of rows. Sliced Wasserstein: Rabin et al. 2011. Fréchet: Heusel et al. 2017
(FID), here on the rows themselves, where FID takes the features of a network.

A set is `(N, D)`. The order of its rows has no meaning. Nothing is changed in place.
"""

import numpy as np


def sliced_w2(a, b, directions):
    """Task 1. Sliced 2-Wasserstein distance: rows projected on each direction, sorted, and compared in pairs.

    a, b: `(N, D)`, equally many rows; directions: `(D, M)`, one a column, of any length but 0: only where it points
    counts. Returns a float: the root of the mean, over rows and directions, of the squared gaps.
    """
    ### BEGIN SOLUTION
    units = directions / np.linalg.norm(directions, axis=0)
    gaps = np.sort(a @ units, axis=0) - np.sort(b @ units, axis=0)
    return float(np.sqrt(np.mean(gaps**2)))
    ### END SOLUTION


### BEGIN SOLUTION
### STUB: # Room for a helper: the root of a covariance matrix.
### STUB:
### STUB:
def _matrix_root(matrix):
    """The root of a symmetric matrix without negative eigenvalues; rounding may leave tiny negative ones."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


### END SOLUTION
def frechet_distance(a, b):
    """Task 2. Fréchet distance between the Gaussians fitted to two sets, in its squared form, as FID.

    |mean_a - mean_b|² + trace(cov_a + cov_b - 2 (cov_a cov_b)^½), with covariances over n - 1.
    a: `(N, D)`, b: `(K, D)`, at least two rows each. D = 1 and singular covariances are fine. Returns a float.
    """
    ### BEGIN SOLUTION
    mean_gap = np.mean(a, axis=0) - np.mean(b, axis=0)
    cov_a, cov_b = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    # (cov_a cov_b)^½ has the trace of (root_a cov_b root_a)^½, which is symmetric.
    root_a = _matrix_root(cov_a)
    cross = np.trace(_matrix_root(root_a @ cov_b @ root_a))
    return float(mean_gap @ mean_gap + np.trace(cov_a) + np.trace(cov_b) - 2.0 * cross)
    ### END SOLUTION
