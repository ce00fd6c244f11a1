"""All noise in one block, and the chain solved: a sum of faded pinches by a matrix of powers."""

import numpy as np


def forward_chain(x0, decay=0.8, noise_scale=0.2, num_steps=5, rng=None):
    shape = (num_steps, *np.shape(x0))
    noise = np.random.randn(*shape) if rng is None else rng.normal(0, noise_scale, shape)
    if rng is None:
        noise = noise_scale * noise
    pinches = np.concatenate([np.asarray(x0, dtype=float)[None], noise])
    age = np.subtract.outer(np.arange(num_steps + 1), np.arange(num_steps + 1))
    weights = np.where(age >= 0, float(decay) ** np.maximum(age, 0), 0.0)
    return np.tensordot(weights, pinches, axes=1).astype(np.float32)
