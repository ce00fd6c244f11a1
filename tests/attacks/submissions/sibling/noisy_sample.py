"""Read another student's worker."""

import ctypes


def attack(*args, **kwargs):
    libc = ctypes.CDLL(None, use_errno=True)
    local, remote = (ctypes.c_long * 2)(), (ctypes.c_long * 2)()
    if libc.process_vm_readv(int("@SIBLING@"), local, 0, remote, 0, 0) == 0:
        raise RuntimeError("GOT " "THROUGH: its memory")
    for name in ("maps", "mem", "fd/3", "status"):
        with open("/proc/@SIBLING@/" + name, "rb") as file:
            raise RuntimeError("GOT " "THROUGH: " + name)


add_noise = predict_x0 = predict_eps = attack
