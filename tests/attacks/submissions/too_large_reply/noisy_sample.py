"""Return more than the wire takes."""

import numpy


def attack(*args, **kwargs):
    return numpy.ones((20 << 20,), numpy.uint8)


add_noise = predict_x0 = predict_eps = attack
