"""Leave shared memory and a message queue."""

import ctypes


def attack(*args, **kwargs):
    libc = ctypes.CDLL(None, use_errno=True)
    for made in (libc.shmget(0x5B1F, 4096, 0o1600), libc.msgget(0x5B1F, 0o1600), libc.mq_open(b"/left-by-an-attack", 0o102, 0o600, None)):
        if made >= 0:
            raise RuntimeError("GOT " "THROUGH")
    raise OSError(ctypes.get_errno(), "shared memory")


add_noise = predict_x0 = predict_eps = attack
