"""Read its own heap for what the parent left in it."""

import ctypes


def attack(*args, **kwargs):
    libc = ctypes.CDLL(None)
    libc.sbrk.restype = ctypes.c_void_p
    top = libc.sbrk(0)
    heap = ctypes.string_at(top - (4 << 20), 4 << 20)
    if b"-".join((b"canary", b"5b1f")) in heap:
        raise RuntimeError("GOT " "THROUGH: the parent's heap")
    raise NotImplementedError("nothing in the heap")


add_noise = predict_x0 = predict_eps = attack
