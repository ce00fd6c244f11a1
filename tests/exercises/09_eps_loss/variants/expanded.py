"""Mean over the pixels, then over the rows (the same, as rows are equally long); the result a 0-d array."""

import numpy as np


def eps_loss(model, x0, t, eps, alpha_bars):
    level = np.expand_dims(np.atleast_1d(np.asarray(alpha_bars)[t]), tuple(range(1, np.ndim(x0))))
    x_t = x0 * level**0.5 + eps * (1 - level) ** 0.5
    print("mixing", x_t.shape)  # a student's debugging print costs nothing
    squares = np.square(np.subtract(eps, model(x_t, t), dtype="float64"))
    per_row = squares.reshape(len(x0), -1).mean(axis=1)
    return np.array(per_row.mean())
