"""What this machine can enforce, found out by attacking a locked process, and the plan of a level: the judge's part."""

from __future__ import annotations

import ast
import ctypes
import os
import platform
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.runner import lockdown, syscall_filter
from autograder.runner.lockdown import ALL_LAYERS, LAYERS_OF, LINUX, Plan, landlock_abi

#: systemd's table of uids leaves 65520-65533 unused. `nobody` (65534) is not: daemons run under it, and files
#: whose owner is not mapped appear as its own. Above 65535 many containers map nothing.
RUNNER_ID = 65521


@dataclass(frozen=True)
class Probe:
    """What this machine can enforce: the best level, what is missing for strict, and how to get it."""

    level: str
    missing: tuple[str, ...]
    remedy: str
    details: dict[str, str]


def make_plan(level: str, layers: frozenset[str] = ALL_LAYERS) -> Plan:
    """Decide in the judge what a child gets at `level`. `layers` leaves one out, for tests only.

    Raises ValueError for an unknown level or layer, LockdownError when the filter cannot be compiled here.
    """
    if level not in LAYERS_OF or not layers <= ALL_LAYERS:
        raise ValueError(f"no such level or layer: {level}, {sorted(layers)}")
    bpf = b"" if level == "none" else syscall_filter.compile_filter()
    identity = RUNNER_ID if _can_become(RUNNER_ID) else None
    return Plan(level, bpf, uid=identity, gid=identity, layers=layers)


def _can_become(identity: int) -> bool:
    """Whether this process is a root that may change its user, to one that its user namespace knows."""
    if not LINUX or os.geteuid() != 0:
        return False
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    setgid_and_setuid = (1 << 6) | (1 << 7)
    if int(status["CapEff"], 16) & setgid_and_setuid != setgid_and_setuid:
        return False
    return all(_is_mapped(identity, Path(f"/proc/self/{kind}_map").read_text()) for kind in ("uid", "gid"))


def _is_mapped(identity: int, id_map: str) -> bool:
    rows = [list(map(int, line.split())) for line in id_map.splitlines()]
    return any(inside <= identity < inside + count for inside, _, count in rows)


_REMEDY = {
    "Linux": "grade on Linux, or in any Linux container (Docker's defaults suffice)",
    "libseccomp": syscall_filter.REMEDY,
    "seccomp": "use a kernel with CONFIG_SECCOMP_FILTER, on x86_64 or aarch64, in a container that permits it",
    "Landlock": (
        "grade as root with CAP_SYS_CHROOT, which Docker gives, or "
        "use Linux 5.13 or later with `landlock` in /sys/kernel/security/lsm (boot option lsm=landlock,...), "
        "in a container whose seccomp profile permits landlock_restrict_self(2)"
    ),
}
_TRIAL_SECONDS = 30


def probe() -> Probe:
    """Find out what this machine can enforce: lock a process down and attack it. Never raises."""
    details = _describe_machine()
    if not LINUX:
        return _verdict("none", ("Linux",), details)
    missing: dict[str, None] = {}  # in order, each once
    for level in ("strict", "basic"):
        outcome = _trial(level)
        failure = details[f"{level} trial"] = outcome.pop("failure", "passed")
        details.update(outcome)
        if failure == "passed":
            return _verdict(level, tuple(missing), details)
        missing[_what_lacks(failure)] = None
    return _verdict("none", tuple(missing), details)


def _what_lacks(failure: str) -> str:
    """A key of _REMEDY, where the failure of a trial points to one; else the failure itself."""
    return next((each for each in _REMEDY if each.lower() in failure.lower()), failure)


def _verdict(level: str, missing: tuple[str, ...], details: dict[str, str]) -> Probe:
    unknown = "report this failure: the machine refuses a step that it should allow"
    return Probe(level, missing, "; ".join(_REMEDY.get(each, unknown) for each in missing), details)


def _describe_machine() -> dict[str, str]:
    return {
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "landlock abi": str(landlock_abi() or "none"),
        "seccomp": _seccomp_actions(),
        "libseccomp": _libseccomp_version(),
        "user": "root" if hasattr(os, "geteuid") and os.geteuid() == 0 else "ordinary user",
        "uid drop": "not tried",
        "second wall against files": "not tried",
    }


def _seccomp_actions() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/seccomp/actions_avail").read_text().strip()
    return "none"


def _libseccomp_version() -> str:
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        return f"none ({error})"

    class Version(ctypes.Structure):
        _fields_ = tuple((part, ctypes.c_uint) for part in ("major", "minor", "micro"))

    library = pyseccomp._libseccomp
    library.seccomp_version.restype = ctypes.POINTER(Version)
    version = library.seccomp_version().contents
    return f"{version.major}.{version.minor}.{version.micro} (pyseccomp {pyseccomp.__version__})"


def _trial(level: str) -> dict[str, str]:
    """Let a fresh process lock itself down and attack itself: a judge with threads must not fork."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", lockdown.__file__],
            input=repr(make_plan(level).to_wire()),
            capture_output=True,
            text=True,
            timeout=_TRIAL_SECONDS,
        )
        if done.returncode:
            return {"failure": (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]}
        return dict(ast.literal_eval(done.stdout))
    except Exception as error:  # whatever it is, this level cannot be had, and the reason is on record
        return {"failure": f"{type(error).__name__}: {error}"}
