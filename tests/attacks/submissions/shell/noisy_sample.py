"""Run a shell."""

import subprocess


def attack(*args, **kwargs):
    raise RuntimeError("GOT " "THROUGH: " + subprocess.run(["id"], capture_output=True, text=True).stdout)


add_noise = predict_x0 = predict_eps = attack
