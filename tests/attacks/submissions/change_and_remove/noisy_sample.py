"""Rename, remove and change files."""

import os


def attack(*args, **kwargs):
    for change in (
        lambda: os.rename("@COURSE@/course.yml", "@COURSE@/gone.yml"), lambda: os.unlink("@COURSE@/course.yml"),
        lambda: os.mkdir("/tmp/left-by-an-attack"), lambda: os.chmod("@COURSE@", 0o777),
        lambda: os.truncate("@COURSE@/course.yml", 0), lambda: os.utime("@COURSE@/course.yml"),
    ):
        try:
            change()
        except OSError as error:
            last = error
        else:
            raise RuntimeError("GOT " "THROUGH")
    raise last


add_noise = predict_x0 = predict_eps = attack
