"""Call a model with a list of four thousand arrays, which the judge compares with each other."""

import numpy as np


def generate(net, num_timesteps, rng):
    try:
        net([np.zeros(1) for _ in range(4000)], 0)
    except Exception as error:
        raise RuntimeError(f"told: {type(error).__name__}: {error}") from None
    raise RuntimeError("told: nothing")


def dirty(x, rng):
    raise NotImplementedError("not here")


def analogy_map():
    return {}
