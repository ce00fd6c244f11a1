"""Write files wherever it may."""

import os


def attack(*args, **kwargs):
    made = []
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "@COURSE@", ".", os.path.expanduser("~")):
        try:
            with open(os.path.join(folder, "left-by-an-attack"), "w") as file:
                file.write("x")
            made.append(folder)
        except OSError as error:
            last = error
    if made:
        raise RuntimeError("GOT " "THROUGH: " + repr(made))
    raise last


add_noise = predict_x0 = predict_eps = attack
