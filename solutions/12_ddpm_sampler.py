"""12 · Sampling from pure noise.

Ho et al. 2020, Algorithm 2: start from pure noise, and take one denoising step (11) after the other.

`t` is 0-based: the first step is from t = T-1, the last one from t = 0. `betas` is float64 `(T,)`, each entry
in (0, 1). The model is any callable `model(x_t, t) -> eps`; it takes an int t, or an int array `(B,)`.
"""

### BEGIN SOLUTION
### STUB: import numpy as np
### STUB:
### STUB: # Your step of 11 is welcome here. In grading, the course's own step takes its place:
### STUB: # from reverse_step import reverse_mean_var
### STUB:
### STUB:
import numpy as np
from reverse_step import reverse_mean_var


### END SOLUTION
def ddpm_sample(model, betas, shape, rng):
    """Task 1. The start and the order of the steps. Task 2. The noise of each step. Algorithm 2.

    model: `model(x_t, t) -> eps`, called once a level; betas: `(T,)`; shape: the samples' shape `(B, ...)`;
    rng: a numpy Generator, the only source of noise: one normal an entry for the start, and one an entry for
    each step but the last. Returns x0, of that shape.
    """
    ### BEGIN SOLUTION
    x = rng.standard_normal(shape)
    for t in range(len(betas) - 1, -1, -1):
        eps = model(x, t)
        mean, var = reverse_mean_var(x, eps, t, betas)
        x = mean
        if t > 0:
            x = mean + np.sqrt(var) * rng.standard_normal(shape)
    return x
    ### END SOLUTION
