"""Raise what is no Exception."""

class Escape(BaseException):
    """Not caught by `except Exception`."""


def attack(*args, **kwargs):
    raise Escape("out")


add_noise = predict_x0 = predict_eps = attack
