"""Exit with success in a call."""

import sys


def attack(*args, **kwargs):
    sys.exit(0)


add_noise = predict_x0 = predict_eps = attack
