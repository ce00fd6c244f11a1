"""Nested lists: each entry of each row by itself."""

import sys
from math import sqrt


def leap(x, e, level):
    if hasattr(x, "__len__"):
        return [leap(a, b, level) for a, b in zip(x, e, strict=True)]
    return (x - sqrt(1 - level) * e) / sqrt(level)


def one_shot(model, x_T, alpha_bars):
    steps = list(alpha_bars)
    print("leaping from level", len(steps) - 1, file=sys.stderr)
    return leap(x_T.tolist(), model(x_T, len(steps) - 1).tolist(), steps.pop())
