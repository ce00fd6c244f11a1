"""Compute 9**9**9."""

import os


def attack(*args, **kwargs):
    nine = len(os.__name__) + 7
    return nine**nine**nine


add_noise = predict_x0 = predict_eps = attack
