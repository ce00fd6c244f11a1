"""01 · The line that fits best.

Points are two arrays of one length: where they were measured, x `(N,)`, and what was measured there, y `(N,)`.
"""

import numpy as np


def line_fit(x, y):
    """Task 1. Slope and intercept of the line with the smallest sum of squared errors (Legendre 1805).

    x, y: floats `(N,)`. Returns two floats, (slope, intercept). Raises ValueError, with a message, when all x are the
    same: then no line is better than all others.
    """
    ### BEGIN SOLUTION
    if np.min(x) == np.max(x):
        raise ValueError(f"all x are {x[0]}; a line needs two places at least")
    dx, dy = x - np.mean(x), y - np.mean(y)
    slope = np.sum(dx * dy) / np.sum(dx**2)
    return slope, np.mean(y) - slope * np.mean(x)
    ### END SOLUTION
