"""Another correct solution: the spread counted over N - 1, a row at a time, all noise drawn beforehand."""

import numpy as np
from latent_cost import pca_fit
from reverse_step import reverse_mean_var


def fit_space(data, k):
    singular = np.linalg.svd(data - np.mean(data, axis=0), compute_uv=False)
    if not (0 < k <= np.count_nonzero(singular > 1e-9 * singular[0])):
        raise ValueError("the data do not vary along so many directions, or none was asked for")
    mean, rows = pca_fit(data, k)
    deviation = singular[:k] / np.sqrt(len(data) - 1)
    return {"around": mean, "along": [row for row in rows], "by": deviation}


def to_latent(x, space):
    return np.stack([(x - space["around"]) @ row for row in space["along"]], axis=1) / space["by"]


def to_picture(z, space):
    rows = []
    for latents in z:
        row = np.array(space["around"])
        for value, deviation, direction in zip(latents, space["by"], space["along"], strict=True):
            row = row + value * deviation * direction
        rows.append(row)
    return np.stack(rows)


def sample(model, space, num_samples, betas, rng):
    noise = rng.standard_normal((len(betas), num_samples, len(space["by"])))
    z = noise[-1]
    for t in range(len(betas) - 1, -1, -1):
        mean, var = reverse_mean_var(z, model(z, t), t, betas)
        z = mean + (np.sqrt(var) * noise[t - 1] if t else 0)
    return to_picture(z, space)
