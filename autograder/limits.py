"""What students hand in may use, and how large it may be."""

from __future__ import annotations

import os
from dataclasses import dataclass

#: Of one module.
MODULE_BYTES = 1 << 20
#: An environment in which numpy computes in one thread. Products here are small and many: two threads wait for each
#: other most of the time, and where another process needs the second core, ten times as long.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def one_thread() -> None:
    """Let numpy compute in one thread, here (unless it is loaded already) and in what is started from here."""
    for name, count in ONE_THREAD.items():
        os.environ.setdefault(name, count)


@dataclass(frozen=True)
class Limits:
    """CPU seconds in one check, MiB of memory above the bare runner's, and seconds on the clock in all checks."""

    cpu_seconds: float = 5.0
    memory_mib: int = 1024
    total_seconds: float = 300.0
