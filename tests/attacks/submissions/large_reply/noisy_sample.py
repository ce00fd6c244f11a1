"""Return as much as it can hold."""

import numpy


def attack(*args, **kwargs):
    return numpy.ones(7 << 20, numpy.uint8)


add_noise = predict_x0 = predict_eps = attack
