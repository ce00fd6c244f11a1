"""Have the kernel merge equal pages of several processes, which tells what others hold (KSM), or hold memory back."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p


def attack(*args, **kwargs):
    page = libc.mmap(None, 4096, 3, 0x22, -1, 0)
    for advice in (9, 10, 12, 18, 19, 20, 21, 22, 23, 25, 100, 101):
        if libc.madvise(ctypes.c_void_p(page), 4096, advice) == 0:
            raise RuntimeError("GOT " "THROUGH: advice " + str(advice))
        if ctypes.get_errno() != 1:
            raise RuntimeError("GOT " "THROUGH: an answer by errno " + str(ctypes.get_errno()))
    raise PermissionError("no advice is taken")

add_noise = predict_x0 = predict_eps = attack
