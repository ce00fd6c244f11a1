"""Give the processor away without end."""

import os


def attack(*args, **kwargs):
    while True:
        os.sched_yield()


add_noise = predict_x0 = predict_eps = attack
