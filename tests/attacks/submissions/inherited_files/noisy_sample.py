"""Use the judge's open files."""

import os

for fd in range(5, 1024):
    try:
        os.fstat(fd)
    except OSError:
        continue
    raise RuntimeError("GOT " "THROUGH: file " + str(fd))
raise NotImplementedError("no file is open")
