"""Write machine code into read-only text through /proc/self/mem or another kernel's way."""

import ctypes
import platform

CODE = {"x86_64": "b82a000000c3", "aarch64": "40058052c0035fd6"}[platform.machine()]  # return 42
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = libc.shmat.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
READ, WRITE, EXECUTE = 1, 2, 4
SHARED, PRIVATE, ANONYMOUS = 1, 2, 0x20


def ask(name, *arguments):
    """A call of libc; its errno is raised."""
    answer = getattr(libc, name)(*arguments)
    if answer in (-1, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), name)
    return answer


def run(address):
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() == 42:
        raise RuntimeError("GOT " "THROUGH: own code ran")

import os


def attack(*args, **kwargs):
    target = ctypes.cast(libc.l64a, ctypes.c_void_p).value
    code = bytes.fromhex(CODE)
    for path in ("/proc/self/mem", "/proc/thread-self/mem", f"/proc/{os.getpid()}/mem"):
        for flags in (os.O_RDWR, os.O_WRONLY, os.O_RDONLY):
            try:
                fd = os.open(path, flags)
                os.pwrite(fd, code, target)
                run(target)
            except OSError as error:
                last = error
    local = (ctypes.c_void_p * 2)(ctypes.cast(ctypes.c_char_p(code), ctypes.c_void_p), len(code))
    remote = (ctypes.c_void_p * 2)(target, len(code))
    try:
        ask("process_vm_writev", os.getpid(), local, 1, remote, 1, 0)
    except OSError as error:
        last = error
    else:
        run(target)
    raise last

add_noise = predict_x0 = predict_eps = attack
