"""Link its way out."""

import os


def attack(*args, **kwargs):
    for link in (os.symlink, os.link):
        try:
            link("/etc/passwd", "/tmp/left-by-an-attack")
        except OSError as error:
            last = error
        else:
            raise RuntimeError("GOT " "THROUGH")
    raise last


add_noise = predict_x0 = predict_eps = attack
