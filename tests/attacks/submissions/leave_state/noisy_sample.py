"""Leave something for the next student."""

import builtins
import os
import sys

import numpy as np


def attack(*args, **kwargs):
    builtins.left_by_an_attack = np.left_by_an_attack = sys.left_by_an_attack = "left"
    os.environ["LEFT"] = "left"
    sys.path.append("left")
    np.random.seed(5_150)
    return 0.0


add_noise = predict_x0 = predict_eps = attack
