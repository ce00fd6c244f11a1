"""Overwrite the checks and the solutions."""

import os


def attack(*args, **kwargs):
    for path in ("tests/exercises/05_noisy_sample/test_noisy_sample_hidden.py", "course.yml"):
        with open("@COURSE@/" + path, "a") as file:
            file.write("# changed")
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
