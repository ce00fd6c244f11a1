"""Make the judge's generator draw terabytes."""

import numpy as np


def attack(*args, **kwargs):
    rng = kwargs.get("rng") or args[-1]
    told = []
    for draw in (
        lambda: rng.integers(0, 2, size=10**12),
        lambda: rng.uniform(size=(10**6, 10**6)),
        lambda: rng.standard_normal(10**12),
        lambda: rng.standard_normal(-5),
        lambda: rng.standard_normal([2] * 64),
        lambda: rng.standard_normal(10, dtype="U1000000"),
        lambda: rng.standard_normal(out=[0.0]),
        lambda: rng.normal(np.zeros((1 << 16, 1)), np.ones((1, 1 << 16)), 1),
        lambda: rng.normal("x" * 1000, 10**9, None),
        lambda: rng.choice(10**12, 10**12),
        lambda: rng.bytes(10**12),
        lambda: rng.permutation(10**12),
        lambda: rng.spawn(3),
    ):
        try:
            told.append(type(draw()).__name__)
        except Exception as error:
            told.append(type(error).__name__)
    raise NotImplementedError("told: " + ", ".join(told))


ddpm_sample = attack
