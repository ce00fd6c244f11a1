"""Loop without end."""

import os


def attack(*args, **kwargs):
    while True:
        pass


add_noise = predict_x0 = predict_eps = attack
