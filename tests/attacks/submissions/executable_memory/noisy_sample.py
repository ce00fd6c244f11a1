"""Run machine code of its own."""

import ctypes


def attack(*args, **kwargs):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    if libc.mmap(None, 4096, 7, 0x22, -1, 0) != ctypes.c_void_p(-1).value:
        raise RuntimeError("GOT " "THROUGH")
    raise OSError(ctypes.get_errno(), "mmap")


add_noise = predict_x0 = predict_eps = attack
