"""Read files by way of a folder that it may read."""

import os


def attack(*args, **kwargs):
    raise RuntimeError("GOT " "THROUGH: " + open(os.__file__ + "/../../../../../../../etc/passwd").read()) if False else \
        RuntimeError("GOT " "THROUGH: " + open(os.path.dirname(os.__file__) + "/../" * 9 + "etc/passwd").read())


add_noise = predict_x0 = predict_eps = attack
