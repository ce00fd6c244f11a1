"""Sleep instead of working."""

import time


def attack(*args, **kwargs):
    while True:
        time.sleep(3600)


add_noise = predict_x0 = predict_eps = attack
