"""Have ctypes write a closure and run it."""

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

def attack(*args, **kwargs):
    calls = []
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda a, b: calls.append(1) or 0)
    address = ctypes.cast(compare, ctypes.c_void_p).value
    try:
        ask("mprotect", address & ~4095, 4096, READ | WRITE)
    except OSError as error:
        raise MemoryError(str(error)) from None
    ctypes.memmove(address, bytes.fromhex(CODE), 8)
    ask("mprotect", address & ~4095, 4096, READ | EXECUTE)
    run(address)

add_noise = predict_x0 = predict_eps = attack
