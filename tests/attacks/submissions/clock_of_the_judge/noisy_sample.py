"""Read the CPU time of the judge and of another student's worker by their pids."""

import os
import time


def attack(*args, **kwargs):
    for pid in (@JUDGE@, @SIBLING@, os.getppid(), 1):
        for kind in (0, 1, 2, 4, 5, 6):  # of a process, of a thread
            for look in (time.clock_gettime_ns, time.clock_getres):
                try:
                    raise RuntimeError("GOT " "THROUGH: " + str(look((~pid << 3) | kind)))
                except OSError as error:
                    last = error
    raise last

add_noise = predict_x0 = predict_eps = attack
