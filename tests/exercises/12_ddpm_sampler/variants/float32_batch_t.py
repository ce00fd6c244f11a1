"""float32 throughout, one t a row for the model and for 11's step, a while loop."""

import numpy as np
from reverse_step import reverse_mean_var


def ddpm_sample(model, betas, shape, rng):
    batch = shape[0]
    x = rng.standard_normal(size=shape, dtype=np.float32)
    t = len(betas)
    while t > 0:
        t -= 1
        level = np.full(batch, t)
        eps = np.asarray(model(x, level), dtype=np.float32)
        mean, var = reverse_mean_var(x, eps, level, betas)
        x = np.asarray(mean, dtype=np.float32)
        if t > 0:
            std = np.sqrt(np.asarray(var, dtype=np.float32)).reshape(batch, *[1] * (len(shape) - 1))
            z = rng.standard_normal(size=shape, dtype=np.float32)
            x = x + std * z
    return x
