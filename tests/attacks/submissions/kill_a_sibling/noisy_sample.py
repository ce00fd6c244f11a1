"""End another student's worker."""

import os


def attack(*args, **kwargs):
    os.kill(int("@SIBLING@"), 9)
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
