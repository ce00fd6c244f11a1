"""Another correct solution: the way there is the pseudo-inverse of the way back."""

import numpy as np
from reverse_step import reverse_mean_var


def fit_space(data, k):
    mean = np.mean(data, axis=0)
    left, singular, rows = np.linalg.svd(data - mean, full_matrices=False)
    rank = int((singular > singular[0] * max(data.shape) * np.finfo(float).eps).sum())
    if k not in range(1, rank + 1):
        raise ValueError(f"k = {k} is not one of 1 to {rank}")
    back = singular[:k, None] / np.sqrt(len(data)) * rows[:k]
    return {"mean": mean, "back": back, "there": np.linalg.pinv(back)}


def to_latent(x, space):
    return (np.asarray(x) - space["mean"]) @ space["there"]


def to_picture(z, space):
    return np.asarray(z) @ space["back"] + space["mean"]


def sample(model, space, num_samples, betas, rng):
    shape = (num_samples, len(space["back"]))
    z, t = rng.standard_normal(shape), len(betas)
    while t > 0:
        t -= 1
        z, var = reverse_mean_var(z, model(z, t), t, betas)
        if t > 0:
            z = z + np.sqrt(var) * rng.standard_normal(shape)
    return to_picture(z, space)
