"""Call a model with thousands of generators, whose states the judge looks at before and after."""

import numpy as np


def generate(net, num_timesteps, rng):
    try:
        net(*[np.random.Generator(np.random.MT19937(0))] * 4000)
    except Exception as error:
        raise RuntimeError(f"told: {type(error).__name__}: {error}") from None


def dirty(x, rng):
    raise NotImplementedError("not here")


def analogy_map():
    return {}
