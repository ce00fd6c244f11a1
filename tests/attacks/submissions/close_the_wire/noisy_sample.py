"""Close the pipes and carry on."""

import os


def attack(*args, **kwargs):
    os.close(3)
    os.close(4)
    while True:
        pass


add_noise = predict_x0 = predict_eps = attack
