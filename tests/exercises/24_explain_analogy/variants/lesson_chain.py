"""The lesson's own chain (0.8 and 0.2) for the dirt, and a flat float32 picture, edited while it is ours."""

import numpy as np

EXPLANATION = "Ink on, pinch by pinch; ink off, pinch by pinch."


def analogy_map():
    keys = [
        "clean photo",
        "the dirt on it",
        "how dirty",
        "dirtying",
        "cleaning one bit",
        "all dirt",
        "new picture",
    ]
    values = ["x0", "eps", "t", "forward", "network step", "pure noise", "sample"]
    return dict(zip(keys, values, strict=True))


def dirty(x, rng):
    return 0.8 * x + 0.2 * rng.normal(size=x.shape)


def generate(net, num_timesteps, rng):
    x = rng.standard_normal(100, dtype=np.float32)
    t = num_timesteps
    while t > 0:
        t -= 1
        x -= np.float32(net(x, t))
    return x
