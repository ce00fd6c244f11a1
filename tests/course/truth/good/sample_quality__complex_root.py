# right: the eigenvalues of a product of covariances are complex to numpy, with imaginary parts that are 0 or rounding
import numpy as np


def sliced_w2(a, b, directions):
    units = directions / np.linalg.norm(directions, axis=0)
    gaps = np.sort(a @ units, axis=0) - np.sort(b @ units, axis=0)
    return np.sqrt(np.mean(gaps**2))


def frechet_distance(a, b):
    cov_a, cov_b = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (a, b))
    roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).astype(complex))
    roots[np.abs(roots) < 1e-6] = 0
    gap = a.mean(axis=0) - b.mean(axis=0)
    return gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * np.sum(roots.real + 0j)
