"""Crash the interpreter."""

import ctypes


def attack(*args, **kwargs):
    ctypes.string_at(0)


add_noise = predict_x0 = predict_eps = attack
