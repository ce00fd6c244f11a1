"""Have the kernel place machine code into an executable page (userfaultfd, memfd, ptrace)."""

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
    numbers = {"x86_64": (323, 319, 101, 447), "aarch64": (282, 279, 117, 447)}[platform.machine()]
    errors = set()
    for number in numbers:  # userfaultfd, memfd_create, ptrace, memfd_secret
        if libc.syscall(ctypes.c_long(number), 0, 0, 0, 0) != -1:
            raise RuntimeError("GOT " "THROUGH: system call " + str(number))
        errors.add(ctypes.get_errno())
    if errors <= {1, 38}:
        raise PermissionError("nothing places code")
    raise RuntimeError(f"other errors: {errors}")

add_noise = predict_x0 = predict_eps = attack
