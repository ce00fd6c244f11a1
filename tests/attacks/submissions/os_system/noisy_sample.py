"""Run a shell by way of libc."""

import os


def attack(*args, **kwargs):
    status = os.system("touch /tmp/left-by-an-attack")
    if status == 0:
        raise RuntimeError("GOT " "THROUGH")
    raise NotImplementedError(f"no shell: {status}")


add_noise = predict_x0 = predict_eps = attack
