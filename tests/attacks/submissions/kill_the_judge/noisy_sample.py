"""Kill the judge, its parent, its group, everybody."""

import os


def attack(*args, **kwargs):
    for target in (int("@JUDGE@"), os.getppid(), 0, -1, -os.getppid()):
        try:
            os.kill(target, 0)
        except OSError as error:
            last = error
        else:
            raise RuntimeError("GOT " "THROUGH: " + str(target))
    os.kill(os.getppid(), 9)


add_noise = predict_x0 = predict_eps = attack
