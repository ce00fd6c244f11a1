"""Run a program from memory."""

import os


def attack(*args, **kwargs):
    fd = os.memfd_create("code")
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
