"""What a shell may forbid (`ulimit`) and grading cannot do without: told before anything is loaded, in one line.

Without this the last words would be a library's, or a worker's that died.
"""

from __future__ import annotations

import sys

from autograder.errors import GraderError

if sys.platform != "win32":
    import resource

MEMORY_MIB = 512  # numpy, Hypothesis and checks take some 220 MiB of address space; the rest is for a student's values
DESCRIPTORS = 64  # of this process, of a judge or of a worker; and one a judge


def require_room(judges: int) -> None:
    """Raises GraderError naming the limit that is too low. A soft limit on open files is raised as far as it may be."""
    if sys.platform == "win32":
        return
    memory, _ = resource.getrlimit(resource.RLIMIT_AS)
    if memory != resource.RLIM_INFINITY and memory < MEMORY_MIB << 20:
        raise GraderError(
            f"memory: this shell allows {memory >> 20:,} MiB, grading takes {MEMORY_MIB:,} MiB. "
            "Give more: `ulimit -v unlimited`."
        )
    _require_descriptors(DESCRIPTORS + judges)


def _require_descriptors(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted <= _number(hard):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    elif _number(soft) < wanted:
        raise GraderError(
            f"open files: this shell allows {soft}, grading takes {wanted}. "
            f"Give more: `ulimit -n {max(1024, wanted)}`, or fewer --workers."
        )


def _number(limit: int) -> float:
    return float("inf") if limit == resource.RLIM_INFINITY else limit
