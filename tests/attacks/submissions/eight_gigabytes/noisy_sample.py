"""Take eight gigabytes."""

import numpy


def attack(*args, **kwargs):
    np = numpy
    kept = [np.empty(1 << 30) for _ in range(1)]
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
