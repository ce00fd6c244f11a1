"""The allow-list of system calls, compiled to BPF in the judge; pyseccomp is needed nowhere else.

One list for both levels. What is not named is answered with EPERM, so that students see an exception with a line number
and not a dead process: the kernel runs a refused call as little as a killed one. Only a foreign ABI is killed.
"""

from __future__ import annotations

import errno
import shlex
import sys
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.errors import LockdownError

if TYPE_CHECKING:
    from pyseccomp import SyscallFilter

#: What to do where it cannot be compiled.
REMEDY = (
    f"{shlex.quote(sys.executable)} -m pip install pyseccomp, "
    "and your distribution's libseccomp (apt install libseccomp2)"
)
ALWAYS = """
    read readv pread64 write writev lseek close fstat
    munmap brk
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall
    getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups uname getcwd
    time gettimeofday times getrusage getrlimit
    getrandom getcpu sched_yield
    exit exit_group
"""
#: libc and others fall back to what we filter by arguments when these seem not to exist.
NOT_IMPLEMENTED = """
    clone3 openat2 memfd_create memfd_secret faccessat2
    landlock_create_ruleset landlock_add_rule landlock_restrict_self
"""
PROT_EXEC = 4
MREMAP_MAYMOVE = 1
MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE = 4, 8, 14  # what allocators and numpy ask for
OWN_CLOCKS = 0xFFFFFFF8  # 0 to 7; the clock of another process is a negative number made of its pid
FUTEX_COMMAND = 0xFFFFFFFF & ~(128 | 256)  # without the private and the clock flag
FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET = 0, 1, 9, 10
F_GETFD, F_SETFD, F_GETFL = 1, 2, 3


def compile_filter() -> bytes:
    """The allow-list as raw BPF for this machine.

    Raises LockdownError without pyseccomp or libseccomp.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:  # RuntimeError: it finds no libseccomp
        message = f"libseccomp cannot compile the filter: {error}. Remedy: {REMEDY}"
        raise LockdownError(message) from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    rules.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    _add_plain_rules(rules)
    _add_argument_rules(rules)
    return _exported(rules)


def _exported(rules: SyscallFilter) -> bytes:
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _add_rule(rules: SyscallFilter, action: int, name: str, *conditions: Any) -> None:
    """One rule; a call that this architecture does not have needs none (aarch64 has no `open`)."""
    import pyseccomp

    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    if number >= 0:
        rules.add_rule(action, number, *conditions)


def _add_plain_rules(rules: SyscallFilter) -> None:
    import pyseccomp

    for name in ALWAYS.split():
        _add_rule(rules, pyseccomp.ALLOW, name)
    for name in NOT_IMPLEMENTED.split():
        _add_rule(rules, pyseccomp.ERRNO(errno.ENOSYS), name)
    _add_rule(rules, pyseccomp.ERRNO(errno.ENOTTY), "ioctl")  # isatty, which open() asks, then says no
    for name in ("open", "openat"):
        _add_rule(rules, pyseccomp.ERRNO(errno.EACCES), name)


def _add_argument_rules(rules: SyscallFilter) -> None:
    """What is allowed for some arguments only. A masked argument equals a value: (index, mask, value)."""
    import pyseccomp

    def when(action: int, name: str, *conditions: tuple[int, int, int]) -> None:
        compared = [pyseccomp.Arg(i, pyseccomp.MASKED_EQ, mask, value) for i, mask, value in conditions]
        _add_rule(rules, action, name, *compared)

    allow, all_bits = pyseccomp.ALLOW, 0xFFFFFFFF
    for command in (F_GETFD, F_SETFD, F_GETFL):
        when(allow, "fcntl", (1, all_bits, command))
    for command in (FUTEX_WAKE, FUTEX_WAKE_BITSET):
        when(allow, "futex", (1, FUTEX_COMMAND, command))
    for command in (FUTEX_WAIT, FUTEX_WAIT_BITSET):  # alone, a thread waits for nobody: that is a sleep
        when(pyseccomp.ERRNO(errno.ETIMEDOUT), "futex", (1, FUTEX_COMMAND, command))
    when(allow, "prlimit64", (0, all_bits, 0), (2, (1 << 64) - 1, 0))  # own limits, reading only
    when(allow, "sched_getaffinity", (0, all_bits, 0))  # own CPUs: others' would tell which pids there are
    for clock in ("clock_gettime", "clock_getres"):
        when(allow, clock, (0, OWN_CLOCKS, 0))
    _add_memory_rules(rules, when)


def _add_memory_rules(rules: SyscallFilter, when: Callable[..., None]) -> None:
    """No page becomes executable, and none gets a second address: what is written is never run."""
    import pyseccomp

    for name in ("mmap", "mprotect"):
        when(pyseccomp.ALLOW, name, (2, PROT_EXEC, 0))
    for advice in (MADV_DONTNEED, MADV_FREE, MADV_HUGEPAGE):
        when(pyseccomp.ALLOW, "madvise", (2, 0xFFFFFFFF, advice))
    # An old size of 0, or MREMAP_DONTUNMAP, leaves shared pages at both addresses.
    some, moving = pyseccomp.Arg(1, pyseccomp.NE, 0), ((1 << 64) - 1) & ~MREMAP_MAYMOVE
    _add_rule(rules, pyseccomp.ALLOW, "mremap", some, pyseccomp.Arg(3, pyseccomp.MASKED_EQ, moving, 0))
