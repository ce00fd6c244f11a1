"""21 · Diffusion in a smaller space.

Rombach et al. 2022 (latent diffusion): pictures are squeezed into latents once, the whole chain runs there, and the
end is squeezed back. The squeezing here is that of 20, and the latents are scaled, so that a schedule made for data of
variance 1 fits them.

Data are float `(N, D)`, one picture a row; latents are `(N, k)`. `betas` is float64 `(T,)`; `t` is 0-based. The model
is any callable `model(z, t) -> eps` on latents; it takes an int t, or an int array `(B,)`. Nothing is changed in place.
"""

import numpy as np

# Your squeezing of 20 and your step of 11 are welcome here. In grading, the course's own take their place:
# from latent_cost import decode, encode, pca_fit
# from reverse_step import reverse_mean_var


def fit_space(data, k):
    """Task 1. The space of k latents that fits these pictures: directions, and how far the data reach along each.

    data: `(N, D)`; k: an int. Returns what tasks 2 to 4 need, a dict or tuple of arrays of your choice. Raises
    ValueError unless 1 <= k <= the rank of the data less their mean: along more directions nothing varies.
    """
    raise NotImplementedError("fit_space is not written yet")


def to_latent(x, space):
    """Task 2. From pictures to latents that have mean 0 and variance 1, each, over the data of fit_space.

    x: `(N, D)`, any pictures; space: as fit_space gave it. Returns `(N, k)`.
    """
    raise NotImplementedError("to_latent is not written yet")


def to_picture(z, space):
    """Task 3. From latents back to pictures: the way of task 2 in the other direction.

    z: `(N, k)`. Returns `(N, D)`.
    """
    raise NotImplementedError("to_picture is not written yet")


def sample(model, space, num_samples, betas, rng):
    """Task 4. Pictures from pure noise: the sampler of 12 on latents, and one way back at the end.

    model: `model(z, t) -> eps`, called once a level with latents `(num_samples, k)`; rng: a numpy Generator, the only
    source of noise, for latents only. Returns `(num_samples, D)`.
    """
    raise NotImplementedError("sample is not written yet")
