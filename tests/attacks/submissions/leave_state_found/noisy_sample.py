"""Find what the student before has left."""

import builtins
import os
import sys

import numpy as np

left = [hasattr(place, "left_by_an_attack") for place in (builtins, np, sys)]
left += ["LEFT" in os.environ, "left" in sys.path]


def attack(*args, **kwargs):
    mine = np.random.get_state()[1]
    theirs = np.random.RandomState(5_150).get_state()[1]
    if any(left) or np.array_equal(mine, theirs):
        raise RuntimeError("GOT " "THROUGH: " + repr(left))
    raise NotImplementedError("nothing found")


add_noise = predict_x0 = predict_eps = attack
