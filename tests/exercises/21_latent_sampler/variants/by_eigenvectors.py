"""Another correct solution: directions from the covariance, a tuple for the space, all in one matrix each way."""

import numpy as np


def fit_space(data, k):
    centred = data - data.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(data))
    spread = int(np.sum(values > values[-1] * 1e-12))
    if k < 1 or k > spread:
        raise ValueError(f"{k} latents, between 1 and {spread} can be told apart")
    values, vectors = values[::-1][:k], vectors[:, ::-1][:, :k]
    return data.mean(axis=0), vectors / np.sqrt(values), (vectors * np.sqrt(values)).T


def to_latent(x, space):
    return (x - space[0]) @ space[1]


def to_picture(z, space):
    return space[0] + z @ space[2]


def sample(model, space, num_samples, betas, rng):
    alphas = 1 - np.asarray(betas)
    levels = np.cumprod(alphas)
    z = rng.standard_normal((num_samples, space[1].shape[1]))
    for t in reversed(range(len(alphas))):
        z = (z - (1 - alphas[t]) / np.sqrt(1 - levels[t]) * model(z, np.full(num_samples, t))) / np.sqrt(alphas[t])
        if t:
            z = z + np.sqrt((1 - alphas[t]) * (1 - levels[t - 1]) / (1 - levels[t])) * rng.standard_normal(z.shape)
    return to_picture(z, space)
