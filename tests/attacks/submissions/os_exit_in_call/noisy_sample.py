"""End the process in a call."""

import os


def attack(*args, **kwargs):
    os._exit(0)


add_noise = predict_x0 = predict_eps = attack
