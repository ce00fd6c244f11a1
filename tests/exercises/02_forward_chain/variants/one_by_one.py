"""Pure Python over a flat list, one normal at a time."""

import numpy as np


def forward_chain(x0, decay=0.8, noise_scale=0.2, num_steps=5, rng=None):
    draw = np.random.normal if rng is None else rng.normal
    current = [float(value) for value in np.asarray(x0).ravel()]
    history = [current]
    for _ in range(num_steps):
        current = [draw(decay * value, noise_scale) for value in current]
        history.append(current)
    return np.array(history, dtype="float32").reshape(num_steps + 1, *np.shape(x0))
