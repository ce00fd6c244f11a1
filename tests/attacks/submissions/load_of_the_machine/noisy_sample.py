"""Learn the machine's load, memory and number of processes."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attack(*args, **kwargs):
    try:
        raise RuntimeError("GOT " "THROUGH: " + repr(os.getloadavg()))
    except OSError:
        pass
    if libc.sysinfo(ctypes.create_string_buffer(512)) == 0:
        raise RuntimeError("GOT " "THROUGH: sysinfo")
    raise OSError(ctypes.get_errno(), "sysinfo")

add_noise = predict_x0 = predict_eps = attack
