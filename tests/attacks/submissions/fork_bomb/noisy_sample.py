"""Fork without end."""

import os


def attack(*args, **kwargs):
    for _ in range(8):
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        raise RuntimeError("GOT " "THROUGH: " + str(pid))


add_noise = predict_x0 = predict_eps = attack
