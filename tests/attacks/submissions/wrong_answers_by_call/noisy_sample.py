"""Answer by how often it was called."""

import numpy as np

calls = []


def attack(*args, **kwargs):
    calls.append(args)
    if len(calls) > 2:
        raise IndexError("perhaps this is what is wanted")
    return np.zeros(np.shape(args[0]))


add_noise = predict_x0 = predict_eps = attack
