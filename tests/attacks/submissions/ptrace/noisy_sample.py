"""Trace the judge."""

import ctypes
import os


def attack(*args, **kwargs):
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in (int("@JUDGE@"), os.getppid(), int("@SIBLING@")):
        if libc.ptrace(16, pid, 0, 0) == 0:
            raise RuntimeError("GOT " "THROUGH")
    raise OSError(ctypes.get_errno(), "ptrace")


add_noise = predict_x0 = predict_eps = attack
