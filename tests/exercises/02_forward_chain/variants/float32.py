"""float32 throughout, into an array made beforehand; float32 normals where the source has them."""

import numpy as np


def forward_chain(x0, decay=0.8, noise_scale=0.2, num_steps=5, rng=None):
    out = np.zeros((num_steps + 1, *x0.shape), dtype=np.float32)
    out[0] = x0
    for k in range(1, num_steps + 1):
        if rng is None:
            eps = np.random.normal(size=x0.shape).astype(np.float32)
        else:
            eps = rng.standard_normal(x0.shape, dtype=np.float32)
        np.multiply(out[k - 1], decay, out=out[k])
        out[k] += noise_scale * eps
        print("step", k, "std", out[k].std())
    return out
