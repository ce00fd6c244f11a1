"""Change the standard library that the next worker, another student's perhaps, imports."""

import ctypes
import os
import sys

import numpy as np

MARK = b"left-by-an-attack-"
OWN = MARK + str(os.getpid()).encode()
libc = ctypes.CDLL(None, use_errno=True)


def attack(*args, **kwargs):
    library = sys.meta_path[-1]
    content = np.frombuffer(library._content, np.uint8)
    for path, place in library._found.values():
        if MARK in bytes(content[place]) and OWN not in bytes(content[place]):
            raise RuntimeError("GOT " "THROUGH: " + path + " was written by an earlier worker")
    start = content.ctypes.data & ~4095
    if libc.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(content.nbytes), 3) == 0:
        for _, place in library._found.values():
            ctypes.memmove(content.ctypes.data + place.start, OWN, len(OWN))
    raise PermissionError("written for this worker alone")

add_noise = predict_x0 = predict_eps = attack
