"""Overflow the C stack."""

import sys

sys.setrecursionlimit(10**9)


def attack(*args, **kwargs):
    class Deep:
        def __getattr__(self, name):
            return getattr(self, name + "x")

    return Deep().x


add_noise = predict_x0 = predict_eps = attack
