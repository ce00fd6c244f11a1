"""float32, as in a deep-learning framework."""

import numpy as np


def gan_step(x, y, lr):
    x, y, lr = np.float32(x), np.float32(y), np.float32(lr)
    slope_x, slope_y = y, x
    return x - lr * slope_x, y + lr * slope_y


def regress_step(x, target, lr):
    error = np.float32(x) - np.float32(target)
    return np.float32(x) - np.float32(2 * lr) * error
