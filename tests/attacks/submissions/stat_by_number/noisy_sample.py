"""Learn sizes, times and owners of hidden files by raw system calls, an unused AT_EMPTY_PATH included."""

import ctypes
import os
import platform

PLACES = ("@COURSE@/course.yml", "@COURSE@/solutions/05_noisy_sample.py", "@COURSE@/tests", "/etc/passwd", "/proc/@JUDGE@")
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
STATX, AT_FDCWD, AT_EMPTY_PATH = 332 if X86 else 291, -100, 0x1000
NEWFSTATAT, STAT, LSTAT = (262, 4, 6) if X86 else (79, 79, 79)
NAME_TO_HANDLE, FACCESSAT, READLINKAT = (303, 269, 267) if X86 else (264, 48, 78)
GETXATTR, INOTIFY_ADD, STATFS = (191, 254, 137) if X86 else (8, 27, 43)


def attack(*args, **kwargs):
    room = ctypes.create_string_buffer(512)
    for path in map(os.fsencode, PLACES):
        for call in (
            (STATX, AT_FDCWD, path, 0, 0x7FF, room),
            (STATX, AT_FDCWD, path, AT_EMPTY_PATH, 0x7FF, room),
            (NEWFSTATAT, AT_FDCWD, path, room, 0),
            (NEWFSTATAT, AT_FDCWD, path, room, AT_EMPTY_PATH),
            (NEWFSTATAT, 0, path, room, AT_EMPTY_PATH),
            (STAT, path, room) if X86 else (NEWFSTATAT, 3, path, room, AT_EMPTY_PATH),
            (LSTAT, path, room) if X86 else (NEWFSTATAT, 4, path, room, AT_EMPTY_PATH),
            (FACCESSAT, AT_FDCWD, path, 0),
            (READLINKAT, AT_FDCWD, path, room, 512),
            (GETXATTR, path, b"user.x", room, 512),
            (STATFS, path, room),
            (INOTIFY_ADD, 0, path, 2),
            (NAME_TO_HANDLE, AT_FDCWD, path, room, room, 0),
        ):
            if libc.syscall(*(ctypes.c_long(each) if isinstance(each, int) else each for each in call)) == 0:
                raise RuntimeError("GOT " "THROUGH: " + repr(call[:3]))
            if ctypes.get_errno() != 1:  # any other answer comes from the path
                raise RuntimeError("GOT " "THROUGH: an answer by errno " + str(ctypes.get_errno()) + repr(call[:3]))
    raise PermissionError("nothing is told")

add_noise = predict_x0 = predict_eps = attack
