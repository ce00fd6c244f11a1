"""21 · Diffusion in a smaller space.

Rombach et al. 2022 (latent diffusion): pictures are squeezed into latents once, the whole chain runs there, and the
end is squeezed back. The squeezing here is that of 20, and the latents are scaled, so that a schedule made for data of
variance 1 fits them.

Data are float `(N, D)`, one picture a row; latents are `(N, k)`. `betas` is float64 `(T,)`; `t` is 0-based. The model
is any callable `model(z, t) -> eps` on latents; it takes an int t, or an int array `(B,)`. Nothing is changed in place.
"""

### BEGIN SOLUTION
### STUB: import numpy as np
### STUB:
### STUB: # Your squeezing of 20 and your step of 11 are welcome here. In grading, the course's own take their place:
### STUB: # from latent_cost import decode, encode, pca_fit
### STUB: # from reverse_step import reverse_mean_var
### STUB:
### STUB:
import numpy as np
from latent_cost import decode, encode, pca_fit
from reverse_step import reverse_mean_var


### END SOLUTION
def fit_space(data, k):
    """Task 1. The space of k latents that fits these pictures: directions, and how far the data reach along each.

    data: `(N, D)`; k: an int. Returns what tasks 2 to 4 need, a dict or tuple of arrays of your choice. Raises
    ValueError unless 1 <= k <= the rank of the data less their mean: along more directions nothing varies.
    """
    ### BEGIN SOLUTION
    rank = np.linalg.matrix_rank(data - data.mean(axis=0))
    if not 1 <= k <= rank:
        raise ValueError(f"k must lie in 1 … {rank}, found {k}")
    mean, components = pca_fit(data, k)
    return {"mean": mean, "components": components, "scale": encode(data, mean, components).std(axis=0)}
    ### END SOLUTION


def to_latent(x, space):
    """Task 2. From pictures to latents that have mean 0 and variance 1, each, over the data of fit_space.

    x: `(N, D)`, any pictures; space: as fit_space gave it. Returns `(N, k)`.
    """
    ### BEGIN SOLUTION
    return encode(x, space["mean"], space["components"]) / space["scale"]
    ### END SOLUTION


def to_picture(z, space):
    """Task 3. From latents back to pictures: the way of task 2 in the other direction.

    z: `(N, k)`. Returns `(N, D)`.
    """
    ### BEGIN SOLUTION
    return decode(z * space["scale"], space["mean"], space["components"])
    ### END SOLUTION


def sample(model, space, num_samples, betas, rng):
    """Task 4. Pictures from pure noise: the sampler of 12 on latents, and one way back at the end.

    model: `model(z, t) -> eps`, called once a level with latents `(num_samples, k)`; rng: a numpy Generator, the only
    source of noise, for latents only. Returns `(num_samples, D)`.
    """
    ### BEGIN SOLUTION
    z = rng.standard_normal((num_samples, len(space["scale"])))
    for t in range(len(betas) - 1, -1, -1):
        mean, var = reverse_mean_var(z, model(z, t), t, betas)
        z = mean + np.sqrt(var) * rng.standard_normal(z.shape) if t > 0 else mean
    return to_picture(z, space)
    ### END SOLUTION
