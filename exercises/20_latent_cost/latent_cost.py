"""20 · A smaller space.

Rombach et al. 2022 (latent diffusion): squeeze pictures into a smaller space, run diffusion there, and squeeze
back at the end. Here the squeezing is linear: principal component analysis (PCA).

Data are float `(N, D)`, one picture a row. `mean` is `(D,)`; `components` is `(k, D)` with orthonormal rows;
latents are `(N, k)`. Nothing is changed in place.
"""

import numpy as np


def sampling_cost(num_steps, height, width, channels, flops_per_value, guidance=False):
    """Task 1. The arithmetic of making one picture, in floating-point operations (flops).

    Each step calls the network once, and a call costs `flops_per_value` for each of the height · width · channels
    values of its input. With guidance (17) each step calls it twice: with the condition and without.

    All arguments but guidance are whole numbers >= 1. Returns one number.
    """
    raise NotImplementedError("sampling_cost is not written yet")


def pca_fit(data, k):
    """Task 2. The k directions in which the data spread most.

    data: `(N, D)`; k: 1 … min(N, D).
    Returns (mean, components): the mean row `(D,)`, and `(k, D)` orthonormal rows, such that rebuilding the data
    from them leaves as little as any k directions can: the sum of squares of what is lost is the sum of the squared
    singular values of data - mean from number k + 1 on (Eckart & Young 1936). Signs are free.
    """
    raise NotImplementedError("pca_fit is not written yet")


def encode(x, mean, components):
    """Task 3. From pixels to latents: how far x - mean reaches along each component.

    x: `(N, D)`; mean: `(D,)`; components: `(k, D)`. Returns `(N, k)`.
    """
    raise NotImplementedError("encode is not written yet")


def decode(z, mean, components):
    """Task 4. From latents back to pixels: the mean, and z of each component on top.

    z: `(N, k)`; mean: `(D,)`; components: `(k, D)`. Returns `(N, D)`.
    """
    raise NotImplementedError("decode is not written yet")
