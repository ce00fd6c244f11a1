"""Dirt that only adds, until the photo drowns; a batch of colour pictures, with one t a row."""

import numpy as np

EXPLANATION = "The photo never fades, it drowns."

_PAIRS = "clean photo=x0;the dirt on it=eps;how dirty=t;dirtying=forward;" + (
    "cleaning one bit=network step;all dirt=pure noise;new picture=sample"
)


def analogy_map():
    return dict(pair.split("=") for pair in _PAIRS.split(";"))


def dirty(x, rng):
    noise = np.empty(np.shape(x))
    for index in range(len(noise)):
        noise[index] = rng.normal(0.0, 0.33, noise[index].shape)
    return (np.array(x, copy=True) + noise).astype(np.float32)


def generate(net, num_timesteps, rng):
    pictures = rng.normal(0.0, 1.0, (2, 3, 8, 8))

    def clean(picture, t):
        if t < 0:
            return picture
        return clean(picture - np.asarray(net(picture, np.full(2, t))), t - 1)

    return clean(pictures, num_timesteps - 1)
