"""Sleep instead of working."""

import time


def attack(*args, **kwargs):
    time.sleep(0.001)
    raise RuntimeError("GOT " "THROUGH: it slept")


add_noise = predict_x0 = predict_eps = attack
