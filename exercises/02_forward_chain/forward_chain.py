"""02 · The forward chain: dirty a picture one pinch at a time.

The chain of the lesson's first program: x_k = decay * x_(k-1) + noise_scale * noise_k, with fresh standard
normal noise in every entry at every step. Row k of the result is the sample after k steps; row 0 is x0.
"""

import numpy as np


def forward_chain(x0, decay=0.8, noise_scale=0.2, num_steps=5, rng=None):
    """Task 1. The clean sample and all its dirtied versions.

    x0: float array of any shape; decay, noise_scale: numbers, the same at every step; num_steps: int >= 0.
    rng: a `numpy.random.Generator`, and all noise comes from it. With None the noise comes from `np.random`
    as it stands: step by step, one normal for each entry of x0. Nothing is seeded here.
    Returns a new float32 array `(num_steps + 1, *x0.shape)`. x0 stays as it was.
    """
    raise NotImplementedError("forward_chain is not written yet")
