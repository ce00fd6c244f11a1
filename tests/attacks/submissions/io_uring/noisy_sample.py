"""Do by io_uring what the filter does not see."""

import ctypes


def attack(*args, **kwargs):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(425, 8, bytes(120)) >= 0:
        raise RuntimeError("GOT " "THROUGH")
    raise OSError(ctypes.get_errno(), "io_uring")


add_noise = predict_x0 = predict_eps = attack
