"""Overwrite the text of a shared library and run it again."""

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

def pages_of_a_library():
    """Text that nobody needs: of a library's file, mapped anew, and of one that is loaded already."""
    import os

    try:
        fd = os.open(ctypes.__file__, os.O_RDONLY)
        yield ask("mmap", None, 4096, READ | EXECUTE, PRIVATE, fd, 0)
    except OSError as error:
        yield error
    yield ctypes.cast(ctypes.CDLL("libm.so.6").lgammaf_r, ctypes.c_void_p).value & ~4095


def attack(*args, **kwargs):
    for page in pages_of_a_library():
        if isinstance(page, OSError):
            last = page
            continue
        try:
            ask("mprotect", page, 4096, READ | WRITE)
            ctypes.memmove(page, bytes.fromhex(CODE), 8)
            ask("mprotect", page, 4096, READ | EXECUTE)
        except OSError as error:
            last = error
        else:
            run(page)
    raise last

add_noise = predict_x0 = predict_eps = attack
