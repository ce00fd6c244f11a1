"""Learn sizes, times and owners of the course's hidden files."""

import os

PLACES = ("@COURSE@/course.yml", "@COURSE@/solutions/05_noisy_sample.py", "@COURSE@/tests", "/etc/passwd", "/proc/@JUDGE@")


def attack(*args, **kwargs):
    for path in PLACES:
        for look in (os.stat, os.lstat, os.path.getsize, os.path.getmtime, os.scandir, os.statvfs):
            try:
                raise RuntimeError("GOT " "THROUGH: " + path + repr(look(path))[:80])
            except OSError as error:
                last = error
    raise last

add_noise = predict_x0 = predict_eps = attack
