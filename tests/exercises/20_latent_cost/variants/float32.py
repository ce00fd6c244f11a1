"""float32 latents and components, a full SVD, and encode as one affine map."""

import sys

import numpy as np


def sampling_cost(num_steps, height, width, channels, flops_per_value, guidance=False):
    print("cost of", num_steps, "steps", file=sys.stderr)
    calls = 0
    for _ in range(num_steps):
        calls += 1 + bool(guidance)
    return np.float64(calls) * height * width * channels * flops_per_value


def pca_fit(data, k):
    data = np.asarray(data)
    mean = data.sum(axis=0) / len(data)
    _, _, v = np.linalg.svd(data - mean)
    return mean.astype(np.float32), -v[0:k].astype(np.float32)


def encode(x, mean, components):
    x, mean, components = np.float32(x), np.float32(mean), np.float32(components)
    return x @ components.T - mean @ components.T


def decode(z, mean, components):
    return np.float32(mean) + np.float32(z) @ np.float32(components)
