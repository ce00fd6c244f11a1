"""Leave numpy's global random state to the judge."""

import numpy as np


def attack(*args, **kwargs):
    np.random.seed(20_260_101)
    return np.zeros(3)


add_noise = predict_x0 = predict_eps = attack
