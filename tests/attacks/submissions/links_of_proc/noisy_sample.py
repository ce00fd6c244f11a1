"""Follow the links of /proc to what the judge has open, and to the course."""

import os


def attack(*args, **kwargs):
    for pid in ("self", "@JUDGE@", "@SIBLING@", str(os.getppid())):
        for name in ("exe", "cwd", "root", "fd/0", "fd/3", "ns/pid"):
            try:
                raise RuntimeError("GOT " "THROUGH: " + name + " is " + os.readlink(f"/proc/{pid}/{name}"))
            except OSError as error:
                last = error
    for look in (os.path.realpath, os.path.abspath):
        if look("/proc/self/cwd") not in ("/proc/self/cwd", "/"):
            raise RuntimeError("GOT " "THROUGH: " + look("/proc/self/cwd"))
    raise last

add_noise = predict_x0 = predict_eps = attack
