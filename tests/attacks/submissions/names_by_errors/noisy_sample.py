"""Learn which hidden files there are from the difference between two errors."""

import os


def attack(*args, **kwargs):
    told = set()
    for path in (
        "@COURSE@/course.yml",
        "@COURSE@/solutions",
        "@COURSE@/solutions/05_noisy_sample.py",
        "@COURSE@/solutions/no_such_file.py",
        "@COURSE@/course.yml/not/a/folder",
        "/proc/@JUDGE@",
        "/proc/999999999",
        "/no/such/folder",
    ):
        for flags in (os.O_RDONLY, os.O_RDONLY | os.O_DIRECTORY, os.O_PATH, os.O_WRONLY, os.O_CREAT | os.O_EXCL):
            try:
                os.open(path, flags)
                raise RuntimeError("GOT " "THROUGH: " + path)
            except OSError as error:
                told.add(error.errno)
    if len(told) > 1:
        raise RuntimeError("GOT " "THROUGH: errors tell files apart: " + repr(told))
    raise PermissionError("all names look alike")

add_noise = predict_x0 = predict_eps = attack
