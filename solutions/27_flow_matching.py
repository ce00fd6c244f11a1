"""27 · Straight lines: flow matching.

Lipman et al. 2023, *Flow Matching for Generative Modeling*, and Liu et al. 2023, *Flow Straight and Fast* (rectified
flow), with time as in diffusion: t runs from 0, the data, to 1, all noise.

Samples are `(B, ...)`; t is a number in 0 … 1, or one a row, `(B,)`. Nothing is changed in place, and no randomness is
used.
"""

import numpy as np

### BEGIN SOLUTION
### STUB: # Room for a helper that tasks 1 and 3 can share.
### STUB:
### STUB:


def _time(t, ndim):
    """t, shaped to multiply whole rows. Raises ValueError outside of 0 … 1."""
    t = np.asarray(t, dtype=np.float64)
    if not np.all((t >= 0) & (t <= 1)):
        raise ValueError(f"t must lie in 0 … 1, found {t}")
    return t.reshape(t.shape + (1,) * (ndim - 1)) if t.ndim else t


### END SOLUTION
def interpolate(x0, eps, t):
    """Task 1. The sample at time t on the straight line from the data x0 (t = 0) to the noise eps (t = 1).

    x0, eps: `(B, ...)`; t: a number, or `(B,)` with one time a row. Returns x_t, shaped as x0. Raises ValueError
    for any t outside 0 … 1.
    """
    ### BEGIN SOLUTION
    time = _time(t, np.ndim(x0))
    return (1.0 - time) * x0 + time * eps
    ### END SOLUTION


def velocity(x0, eps):
    """Task 2. By how much the sample on that line moves while t grows by 1, shaped as x0."""
    ### BEGIN SOLUTION
    return eps - x0
    ### END SOLUTION


def gaussian_velocity(x, t, mean, var):
    """Task 3. The best answer to "where does x move?" for Gaussian data: the average velocity, given x at time t.

    x: `(B, ...)`; t: a number, or `(B,)`; mean, var: of the data, a number or an array of one sample's shape; var is a
    variance. Not both t = 0 and var = 0. Returns the velocity, shaped as x. Raises ValueError for any t outside 0 … 1.
    """
    ### BEGIN SOLUTION
    time = _time(t, np.ndim(x))
    total = (1.0 - time) ** 2 * var + time**2
    return (time - (1.0 - time) * var) / total * (x - (1.0 - time) * mean) - mean
    ### END SOLUTION


def euler(v, x1, num_steps):
    """Task 4. From the noise x1 at t = 1 to t = 0 in equal steps along v.

    v: `v(x, t)` gives the velocity, shaped as x; it is asked once a step, where the step begins: t = 1 first. x1:
    `(B, ...)`. Returns x at t = 0, shaped as x1. Raises ValueError when num_steps < 1.
    """
    ### BEGIN SOLUTION
    if num_steps < 1:
        raise ValueError(f"num_steps must be at least 1, found {num_steps}")
    x = np.array(x1, dtype=np.float64)
    for step in range(num_steps, 0, -1):
        x = x - v(x, step / num_steps) / num_steps
    return x
    ### END SOLUTION
