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
    raise NotImplementedError("sliced_w2 is not written yet")


# Room for a helper: the root of a covariance matrix.


def frechet_distance(a, b):
    """Task 2. Fréchet distance between the Gaussians fitted to two sets, in its squared form, as FID.

    |mean_a - mean_b|² + trace(cov_a + cov_b - 2 (cov_a cov_b)^½), with covariances over n - 1.
    a: `(N, D)`, b: `(K, D)`, at least two rows each. D = 1 and singular covariances are fine. Returns a float.
    """
    raise NotImplementedError("frechet_distance is not written yet")
