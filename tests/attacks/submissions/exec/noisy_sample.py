"""Become another program."""

import os


def attack(*args, **kwargs):
    os.execv("/bin/true", ["true"])


add_noise = predict_x0 = predict_eps = attack
