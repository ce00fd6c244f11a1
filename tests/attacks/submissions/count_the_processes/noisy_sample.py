"""Learn which pids there are, and which of them are other students'."""

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
PROBES = {
    "x86_64": {"getpgid": 121, "getsid": 124, "getpriority": 140, "sched_getscheduler": 145, "sched_getparam": 143,
               "sched_rr_get_interval": 148, "sched_getaffinity": 204, "sched_getattr": 315, "ioprio_get": 252,
               "kill": 62, "tkill": 200, "kcmp": 312, "pidfd_open": 434, "get_robust_list": 274, "capget": 125,
               "move_pages": 279, "migrate_pages": 256},
    "aarch64": {"getpgid": 155, "getsid": 156, "getpriority": 141, "sched_getscheduler": 120, "sched_getparam": 121,
                "sched_rr_get_interval": 127, "sched_getaffinity": 123, "sched_getattr": 275, "ioprio_get": 31,
                "kill": 129, "tkill": 130, "kcmp": 272, "pidfd_open": 434, "get_robust_list": 100, "capget": 90,
                "move_pages": 239, "migrate_pages": 238},
}[platform.machine()]


def attack(*args, **kwargs):
    room = ctypes.create_string_buffer(512)
    for name, number in PROBES.items():
        told = set()
        for pid in (@JUDGE@, @SIBLING@, os.getppid(), 4194300):
            arguments = (1, pid) if name in ("getpriority", "ioprio_get") else (pid, 0 if name == "kill" else 128)
            answer = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments), room, 0, 0)
            told.add(ctypes.get_errno() if answer == -1 else answer)
        if told != {1}:
            raise RuntimeError("GOT " "THROUGH: " + name + " tells " + repr(told))
    raise PermissionError("all pids look alike")

add_noise = predict_x0 = predict_eps = attack
