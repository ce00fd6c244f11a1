"""Match a pattern that never ends."""

import re


def attack(*args, **kwargs):
    return re.match(r"(a+)+$", "a" * 60 + "b")


add_noise = predict_x0 = predict_eps = attack
