"""With an rng, the steps of one entry are drawn together: another order of draws, the same law."""

import numpy as np


def forward_chain(x0, decay=0.8, noise_scale=0.2, num_steps=5, rng=None):
    x0 = np.array(x0, copy=True)
    if rng is None:
        noise = np.random.standard_normal((num_steps, *x0.shape))
    else:
        noise = np.moveaxis(rng.standard_normal((*x0.shape, num_steps)), -1, 0)
    chain = [x0]
    while len(chain) <= num_steps:
        chain += [chain[-1] * decay + noise[len(chain) - 1] * noise_scale]
    return np.asarray(chain, np.float32)
