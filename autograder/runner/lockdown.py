"""How a child takes from itself what it must not have, before it meets the student's code.

The zygote receives the `Plan` once; each forked child calls `apply`. What runs here is the standard library and
ctypes: the probe runs this file alone, in a process that has nothing else.

Layers overlap where they can, so that a hole in one is not a hole in the whole; the tests switch each off and
show what it alone prevents. Whatever fails raises: a child that is half locked never runs a student's line.
"""

from __future__ import annotations

import ast
import ctypes
import errno
import math
import os
import platform
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any

if sys.platform != "win32":
    import resource
if TYPE_CHECKING:
    pass

ALL_LAYERS = frozenset({"closefds", "environ", "rlimits", "uid", "pdeathsig", "dumpable", "landlock", "seccomp"})
LAYERS_OF = {
    "strict": ALL_LAYERS,
    "basic": ALL_LAYERS - {"landlock"},
    "none": ALL_LAYERS - {"landlock", "seccomp"},
}
LINUX = sys.platform == "linux"
PORTABLE_LAYERS = frozenset({"closefds", "environ", "rlimits"})
#: 0 is /dev/null, 1 and 2 are sinks, 3 brings requests, 4 takes replies. All above is closed.
FIRST_CLOSED_FD = 5
MIB = 1 << 20
STACK_MIB = 8


@dataclass(frozen=True)
class ChildLimits:
    """What one child may use: CPU seconds, rounded up, MiB of address space beyond what it starts with."""

    cpu_seconds: float
    memory_mib: int


@dataclass(frozen=True)
class Plan:
    """Everything that the zygote is told about the lock-down: plain values, compiled by the judge.

    level: "strict", "basic" or "none". bpf: the compiled allow-list, empty at "none". uid, gid: what root becomes,
    None to stay. layers: those that are on; only tests leave one out.
    """

    level: str
    bpf: bytes
    uid: int | None
    gid: int | None
    layers: frozenset[str] = field(default=ALL_LAYERS)

    def to_wire(self) -> dict[str, Any]:
        """A dict of str, int, bytes, None and a list of str; `from_wire` reads it."""
        return asdict(self) | {"layers": sorted(self.layers)}

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Plan:
        """The plan that `to_wire` wrote. Raises ValueError for a field that is missing, unknown or wrong."""
        if set(wire) != {each.name for each in fields(cls)}:
            raise ValueError(f"a plan has other fields: {sorted(wire)}")
        if wire["level"] not in LAYERS_OF or not ALL_LAYERS.issuperset(wire["layers"]):
            raise ValueError(f"no such level or layer: {wire['level']}, {wire['layers']}")
        return cls(**{**wire, "layers": frozenset(wire["layers"])})

    def active(self) -> frozenset[str]:
        """The layers that `apply` sets on this platform."""
        here = ALL_LAYERS if LINUX else PORTABLE_LAYERS
        return LAYERS_OF[self.level] & self.layers & here


def apply(plan: Plan, limits: ChildLimits, parent_pid: int) -> None:
    """Lock this process down, for good. Call it in the single-threaded forked child, fds 0 to 4 in place.

    parent_pid: the zygote's pid, taken before the fork. fds 1 and 2 must be pipes or /dev/null, because
    RLIMIT_FSIZE is 0. Raises OSError, naming the layer, when anything cannot be set; the caller must then
    exit without running student code. On return there is no way back: no fork, no exec, no file to write.
    """
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("closefds", _close_inherited),
        ("environ", _forget_origin),
        ("rlimits", partial(_limit, limits)),
        ("landlock", _empty_the_root),  # only root may, so it comes before
        ("uid", partial(_drop_user, plan.uid, plan.gid)),
        ("pdeathsig", partial(_die_with, parent_pid)),  # setresuid clears it, so it comes after
        ("dumpable", _forbid_inspection),
        ("landlock", _restrict_files),
        ("seccomp", partial(_restrict_syscalls, plan.bpf)),
    )
    active = plan.active()
    _take("threads", _must_be_alone)
    for layer, step in steps:
        if layer in active:
            _take(layer, step)


def _take(layer: str, step: Callable[[], None]) -> None:
    try:
        step()
    except (OSError, ValueError) as error:
        code = getattr(error, "errno", None) or errno.EPERM
        raise OSError(code, f"lock-down failed at {layer}: {error}") from error


#: Opened at import, so in the zygote: after the uid is dropped the child may not be able to load anything.
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None
SYS_CLOSE_RANGE = 436
SYS_LANDLOCK_CREATE_RULESET = 444
SYS_LANDLOCK_RESTRICT_SELF = 446
SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}.get(platform.machine())
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SIGKILL = 9


def _checked(name: str, result: int) -> int:
    """`result`, unless it is -1. errno is read only then: after a success it is somebody else's."""
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def _library() -> ctypes.CDLL:
    if _libc is None:
        raise OSError(errno.ENOSYS, "this is not Linux")
    return _libc


def _syscall(name: str, number: int, *arguments: Any) -> int:
    """A raw system call; ints go as longs, bytes and ctypes references as pointers."""
    values = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(name, _library().syscall(ctypes.c_long(number), *values))


def _prctl(name: str, option: int, *arguments: int) -> int:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(name, _library().prctl(ctypes.c_int(option), *map(ctypes.c_ulong, padded)))


def _must_be_alone() -> None:
    """Landlock and capabilities are a thread's own: a second thread would keep its freedom."""
    if LINUX and len(os.listdir("/proc/self/task")) != 1:
        raise OSError(errno.EBUSY, "this process has more than one thread")


def _close_inherited() -> None:
    """Close every fd from FIRST_CLOSED_FD on, and leave the working directory, which is a handle too."""
    os.chdir("/")
    try:
        _syscall("close_range", SYS_CLOSE_RANGE, FIRST_CLOSED_FD, 0xFFFFFFFF, 0)
    except OSError:  # before Linux 5.9, or not Linux
        os.closerange(FIRST_CLOSED_FD, os.sysconf("SC_OPEN_MAX"))


def _forget_origin() -> None:
    """Clear the environment and the arguments: Python's copies, libc's pointers, the memory they stood in.

    The last is best effort: the heap may still hold copies, so the zygote is started with nothing to hide.
    """
    os.environ.clear()
    posix = sys.modules.get("posix")
    if posix is not None:
        posix.environ.clear()
    sys.argv[:] = [""]
    sys.orig_argv[:] = []
    if _libc is not None:
        _libc.clearenv()
        with suppress(OSError, ValueError, IndexError):
            start, end = _argument_memory()
            ctypes.memset(start, 0, end - start)


def _argument_memory() -> tuple[int, int]:
    """From arg_start to env_end, fields 48 to 51 of /proc/self/stat (proc(5)); they lie side by side."""
    after_name = _read_once("/proc/self/stat").rpartition(b")")[2].split()  # begins with field 3
    arg_start, arg_end, env_start, env_end = map(int, after_name[45:49])
    if not 0 < arg_start < arg_end <= env_start <= env_end < arg_start + 8 * MIB:
        raise ValueError("argv and environ do not lie side by side")
    return arg_start, env_end


def _limit(limits: ChildLimits) -> None:
    """The rlimits. A hard limit that is lower already stays."""
    cpu = max(1, math.ceil(limits.cpu_seconds))
    wanted = {
        "CPU": (cpu, cpu + 1),  # SIGXCPU, which can be ignored, then SIGKILL, which cannot
        "STACK": (STACK_MIB * MIB,) * 2,
        "NOFILE": (32, 32),
    }
    for name in ("FSIZE", "CORE", "NPROC", "MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO"):
        wanted[name] = (0, 0)
    if LINUX:
        wanted["AS"] = (_address_space() + limits.memory_mib * MIB,) * 2
    for name, pair in wanted.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is not None:
            resource.setrlimit(which, _at_most(pair, resource.getrlimit(which)[1]))


def _at_most(pair: tuple[int, int], hard: int) -> tuple[int, int]:
    return pair if hard < 0 else (min(pair[0], hard), min(pair[1], hard))  # RLIM_INFINITY is -1


def _address_space() -> int:
    """This process's VmSize in bytes (proc(5), statm)."""
    return int(_read_once("/proc/self/statm").split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _read_once(path: str) -> bytes:
    """A short file of /proc, without the machinery of `open`, which costs every child its first page faults."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, 4096)
    finally:
        os.close(fd)


#: Where a folder can be made for a moment.
_BASES = ("/tmp", "/var/tmp", "/dev/shm", "/run")


def has_empty_root() -> bool:
    """Whether this process's root folder is one that was removed: in it nothing is, and nothing can be made."""
    if not LINUX or os.listdir("/"):
        return False
    try:
        os.mkdir("/made")
    except FileNotFoundError:  # as Linux says in a folder that is gone, and in no other
        return True
    except OSError:
        return False
    os.rmdir("/made")
    return False


def _empty_the_root() -> None:
    """In place of Landlock, where the kernel has none and this is root: no path leads anywhere, for good.

    The root becomes a folder that is removed. Without capabilities, which go next, and without a folder's descriptor
    there is no way out. What a machine refuses of this leaves it without, and `_restrict_files` refuses then.
    """
    if not LINUX or os.geteuid() != 0 or landlock_abi() > 0:
        return
    with suppress(OSError):
        folder = _removed_folder()
        try:
            os.fchdir(folder)
            os.chroot(".")
            os.chdir("/")
        finally:
            os.close(folder)


def _removed_folder() -> int:
    """The descriptor of a new folder that has no name any more. Raises OSError: none can be made."""
    name = f".autograder-{os.getpid()}-{os.urandom(8).hex()}"
    for base in _BASES:
        with suppress(OSError):
            os.mkdir(f"{base}/{name}")
            break
    else:
        raise OSError(errno.ENOENT, "no folder for an empty root")
    folder = os.open(f"{base}/{name}", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    os.fchmod(folder, 0o555)  # who looks at it later is another user
    os.rmdir(f"{base}/{name}")
    return folder


def _drop_user(uid: int | None, gid: int | None) -> None:
    """Become `uid` and `gid`, without groups. None keeps the user. Either way no capability is left."""
    _drop_bounding_set()
    if uid is not None and gid is not None:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        if os.getresuid() != (uid,) * 3 or os.getresgid() != (gid,) * 3 or os.getgroups():
            raise OSError(errno.EPERM, f"still uid {os.getresuid()}, gid {os.getresgid()}")
    _prctl("clear ambient capabilities", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    _clear_capabilities()


def _drop_bounding_set() -> None:
    """Drop the bounding set, if we may: without CAP_SETPCAP it stays, and NO_NEW_PRIVS makes it moot."""
    drop = _library().prctl
    for capability in range(64):
        if drop(PR_CAPBSET_DROP, capability, 0, 0, 0) == -1:
            if ctypes.get_errno() not in (errno.EINVAL, errno.EPERM):  # EINVAL: past the last one
                _checked("capbset_drop", -1)
            return


def _clear_capabilities() -> None:
    """capset(2), version 3: two words each of effective, permitted and inheritable, all zero."""
    header = struct.pack("=Ii", 0x20080522, 0)
    _checked("capset", _library().capset(header, bytes(24)))


def _die_with(parent_pid: int) -> None:
    """Be killed when the zygote ends; fail if it has ended already, since then nobody would."""
    _prctl("pdeathsig", PR_SET_PDEATHSIG, SIGKILL)
    if os.getppid() != parent_pid:
        raise OSError(errno.ESRCH, "the zygote is gone")


def _forbid_inspection() -> None:
    """No core dump, and no ptrace or /proc/<pid>/mem by another process of the same user."""
    _prctl("dumpable", PR_SET_DUMPABLE, 0)


# Landlock (Documentation/userspace-api/landlock.rst). The rights are bits in order; each ABI adds to the end.
FS_RIGHTS_OF_ABI = {1: 13, 2: 14, 3: 15, 4: 15}  # how many bits; from ABI 5 on it is 16
NET_BIND_AND_CONNECT_TCP = 0b11  # from ABI 4
SCOPE_ABSTRACT_UNIX_AND_SIGNAL = 0b11  # from ABI 6
SAME_EXEC_LOG_OFF = 0b1  # from ABI 7: a student in a loop must not fill the machine's audit log


def landlock_abi() -> int:
    """The kernel's Landlock ABI, 0 when there is none or it is switched off."""
    if not LINUX:
        return 0
    try:
        return _syscall("landlock abi", SYS_LANDLOCK_CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0


def _ruleset_attributes(abi: int) -> bytes:
    """struct landlock_ruleset_attr, as far as this ABI knows it: all that it can handle is denied."""
    fs = (1 << FS_RIGHTS_OF_ABI.get(abi, 16)) - 1
    words = [fs, NET_BIND_AND_CONNECT_TCP, SCOPE_ABSTRACT_UNIX_AND_SIGNAL]
    known = 3 if abi >= 6 else 2 if abi >= 4 else 1
    return struct.pack(f"={known}Q", *words[:known])


def _restrict_files() -> None:
    """Landlock: no file or folder can be opened or changed, no TCP, signals or abstract sockets are left.

    Where the kernel has none, an empty root is as good against files; where there is neither, this raises.
    """
    abi = landlock_abi()
    if abi < 1 and has_empty_root():
        return
    if abi < 1:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    attributes = _ruleset_attributes(abi)
    ruleset = _syscall("landlock_create_ruleset", SYS_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        _prctl("no_new_privs", PR_SET_NO_NEW_PRIVS, 1)
        flags = SAME_EXEC_LOG_OFF if abi >= 7 else 0
        _syscall("landlock_restrict_self", SYS_LANDLOCK_RESTRICT_SELF, ruleset, flags)
    finally:
        os.close(ruleset)


def _must_not_run_data() -> None:
    """Under this personality(2) all memory is executable, whatever the filter says of PROT_EXEC."""
    persona = _library().personality(ctypes.c_ulong(0xFFFFFFFF))
    if persona == -1 and ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):  # as gVisor answers, which has none
        _checked("personality", -1)
    if persona != -1 and persona & READ_IMPLIES_EXEC:
        raise OSError(errno.EPERM, "what can be read can be executed here; start it without `setarch -X`")


class _Program(ctypes.Structure):
    """struct sock_fprog: how many 8-byte instructions, and where."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1


def _restrict_syscalls(bpf: bytes) -> None:
    """Load the compiled allow-list for every thread. An empty one is an error, never "all allowed"."""
    if not bpf or len(bpf) % 8 or len(bpf) > 8 * 4096:
        raise OSError(errno.EINVAL, f"not a filter: {len(bpf)} bytes")
    _must_not_run_data()
    if SYS_SECCOMP is None:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    _prctl("no_new_privs", PR_SET_NO_NEW_PRIVS, 1)
    program = ctypes.byref(_Program(len(bpf) // 8, bpf))
    stuck = _syscall("seccomp", SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, program)
    if stuck:  # TSYNC answers with the thread that could not be filtered
        raise OSError(errno.EBUSY, f"thread {stuck} is not filtered")


READ_IMPLIES_EXEC = 0x0400000


def _attack_myself(plan: Plan) -> dict[str, str]:
    """Lock this process down and try what must be refused. Raises when something is not."""
    before, wall = os.geteuid(), "Landlock" if landlock_abi() else "an empty root folder"
    apply(plan, ChildLimits(cpu_seconds=5, memory_mib=256), os.getppid())
    attacks: dict[str, Callable[[], object]] = {
        "fork": os.fork,
        "pipe": os.pipe,
        "reading /etc/passwd": partial(os.open, "/etc/passwd", os.O_RDONLY),
        "writing /dev/null": partial(os.open, "/dev/null", os.O_WRONLY),
    }
    for name, attack in attacks.items():
        _must_be_refused(name, attack)
    after = os.geteuid()
    return {
        "second wall against files": wall if plan.level == "strict" else "none",
        "uid drop": f"{before} to {after}" if before != after else ("no" if before == 0 else "not needed"),
    }


def _must_be_refused(name: str, attack: Callable[[], object]) -> None:
    try:
        attack()
    except PermissionError:
        return
    raise OSError(f"{name} is not refused")


if __name__ == "__main__":
    sys.stdout.write(repr(_attack_myself(Plan.from_wire(ast.literal_eval(sys.stdin.read())))))
