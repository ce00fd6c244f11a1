"""Noise goes in one pinch at a time instead of in one jump, drawn row by row; results are nested lists."""

import math

import numpy as np


def dirty(x, steps, betas, rng):
    """`steps` pinches of the forward chain: the same distribution as one jump to level steps - 1."""
    for beta in betas[:steps]:
        pinch = np.stack([rng.standard_normal(row.shape) for row in x])
        x = math.sqrt(1 - beta) * x + math.sqrt(beta) * pinch
    return x


def clean(model, x, t, betas, rng):
    alpha = 1 - betas
    bar = math.prod(alpha[: t + 1])
    mean = x / math.sqrt(alpha[t]) - (1 - alpha[t]) / math.sqrt(alpha[t] * (1 - bar)) * np.asarray(model(x, t))
    variance = (1 - bar / alpha[t]) / (1 - bar) * betas[t] if t > 0 else 0.0
    return mean + math.sqrt(variance) * np.stack([rng.standard_normal(row.shape) for row in x])


def edit(model, x, strength, betas, rng):
    if strength > 1:
        raise ValueError("strength above 1")
    if strength < 0:
        raise ValueError("strength below 0")
    k = round(strength * len(betas))
    picture = dirty(x, k, betas, rng)
    for t in range(k - 1, -1, -1):
        picture = clean(model, picture, t, betas, rng)
    return picture.tolist()


def inpaint(model, x, mask, betas, rng):
    num_timesteps = len(betas)
    flat_mask = [bool(entry) for entry in np.ravel(mask)]
    picture = np.stack([rng.standard_normal(row.shape) for row in x])
    for t in range(num_timesteps - 1, -1, -1):
        known = dirty(x, t + 1, betas, rng)
        merged = [k if m else p for k, p, m in zip(known.ravel(), picture.ravel(), flat_mask, strict=True)]
        picture = clean(model, np.array(merged).reshape(x.shape), t, betas, rng)
    return (
        np.array([k if m else p for k, p, m in zip(x.ravel(), picture.ravel(), flat_mask, strict=True)])
        .reshape(x.shape)
        .tolist()
    )
