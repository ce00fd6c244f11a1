"""Print without end."""

import os


def attack(*args, **kwargs):
    while True:
        print("x" * 100_000)


add_noise = predict_x0 = predict_eps = attack
