"""Write bytes without end."""

import os


def attack(*args, **kwargs):
    while True:
        os.write(4, bytes(1 << 20))


add_noise = predict_x0 = predict_eps = attack
