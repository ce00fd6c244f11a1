"""Return NaN, which compares as false."""

import numpy as np


def attack(*args, **kwargs):
    return np.full(np.shape(args[0]), np.nan)


add_noise = predict_x0 = predict_eps = attack
