"""The lock-down, attacked for real: a nursery process forks children, locks them down and runs snippets in them.

Each attack runs as root (whose children become somebody else) and as an ordinary user, at both levels.
"""

from __future__ import annotations

import ast
import os
import platform
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.errors import LockdownError
from autograder.runner import lockdown, machine, syscall_filter
from autograder.runner.lockdown import ALL_LAYERS, ChildLimits, Plan
from autograder.runner.machine import make_plan, probe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can lock a process down")

CHECKOUT = Path(__file__).parents[3]
LIMITS = ChildLimits(cpu_seconds=20, memory_mib=1024)
ORDINARY_ID = 65520
NURSERY_SECONDS = 60

#: A zygote in small. One request a line: fork, lock down, run `code`, answer with its `result` and its end.
NURSERY = r'''
import ast, ctypes, errno, fcntl, mmap, os, random, resource, select, signal, socket, subprocess, sys, threading
import time, traceback, urllib.request
import numpy as np
import numpy.fft, numpy.linalg, numpy.random
from autograder.runner import lockdown, machine, syscall_filter

libc = ctypes.CDLL(None, use_errno=True)
nursery_pid = os.getpid()
os.dup2(os.open(sys.argv[1], os.O_RDONLY), 50)  # a file that children must not inherit

def attempt(function, *arguments):
    """How the call ended: the name of an errno, or "went through"."""
    try:
        function(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "went through"

def call(name, *arguments):
    """The same for a function of libc."""
    values = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return errno.errorcode[ctypes.get_errno()] if getattr(libc, name)(*values) == -1 else "went through"

def reply(value):
    data = repr(value).encode()
    while data:
        data = data[os.write(4, data):]

def become_child(request, ends):
    high = [fcntl.fcntl(end, fcntl.F_DUPFD, 60) for end in ends]
    for target, end in enumerate(high):
        os.dup2(end, target)
    namespace = dict(globals())
    exec(request["setup"], namespace)
    plan, limits = lockdown.Plan.from_wire(request["plan"]), lockdown.ChildLimits(*request["limits"])
    lockdown.apply(plan, limits, namespace["nursery_pid"])
    try:
        exec(compile(request["code"], "student.py", "exec"), namespace)
        reply(("result", namespace.get("result")))
    except Exception as error:
        reply(("raised", type(error).__name__ + ": " + str(error)))

def serve(request):
    null = os.open(os.devnull, os.O_RDONLY)
    output, sink = os.pipe()
    requests, to_child = os.pipe()
    replies, from_child = os.pipe()
    ends = [null, sink, sink, requests, from_child]
    if request["shared"]:  # requests and complaints do not depend on the nursery
        ends[2], ends[3] = 2, 0
    pid = os.fork()
    if pid == 0:
        try:
            become_child(request, ends)
        except BaseException as error:
            os.write(4, repr(("refused", str(error))).encode())
        finally:
            os._exit(0)
    for end in (null, sink, requests, from_child):
        os.close(end)
    answer = watch(request, pid, output, to_child, replies)
    for end in (output, replies):
        os.close(end)
    return answer

def watch(request, pid, output, to_child, replies):
    """Collect what the child says. Its first word starts `meanwhile`, whose `seen` is told; then EOF on 3."""
    got = {output: b"", replies: b""}
    opened, seen, waiting = set(got), None, True
    deadline = time.monotonic() + 30
    while opened:
        ready = select.select(list(opened), [], [], max(0, deadline - time.monotonic()))[0]
        if not ready:
            os.kill(pid, signal.SIGKILL)
        for end in ready:
            part = os.read(end, 65536)
            got[end] += part
            if not part:
                opened.discard(end)
        if waiting and (request["meanwhile"] == "" or ready):
            namespace = dict(globals(), pid=pid)
            exec(request["meanwhile"], namespace)
            seen, waiting = namespace.get("seen"), False
            os.close(to_child)
    status = os.wait4(pid, 0)[1]
    said = got[replies].decode(errors="replace")
    return dict(said=said, output=got[output].decode(errors="replace"), seen=seen, status=status)

def say(value):
    sys.stdout.write(repr(value) + "\n")
    sys.stdout.flush()

say(os.geteuid())
while line := os.read(0, 1 << 20).decode():  # one request fits one read: the test waits for each answer
    while not line.endswith("\n"):
        line += os.read(0, 1 << 20).decode()
    say(serve(ast.literal_eval(line)))
'''


@dataclass(frozen=True)
class End:
    """How a child ended: the signal that killed it or 0, what it said on fd 4 and printed, what was seen."""

    signal: int
    kind: str  # "result", "raised", "refused" or "" when it said nothing
    value: Any
    output: str
    seen: Any


class Nursery:
    """A process that runs snippets in locked children, under one user."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.user = self._next_line()

    def plan(self, level: str, layers: frozenset[str] = ALL_LAYERS) -> Plan:
        """What a judge of the nursery's user and interpreter, which may be others than ours, would plan."""
        plan = replace(make_plan(level), layers=layers)
        return plan if self.user == 0 else replace(plan, uid=None, gid=None)

    def run(self, plan: Plan, code: str, limits: ChildLimits = LIMITS, setup: str = "", meanwhile: str = "") -> End:
        self.send(plan, code, limits, setup, meanwhile)
        answer = self._next_line()
        kind, value = ast.literal_eval(answer["said"] or "('', None)")
        return End(os.WTERMSIG(answer["status"]), kind, value, answer["output"], answer["seen"])

    def send(
        self,
        plan: Plan,
        code: str,
        limits: ChildLimits = LIMITS,
        setup: str = "",
        meanwhile: str = "",
        shared: bool = False,
    ) -> None:
        request = {
            "plan": plan.to_wire(),
            "code": code,
            "limits": (limits.cpu_seconds, limits.memory_mib),
            "setup": setup,
            "meanwhile": meanwhile,
            "shared": shared,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(repr(request).encode() + b"\n")

    def _next_line(self) -> Any:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], NURSERY_SECONDS)
        assert ready, "the nursery hangs"
        line = self.process.stdout.readline()
        assert line, "the nursery died"
        return ast.literal_eval(line.decode())


def _command(python: str) -> tuple[list[str], dict[str, str]]:
    site_packages = Path(np.__file__).parents[1]
    environment = {
        "PYTHONPATH": f"{CHECKOUT}:{site_packages}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "SECRET": "in the environment",
    }
    return [python, "-c", NURSERY, "/etc/passwd", "secret on the command line"], environment


def _identity(user: str) -> dict[str, Any]:
    if user == "ordinary" and os.geteuid() == 0:
        return {"user": ORDINARY_ID, "group": ORDINARY_ID, "extra_groups": []}
    return {}


def _python_for(user: str) -> str:
    """An interpreter that `user` can run with our numpy. Ours may lie in a home that nobody else may enter."""
    if user == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    system = shutil.which(version, path="/usr/bin:/usr/local/bin")
    for python in [sys.executable, *([system] if system else [])]:
        if _can_run_nursery(python, user):
            return python
    pytest.skip(f"{user} can run neither {sys.executable} nor a system {version} with our numpy")


def _can_run_nursery(python: str, user: str) -> bool:
    environment = _command(python)[1]
    command = [python, "-c", "import numpy, autograder.runner.lockdown"]
    try:
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, **_identity(user))
    except PermissionError:
        return False
    return done.returncode == 0


@contextmanager
def nursery_of(user: str) -> Iterator[Nursery]:
    """A nursery under `user`, and its end."""
    command, environment = _command(_python_for(user))
    process = subprocess.Popen(
        command,
        env=environment,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        **_identity(user),
    )
    with process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


@pytest.fixture(scope="module", params=["root", "ordinary"])
def nursery(request: pytest.FixtureRequest) -> Iterator[Nursery]:
    with nursery_of(request.param) as made:
        yield made


@pytest.fixture(scope="module")
def root_nursery() -> Iterator[Nursery]:
    with nursery_of("root") as made:
        yield made


@pytest.fixture(scope="module")
def ordinary_nursery() -> Iterator[Nursery]:
    with nursery_of("ordinary") as made:
        yield made


@pytest.fixture(params=["strict", "basic"])
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def without(*layers: str) -> frozenset[str]:
    return ALL_LAYERS.difference(layers)


# ------------------------------------------------------------------------------------ what is refused

REFUSED = {
    "fork": "attempt(os.fork)",
    "vfork and exec": "attempt(subprocess.run, ['/bin/true'])",
    "exec": "attempt(os.execv, '/bin/true', ['true'])",
    "posix_spawn": "attempt(os.posix_spawn, '/bin/true', ['true'], {})",
    "TCP": "attempt(socket.socket, socket.AF_INET, socket.SOCK_STREAM)",
    "UDP": "attempt(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)",
    "unix socket": "attempt(socket.socket, socket.AF_UNIX)",
    "netlink": "attempt(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW)",
    "socketpair": "attempt(socket.socketpair)",
    "killing the parent": "attempt(os.kill, nursery_pid, 9)",
    "signalling everybody": "attempt(os.kill, -1, 0)",
    "killing the process group": "attempt(os.killpg, 0, 9)",
    "signalling by thread": "call('tgkill', nursery_pid, nursery_pid, 9)",
    "pidfd": "attempt(os.pidfd_open, nursery_pid)",
    "ptrace": "call('ptrace', 16, nursery_pid, 0, 0)",
    "being traced": "call('ptrace', 0, 0, 0, 0)",
    "reading another's memory": "call('process_vm_readv', nursery_pid, 0, 0, 0, 0, 0)",
    "writing another's memory": "call('process_vm_writev', nursery_pid, 0, 0, 0, 0, 0)",
    "io_uring": "call('syscall', 425, 8, 0)",
    "bpf": "call('syscall', {'x86_64': 321}.get(os.uname().machine, 280), 0, 0, 0)",
    "userfaultfd": "call('syscall', {'x86_64': 323}.get(os.uname().machine, 282), 0)",
    "perf": "call('syscall', {'x86_64': 298}.get(os.uname().machine, 241), 0, 0, 0, 0, 0)",
    "keyring": "call('syscall', {'x86_64': 250}.get(os.uname().machine, 219), 0, 0, 0, 0, 0)",
    "unshare": "call('unshare', 0x10000000)",
    "setns": "call('setns', 3, 0)",
    "mount": "call('mount', b'none', b'/tmp', b'tmpfs', 0, 0)",
    "umount": "call('umount2', b'/tmp', 0)",
    "pivot_root": "call('syscall', {'x86_64': 155}.get(os.uname().machine, 41), b'/', b'/')",
    "chroot": "attempt(os.chroot, '/')",
    "shared memory": "call('shmget', 0, 4096, 0o1600)",
    "message queue": "call('msgget', 0, 0o1600)",
    "semaphore": "call('semget', 0, 1, 0o1600)",
    "POSIX message queue": "call('mq_open', b'/queue', 0o102, 0o600, None)",
    "inotify": "call('inotify_init1', 0)",
    "fanotify": "call('fanotify_init', 0, 0)",
    "raising a limit": "call('setrlimit', resource.RLIMIT_NOFILE, bytes(16))",
    "another's limits": "attempt(resource.prlimit, nursery_pid, resource.RLIMIT_CPU)",
    "setuid": "attempt(os.setuid, 0)",
    "setgroups": "attempt(os.setgroups, [0])",
    "a way around pdeathsig": "call('prctl', 1, 0, 0, 0, 0)",
    "being dumpable": "call('prctl', 4, 1, 0, 0, 0)",
    "personality": "call('personality', 0x0040000)",
    "affinity": "attempt(os.sched_setaffinity, 0, [0])",
    "niceness": "attempt(os.nice, 1)",
    "sleep": "attempt(time.sleep, 0.001)",
    "pause": "call('pause')",
    "select as sleep": "attempt(select.select, [], [], [], 0.001)",
    "poll as sleep": "attempt(select.poll().poll, 1)",
    "sigtimedwait as sleep": "attempt(signal.sigtimedwait, [], 0.001)",
    "alarm": "call('syscall', {'x86_64': 37}.get(os.uname().machine, 103), 0, 0, 0)",
    "itimer": "attempt(signal.setitimer, signal.ITIMER_REAL, 100)",
    "timer": "call('timer_create', 0, None, ctypes.byref(ctypes.c_void_p()))",
    "pipe": "attempt(os.pipe)",
    "eventfd": "call('eventfd', 0, 0)",
    "epoll": "call('epoll_create1', 0)",
    "splice": "call('splice', 3, 0, 4, 0, 1, 0)",
    "sendfile": "attempt(os.sendfile, 4, 3, 0, 1)",
    "dup": "attempt(os.dup, 3)",
    "dup2": "attempt(os.dup2, 3, 9)",
    "signals by fcntl": "attempt(fcntl.fcntl, 3, fcntl.F_SETOWN, nursery_pid)",
    "status flags": "attempt(fcntl.fcntl, 3, fcntl.F_SETFL, os.O_NONBLOCK)",
    "creating a file": "attempt(open, '/tmp/created-by-lockdown-test', 'w')",
    "an unnamed file": "attempt(os.open, '/tmp', os.O_TMPFILE | os.O_RDWR)",
    "writing /dev/null": "attempt(open, '/dev/null', 'w')",
    "truncating by open": "attempt(os.open, '/dev/null', os.O_RDONLY | os.O_TRUNC)",
    "a path handle": "attempt(os.open, '/etc', os.O_PATH)",
    "mkdir": "attempt(os.mkdir, '/tmp/created-by-lockdown-test')",
    "unlink": "attempt(os.unlink, '/tmp/nothing-here')",
    "rename": "attempt(os.rename, '/tmp/nothing-here', '/tmp/nothing-there')",
    "symlink": "attempt(os.symlink, '/etc', '/tmp/created-by-lockdown-test')",
    "chmod": "attempt(os.chmod, '/dev/null', 0o666)",
    "utime": "attempt(os.utime, '/dev/null')",
    "chdir": "attempt(os.chdir, '/tmp')",
    "/etc/passwd": "attempt(open, '/etc/passwd')",
    "the parent's memory": "attempt(open, f'/proc/{nursery_pid}/mem', 'rb')",
    "the parent's command line": "attempt(open, f'/proc/{nursery_pid}/cmdline')",
    "own environ": "attempt(open, '/proc/self/environ')",
    "the list of processes": "attempt(os.listdir, '/proc')",
    "course.yml": f"attempt(open, {str(CHECKOUT / 'course.yml')!r})",
    "the checkout's listing": f"attempt(os.listdir, {str(CHECKOUT)!r})",
    "this test": f"attempt(open, {__file__!r})",
    "temporary files": "attempt(os.listdir, '/tmp')",
    "the kernel log": "call('klogctl', 3, 0, 0)",
    "write and execute": "attempt(mmap.mmap, -1, 4096, mmap.MAP_PRIVATE, 7)",
    "becoming executable": "call('mprotect', (id(libc) >> 12) << 12, 4096, 4)",
    "becoming executable by key": "call('pkey_mprotect', (id(libc) >> 12) << 12, 4096, 4, -1)",
    "executable without writing": "attempt(mmap.mmap, -1, 4096, mmap.MAP_PRIVATE, 5)",
    "executable and shared": "attempt(mmap.mmap, -1, 4096, mmap.MAP_SHARED, 5)",
    "a second address": "call('mremap', (id(libc) >> 12) << 12, 0, 4096, 1)",
    "a copy that stays": "call('mremap', (id(libc) >> 12) << 12, 4096, 4096, 5)",
    "a chosen address": "call('mremap', (id(libc) >> 12) << 12, 4096, 4096, 3, (id(libc) >> 12) << 12)",
    "merging pages": "call('madvise', (id(libc) >> 12) << 12, 4096, 12)",
    "attaching a segment": "call('shmat', 0, 0, 0o100000)",
    "reordering pages": "call('remap_file_pages', (id(libc) >> 12) << 12, 4096, 0, 0, 0)",
    "sizes and times": "attempt(os.stat, '/etc/passwd')",
    "sizes and times by an empty path's flag": "call('fstatat', -100, b'/etc/passwd', bytes(512), 0x1000)",
    "sizes and times of a link": "attempt(os.lstat, '/etc/mtab')",
    "sizes and times by statx": "call('statx', -100, b'/etc/passwd', 0x1000, 0x7ff, bytes(512))",
    "where a link leads": "attempt(os.readlink, '/proc/self/exe')",
    "room on a disk": "attempt(os.statvfs, '/')",
    "attributes": "attempt(os.getxattr, '/etc', 'user.x')",
    "a file that is not there": "attempt(os.open, '/no/such/file', os.O_RDONLY)",
    "another's clock": "attempt(time.clock_gettime, (~nursery_pid << 3) | 2)",
    "another's clock's grain": "attempt(time.clock_getres, (~nursery_pid << 3) | 2)",
    "another's CPUs": "attempt(os.sched_getaffinity, nursery_pid)",
    "another's priority": "attempt(os.getpriority, os.PRIO_PROCESS, nursery_pid)",
    "another's group": "attempt(os.getpgid, nursery_pid)",
    "another's session": "attempt(os.getsid, nursery_pid)",
    "the machine's load": "call('sysinfo', bytes(512))",
}


def test_every_attack_is_refused(nursery: Nursery, level: str) -> None:
    attacks = "".join(f"result[{name!r}] = {attack}\n" for name, attack in REFUSED.items())
    end = nursery.run(nursery.plan(level), "result = {}\n" + attacks)
    assert (end.kind, end.signal) == ("result", 0), end.value
    assert {name: how for name, how in end.value.items() if how not in ("EPERM", "EACCES")} == {}
    assert set(end.value) == set(REFUSED)


#: Allowed for some arguments, or answered with another error than EPERM.
LOOKED_AT = """
    ioctl open openat fcntl futex prlimit64 sched_getaffinity clock_gettime clock_getres mmap mprotect madvise mremap
"""
#: uretprobe and uprobe, which Linux 6.11 and later keep from every filter: they end whoever calls them by hand.
NEVER_FILTERED = {335, 336} if platform.machine() == "x86_64" else set()


def test_every_other_system_call_is_refused(nursery: Nursery, level: str) -> None:
    import pyseccomp

    names = (syscall_filter.ALWAYS + syscall_filter.NOT_IMPLEMENTED + LOOKED_AT).split()
    known = {pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) for name in names} | NEVER_FILTERED
    others = sorted(set(range(700)) - known)
    code = f"result = {{n: how for n in {others} if (how := call('syscall', n, -1, -1, -1, -1, -1, -1)) != 'EPERM'}}"
    end = nursery.run(nursery.plan(level), code)
    assert (end.kind, end.signal, end.value) == ("result", 0, {})


PRETENDED_MISSING = {
    "memfd": "attempt(os.memfd_create, 'code')",
    "clone3": "call('syscall', 435, 0, 0)",
    "openat2": "call('syscall', 437, 0, 0, 0, 0)",
    "another Landlock": "call('syscall', 444, 0, 0, 1)",
}


def test_calls_that_libraries_probe_for_seem_missing(nursery: Nursery, level: str) -> None:
    end = nursery.run(nursery.plan(level), f"result = [{', '.join(PRETENDED_MISSING.values())}]")
    assert end.value == ["ENOSYS"] * len(PRETENDED_MISSING)


def test_a_thread_cannot_be_started(nursery: Nursery, level: str) -> None:
    end = nursery.run(nursery.plan(level), "threading.Thread(target=print).start()")
    assert end.value == "RuntimeError: can't start new thread"


def test_waiting_for_a_lock_does_not_sleep(nursery: Nursery, level: str) -> None:
    code = "lock = threading.Lock(); lock.acquire(); result = lock.acquire(timeout=1000), lock.acquire()"
    assert nursery.run(nursery.plan(level), code).value == (False, False)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 and i386 are ABIs of x86_64")
def test_a_foreign_abi_kills(nursery: Nursery, level: str) -> None:
    assert nursery.run(nursery.plan(level), "libc.syscall(0x40000000 + 39)").signal == signal.SIGSYS
    i386_getpid = "b814000000cd80c3"
    setup = f"page = mmap.mmap(-1, 4096, prot=7)\npage.write(bytes.fromhex('{i386_getpid}'))"
    code = "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()"
    # SIGSEGV where the kernel has no i386 at all
    assert nursery.run(nursery.plan(level), code, setup=setup).signal in (signal.SIGSYS, signal.SIGSEGV)


def test_no_file_opens_at_all(nursery: Nursery, level: str) -> None:
    opens = "[attempt(open, path) for path in ('/dev/null', os.__file__, np.__file__, '/no/such/file')]"
    assert nursery.run(nursery.plan(level), f"result = {opens}").value == ["EACCES"] * 4


def test_no_memory_can_be_both_written_and_run_or_written_and_shared(nursery: Nursery, level: str) -> None:
    plan = nursery.plan(level, without("dumpable"))  # else an ordinary nursery could not look
    look = "seen = [row.split()[1] for row in open(f'/proc/{pid}/maps')]"
    end = nursery.run(plan, "os.write(4, b' '); os.read(3, 1)", meanwhile=look)
    assert len(end.seen) > 50
    assert [rights for rights in end.seen if "wx" in rights or rights[1::2] == "ws"] == []


# ------------------------------------------------------------------------------------ what is taken away


def test_only_the_five_descriptors_are_open(nursery: Nursery, level: str) -> None:
    code = "result = [fd for fd in range(256) if attempt(fcntl.fcntl, fd, fcntl.F_GETFD) == 'went through']"
    assert nursery.run(nursery.plan(level), code).value == [0, 1, 2, 3, 4]


def test_no_environment_and_no_command_line_is_left(nursery: Nursery, level: str) -> None:
    plan = nursery.plan(level, without("dumpable"))  # else an ordinary nursery could not look
    code = """
import posix
os.write(4, b" ")
os.read(3, 1)
result = dict(os.environ), posix.environ, libc.getenv(b"SECRET"), sys.argv, sys.orig_argv
"""
    look = "seen = [open(f'/proc/{pid}/{name}').read().strip(chr(0)) for name in ('environ', 'cmdline')]"
    end = nursery.run(plan, code, meanwhile=look)
    assert end.value == ({}, {}, 0, [""], [])
    assert end.seen == ["", ""]


def test_the_working_directory_is_left(nursery: Nursery, level: str) -> None:
    setup = f"os.chdir({str(CHECKOUT)!r})"
    assert nursery.run(nursery.plan(level), "result = os.getcwd()", setup=setup).value == "/"


def test_root_becomes_somebody_without_groups_or_capabilities(root_nursery: Nursery, level: str) -> None:
    code = "os.write(4, b' '); os.read(3, 1); result = os.getresuid(), os.getresgid(), os.getgroups()"
    look = "seen = [row.split()[1] for row in open(f'/proc/{pid}/status') if row.startswith('Cap')]"
    end = root_nursery.run(root_nursery.plan(level), code, meanwhile=look)
    assert end.value == ((machine.RUNNER_ID,) * 3, (machine.RUNNER_ID,) * 3, [])
    assert end.seen == ["0" * 16] * 5


# ------------------------------------------------------------------------------------ limits


def test_too_much_memory_is_a_memory_error(nursery: Nursery, level: str) -> None:
    code = """
result = []
for demand in (lambda: np.ones(2**30), lambda: bytearray(8 * 2**30), lambda: [0] * 2**30):
    try:
        demand()
    except MemoryError:
        result.append(float(np.ones(10**6).sum()))
"""
    assert nursery.run(nursery.plan(level), code).value == [1e6] * 3


def test_the_memory_limit_counts_from_the_start(nursery: Nursery) -> None:
    code = "result = np.ones(100 * 2**17).nbytes >> 20"
    assert nursery.run(nursery.plan("strict"), code, ChildLimits(20, 150)).value == 100
    assert nursery.run(nursery.plan("strict"), code, ChildLimits(20, 50)).value.startswith("MemoryError")


def test_too_much_time_ends_with_sigxcpu(ordinary_nursery: Nursery) -> None:
    end = ordinary_nursery.run(ordinary_nursery.plan("basic"), "while True: pass", ChildLimits(0.5, 256))
    assert end.signal == signal.SIGXCPU


def test_who_ignores_every_signal_is_killed(nursery: Nursery) -> None:
    code = """
for number in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33}:
    signal.signal(number, signal.SIG_IGN)
while True: pass
"""
    assert nursery.run(nursery.plan("strict"), code, ChildLimits(1, 256)).signal == signal.SIGKILL


def test_a_file_cannot_grow_even_where_one_can_be_opened(nursery: Nursery, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    setup = "import tempfile; file = tempfile.TemporaryFile(buffering=0)"
    plan = nursery.plan("strict", frozenset({"rlimits"}))
    assert nursery.run(plan, "result = attempt(file.write, b'x')", setup=setup).value == "EFBIG"


def test_a_lower_limit_of_the_machine_stays(nursery: Nursery) -> None:
    setup = "resource.setrlimit(resource.RLIMIT_NOFILE, (70, 70)); resource.setrlimit(resource.RLIMIT_CPU, (3, 3))"
    code = "result = resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CPU)"
    assert nursery.run(nursery.plan("strict"), code, setup=setup).value == ((32, 32), (3, 3))


# ------------------------------------------------------------------------------------ what must work

WORKS = {
    "singular values": "np.linalg.svd(np.arange(12.0).reshape(3, 4))[1].round(6).tolist()",
    "solving": "np.linalg.solve(np.eye(3) * 2, np.ones(3)).tolist()",
    "eigenvalues": "np.linalg.eigvalsh(np.diag([3.0, 1.0, 2.0])).round(6).tolist()",
    "a large product": "round(float((np.ones((400, 500)) @ np.ones((500, 600))).sum()), 3)",
    "fft": "np.fft.fft(np.arange(8.0)).round(6).tolist()",
    "2-D fft": "np.fft.irfft2(np.fft.rfft2(np.eye(16))).round(6).tolist()",
    "a generator": "np.random.default_rng(7).normal(size=5).tolist()",
    "a generator seeded by the system": "np.random.default_rng().normal(size=(3, 4)).shape",
    "legacy random": "(np.random.seed(3), np.random.rand(4).tolist())",
    "random": "(random.seed(3), random.random(), random.SystemRandom().random() < 1)",
    "einsum": "np.einsum('ij,jk->ik', np.eye(3), np.eye(3), optimize=True).tolist()",
    "sorting": "np.sort(np.random.default_rng(1).integers(0, 9, 100)).tolist()",
    "convolution": "np.convolve(np.arange(5.0), np.ones(3)).tolist()",
    "a big array": "float(np.ones(20_000_000).sum())",
    "many small objects": "len([bytearray(n) for n in range(0, 200_000, 100)])",
    "growing": "len(bytearray(10**7) * 9)",
    "printing an array": "repr(np.linspace(0, 1, 7))",
    "the clock": "time.time() > 0 and time.monotonic() > 0 and time.process_time() > 0",
    "formatting a time": "time.strftime('%Y', time.gmtime(0))",
    "limits can be read": "len(resource.getrlimit(resource.RLIMIT_CORE))",
    "threading.Lock": "(lambda lock: (lock.acquire(), lock.release()))(threading.Lock())",
    "counting CPUs": "len(os.sched_getaffinity(0)) > 0 and os.cpu_count() > 0",
    "asking for a terminal": "type(os.isatty(1)).__name__",
    "a signal handler": "signal.signal(signal.SIGUSR1, signal.SIG_DFL) is None",
}


@pytest.mark.parametrize("work", WORKS)
def test_honest_work_gives_what_it_gives_outside(nursery: Nursery, level: str, work: str) -> None:
    end = nursery.run(nursery.plan(level), f"result = {WORKS[work]}")
    assert (end.kind, end.signal) == ("result", 0), end
    outside = {each.__name__: each for each in (os, random, resource, signal, threading, time)}
    assert end.value == eval(WORKS[work], outside | {"np": np})


def test_deep_recursion_is_an_ordinary_error(nursery: Nursery, level: str) -> None:
    code = "def down(n): return down(n + 1)\ndown(0)"
    assert nursery.run(nursery.plan(level), code).value.startswith("RecursionError")


def test_a_traceback_can_be_formatted_and_printed(nursery: Nursery, level: str) -> None:
    code = """
try:
    np.linalg.inv(np.zeros((2, 2)))
except np.linalg.LinAlgError:
    traceback.print_exc()
    result = traceback.format_exc().splitlines()[-1]
"""
    end = nursery.run(nursery.plan(level), code)
    assert end.value == "numpy.linalg.LinAlgError: Singular matrix"
    assert end.value in end.output


def test_a_crash_is_told_by_its_signal(nursery: Nursery, level: str) -> None:
    assert nursery.run(nursery.plan(level), "ctypes.string_at(0)").signal == signal.SIGSEGV
    assert nursery.run(nursery.plan(level), "os.abort()").signal in (signal.SIGABRT, signal.SIGSEGV)


# ------------------------------------------------------------------------------------ each layer alone


def test_without_seccomp_a_student_sleeps(nursery: Nursery) -> None:
    code = "result = attempt(time.sleep, 0.001), attempt(os.pipe)"
    assert nursery.run(nursery.plan("strict"), code).value == ("EPERM", "EPERM")
    assert nursery.run(nursery.plan("strict", without("seccomp")), code).value == ("went through",) * 2


def test_seccomp_and_landlock_each_keep_a_student_from_reading_the_machine(nursery: Nursery) -> None:
    code = "result = attempt(open, '/etc/passwd'), attempt(os.listdir, '/proc')"
    for layers in (ALL_LAYERS, without("landlock"), without("seccomp")):
        assert nursery.run(nursery.plan("strict", layers), code).value == ("EACCES", "EACCES")
    neither = nursery.plan("strict", without("landlock", "seccomp"))
    assert nursery.run(neither, code).value == ("went through",) * 2


def test_without_rlimits_a_student_takes_all_memory(nursery: Nursery) -> None:
    code = "result = np.empty(2 * 2**27).nbytes >> 30"  # untouched, so it costs nothing
    assert nursery.run(nursery.plan("strict"), code).kind == "raised"
    assert nursery.run(nursery.plan("strict", without("rlimits")), code).value == 2


def test_without_the_uid_drop_a_student_reads_what_is_roots(root_nursery: Nursery, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("roots")
    secret.chmod(0o600)
    code = f"result = attempt(open, {str(secret)!r})"
    alone = root_nursery.plan("strict", without("landlock", "seccomp"))
    assert root_nursery.run(alone, code).value == "EACCES"
    assert root_nursery.run(replace(alone, layers=alone.layers - {"uid"}), code).value == "went through"


def test_without_closing_a_student_inherits_files(nursery: Nursery) -> None:
    code = "result = attempt(os.read, 50, 1)"
    assert nursery.run(nursery.plan("strict"), code).value == "EBADF"
    assert nursery.run(nursery.plan("strict", without("closefds")), code).value == "went through"


def test_without_clearing_a_student_reads_the_environment(nursery: Nursery) -> None:
    code = "result = os.environ.get('SECRET'), len(sys.orig_argv)"
    assert nursery.run(nursery.plan("strict"), code).value == (None, 0)
    kept = nursery.run(nursery.plan("strict", without("environ")), code).value
    assert kept == ("in the environment", 5)


def test_without_dumpable_another_process_of_the_user_looks_in(ordinary_nursery: Nursery) -> None:
    wait, look = "os.write(4, b' '); os.read(3, 1)", "seen = attempt(open, f'/proc/{pid}/maps')"
    plan = ordinary_nursery.plan("strict")
    assert ordinary_nursery.run(plan, wait, meanwhile=look).seen == "EACCES"
    bare = replace(plan, layers=without("dumpable"))
    assert ordinary_nursery.run(bare, wait, meanwhile=look).seen == "went through"


@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_a_child_dies_with_its_parent(user: str, level: str) -> None:
    assert _last_words_of_an_orphan(user, level, ALL_LAYERS) == b""


@pytest.mark.parametrize("user", ["root", "ordinary"])
def test_without_pdeathsig_a_child_outlives_its_parent(user: str, level: str) -> None:
    assert _last_words_of_an_orphan(user, level, without("pdeathsig")) == b"survived"


def _last_words_of_an_orphan(user: str, level: str, layers: frozenset[str]) -> bytes:
    """Kill the nursery under a waiting child, then wake the child. The kernel signals before we can reap."""
    with nursery_of(user) as nursery:
        code = "os.write(2, b'ready'); os.read(3, 1); os.write(2, b'survived')"
        nursery.send(nursery.plan(level, layers), code, shared=True)
        process = nursery.process
        assert process.stderr is not None
        assert process.stdin is not None
        assert process.stderr.read(5) == b"ready"
        process.kill()
        process.wait()
        try:
            process.stdin.write(b"x")
        except BrokenPipeError:
            return b""
        return process.stderr.read()


# ------------------------------------------------------------------------------------ two walls


def test_landlock_alone_holds_against_files_signals_and_sockets(ordinary_nursery: Nursery) -> None:
    code = """
def connect(address, family=socket.AF_INET):
    with socket.socket(family) as made:
        return attempt(made.connect, address)
result = [attempt(open, "/etc/passwd"), attempt(open, "/tmp/created-by-lockdown-test", "w")]
result += [attempt(os.kill, nursery_pid, 0), connect(("127.0.0.1", 9)), connect("\\0nursery", socket.AF_UNIX)]
"""
    setup = "server = socket.socket(socket.AF_UNIX); server.bind('\\0nursery'); server.listen()"
    plan = ordinary_nursery.plan("strict", without("seccomp"))
    outcome = ordinary_nursery.run(plan, code, setup=setup).value
    assert outcome[:2] == ["EACCES", "EACCES"]
    if lockdown.landlock_abi() >= 6:
        assert outcome[2:4] == ["EPERM", "EACCES"]


def test_nproc_alone_holds_against_fork(nursery: Nursery) -> None:
    code = "result = attempt(lambda: os.fork() or os._exit(0))"
    assert nursery.run(nursery.plan("strict", without("seccomp")), code).value == "EAGAIN"


# ------------------------------------------------------------------------------------ failing closed


def refusal(nursery: Nursery, plan: Plan, setup: str = "") -> str:
    end = nursery.run(plan, "result = 'the student ran'", setup=setup)
    assert end.kind == "refused"
    return str(end.value)


def test_an_empty_filter_is_refused(nursery: Nursery, level: str) -> None:
    assert "lock-down failed at seccomp" in refusal(nursery, replace(nursery.plan(level), bpf=b""))


def test_a_broken_filter_is_refused(nursery: Nursery, level: str) -> None:
    assert "lock-down failed at seccomp" in refusal(nursery, replace(nursery.plan(level), bpf=bytes(80)))


#: What older kernels and stricter containers do: a filter around ours that answers one call by itself.
OUTER_FILTER = """
import errno, pyseccomp
outer = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
outer.add_rule(pyseccomp.ERRNO(errno.{error}), {call!r})
outer.load()
"""


NO_LANDLOCK = OUTER_FILTER.format(error="ENOSYS", call="landlock_create_ruleset")
NO_CHROOT = OUTER_FILTER.format(error="EPERM", call="chroot")
#: What would show a file, from within an empty root.
LOOK_OUT = """
def climb():
    for _ in range(64):
        os.chdir("..")
    return os.stat("etc")
def escape():
    os.mkdir("x")
    os.chroot("x")
paths = ["/etc/passwd", "/proc/self/maps", "/proc/1/root/etc/passwd", "../../../../etc/passwd", "/dev/shm", "etc"]
result = [attempt(os.open, path, os.O_RDONLY) for path in paths]
result += [attempt(os.open, "x", os.O_RDWR | os.O_CREAT), attempt(os.mkdir, "/x"), attempt(os.symlink, "/", "/y")]
result += [attempt(os.open, ".", os.O_TMPFILE | os.O_RDWR), attempt(climb), attempt(escape), attempt(os.chroot, "/")]
result += [attempt(lambda: os.open("etc/passwd", os.O_RDONLY, dir_fd=fd)) for fd in range(5)]
result += [attempt(os.fchdir, fd) for fd in range(256)]
"""


def test_without_landlock_in_the_kernel_strict_is_refused(nursery: Nursery) -> None:
    setup = NO_LANDLOCK + NO_CHROOT
    assert "lock-down failed at landlock" in refusal(nursery, nursery.plan("strict"), setup)
    assert nursery.run(nursery.plan("basic"), "result = attempt(os.pipe)", setup=setup).value == "EPERM"


def test_an_ordinary_user_without_landlock_is_refused(ordinary_nursery: Nursery) -> None:
    assert "lock-down failed at landlock" in refusal(ordinary_nursery, ordinary_nursery.plan("strict"), NO_LANDLOCK)


def test_without_landlock_root_gives_an_empty_root_which_alone_holds_against_files(root_nursery: Nursery) -> None:
    before = {base: sorted(Path(base).glob(".autograder-*")) for base in ("/tmp", "/var/tmp", "/dev/shm", "/run")}
    alone = root_nursery.plan("strict", without("seccomp"))
    outcome = root_nursery.run(alone, LOOK_OUT, setup=NO_LANDLOCK)
    assert outcome.kind == "result", outcome
    assert "went through" not in outcome.value, outcome.value
    assert outcome.value[:3] == ["ENOENT"] * 3
    code = "result = attempt(os.pipe), np.ones(2).sum().item()"
    assert root_nursery.run(root_nursery.plan("strict"), code, setup=NO_LANDLOCK).value == ("EPERM", 2.0)
    assert before == {base: sorted(Path(base).glob(".autograder-*")) for base in before}, "no folder is left"


@pytest.mark.parametrize("call", ["landlock_restrict_self", "prctl", "personality", "seccomp", "capset"])
def test_whatever_the_machine_refuses_the_student_does_not_run(nursery: Nursery, call: str) -> None:
    setup = OUTER_FILTER.format(error="EPERM", call=call)
    assert "lock-down failed at" in refusal(nursery, nursery.plan("strict"), setup)


def test_descriptors_are_closed_before_linux_5_9_too(nursery: Nursery, level: str) -> None:
    setup = OUTER_FILTER.format(error="ENOSYS", call="close_range")
    code = "result = [fd for fd in range(256) if attempt(fcntl.fcntl, fd, fcntl.F_GETFD) == 'went through']"
    assert nursery.run(nursery.plan(level), code, setup=setup).value == [0, 1, 2, 3, 4]


def test_where_all_memory_is_executable_the_student_does_not_run(nursery: Nursery, level: str) -> None:
    setup = f"libc.personality({lockdown.READ_IMPLIES_EXEC})"
    assert "without `setarch -X`" in refusal(nursery, nursery.plan(level), setup)


def test_where_the_kernel_knows_no_personality_the_student_runs(nursery: Nursery, level: str) -> None:
    setup = OUTER_FILTER.format(error="EINVAL", call="personality")
    assert nursery.run(nursery.plan(level), "result = attempt(os.pipe)", setup=setup).value == "EPERM"


def test_an_orphan_is_refused(nursery: Nursery, level: str) -> None:
    refused = refusal(nursery, nursery.plan(level), setup="nursery_pid = 1")  # who adopts orphans is not it
    assert "lock-down failed at pdeathsig" in refused


def test_a_second_thread_is_refused(nursery: Nursery, level: str) -> None:
    setup = "threading.Thread(target=time.sleep, args=(20,), daemon=True).start()"
    assert "more than one thread" in refusal(nursery, nursery.plan(level), setup)


def test_an_ordinary_user_cannot_become_another(ordinary_nursery: Nursery) -> None:
    plan = replace(ordinary_nursery.plan("strict"), uid=1, gid=1)
    assert "lock-down failed at uid" in refusal(ordinary_nursery, plan)


def test_level_none_still_limits(nursery: Nursery) -> None:
    code = "result = len(os.environ), resource.getrlimit(resource.RLIMIT_FSIZE), attempt(os.stat, '/')"
    assert nursery.run(nursery.plan("none"), code).value == (0, (0, 0), "went through")


# ------------------------------------------------------------------------------------ the judge's side


@pytest.mark.parametrize("level", ["strict", "basic", "none"])
def test_a_plan_survives_the_wire_as_plain_values(level: str) -> None:
    plan = make_plan(level, without("dumpable"))
    wire = ast.literal_eval(repr(plan.to_wire()))
    assert Plan.from_wire(wire) == plan


@pytest.mark.parametrize(
    "change", [{"level": "lax"}, {"layers": ["seccomp", "magic"]}, {"surprise": 1}], ids=lambda each: str(each)
)
def test_a_plan_that_is_not_one_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"plan|level"):
        Plan.from_wire(make_plan("none").to_wire() | change)


def test_an_unknown_level_or_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="no such level"):
        make_plan("lax")
    with pytest.raises(ValueError, match="no such level"):
        make_plan("strict", frozenset({"magic"}))


def test_without_libseccomp_the_plan_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    with pytest.raises(LockdownError, match="apt install libseccomp2"):
        make_plan("strict")
    found = probe()
    assert (found.level, found.missing) == ("none", ("libseccomp",))
    assert "apt install libseccomp2" in found.remedy


def test_the_probe_tells_what_it_found() -> None:
    found = probe()
    assert found.level in ("strict", "basic", "none")
    assert bool(found.missing) == bool(found.remedy) == (found.level != "strict")
    expected = {"kernel", "landlock abi", "seccomp", "libseccomp", "user", "uid drop", "second wall against files"}
    assert expected <= set(found.details)


@pytest.mark.parametrize(
    ("calls", "level", "missing", "remedy"),
    [
        ("landlock_create_ruleset chroot", "basic", ("Landlock",), "use Linux 5.13 or later"),
        ("seccomp", "none", ("seccomp",), "use a kernel with CONFIG_SECCOMP_FILTER"),
    ],
)
def test_the_probe_names_what_the_machine_lacks(calls: str, level: str, missing: tuple[str, ...], remedy: str) -> None:
    setup = "".join(OUTER_FILTER.format(error="ENOSYS", call=call) for call in calls.split())
    code = setup + "from autograder.runner import machine; print(repr(vars(machine.probe())))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    found = ast.literal_eval(done.stdout)
    assert (found["level"], found["missing"]) == (level, missing)
    assert remedy in found["remedy"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_the_probe_names_the_wall_that_stands_in_for_landlock() -> None:
    code = NO_LANDLOCK + "from autograder.runner import machine; print(repr(vars(machine.probe())))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    found = ast.literal_eval(done.stdout)
    assert (found["level"], found["details"]["landlock abi"]) == ("strict", "none")
    assert found["details"]["second wall against files"] == "an empty root folder"


def test_the_child_side_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import autograder.runner.lockdown; "
        "print([name for name in sys.modules if name.split('.')[0] not in {*sys.stdlib_module_names, 'autograder'}])"
    )
    command = [sys.executable, "-I", "-S", "-c", code, str(CHECKOUT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['__main__']"
