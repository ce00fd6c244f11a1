"""Keep models and generators of earlier calls."""

import numpy as np

kept = []


def attack(model, betas, shape, rng):
    kept.append((model, rng))
    old_model, old_rng = kept[0]
    old_rng.standard_normal(shape)
    for t in range(len(betas)):
        old_model(np.zeros(shape), t)
    raise NotImplementedError("kept")


ddpm_sample = attack
