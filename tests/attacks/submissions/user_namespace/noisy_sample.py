"""Become root in a namespace of its own."""

import ctypes


def attack(*args, **kwargs):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) == 0:
        raise RuntimeError("GOT " "THROUGH")
    raise OSError(ctypes.get_errno(), "unshare")


add_noise = predict_x0 = predict_eps = attack
