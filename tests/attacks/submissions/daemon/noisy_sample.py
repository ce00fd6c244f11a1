"""Leave a process that outlives the grading."""

import os
import time


def attack(*args, **kwargs):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(3)
        os._exit(0)
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
