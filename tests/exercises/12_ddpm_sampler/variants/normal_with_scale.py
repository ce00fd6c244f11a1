"""`rng.normal` with mean and standard deviation; the last step stands behind the loop."""

import sys

import numpy as np
from reverse_step import reverse_mean_var


def ddpm_sample(model, betas, shape, rng):
    x = rng.normal(0.0, 1.0, size=shape)
    for t in range(1, len(betas))[::-1]:
        mean, var = reverse_mean_var(x, model(x, t), t, betas)
        x = rng.normal(loc=mean, scale=np.sqrt(var))
    print("almost there", file=sys.stderr)
    return reverse_mean_var(x, model(x, 0), 0, betas)[0]
