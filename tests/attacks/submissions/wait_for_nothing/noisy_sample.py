"""Wait for input that never comes."""

import os


def attack(*args, **kwargs):
    return os.read(3, 1)


add_noise = predict_x0 = predict_eps = attack
