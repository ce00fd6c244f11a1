"""A ceiling for the judge's own memory while it deals with a student's values.

Every message is bounded, but what a check makes of one (an outer product, a longer type) is not. Above the ceiling
that is a MemoryError, which costs the student the check, and not the machine its out-of-memory killer.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import resource

_lock = threading.Lock()
_inside = 0
_before = (0, 0)


@contextmanager
def memory_ceiling(mib: int) -> Iterator[None]:
    """At most `mib` MiB of address space more than this process has now, for as long as the block lasts.

    A soft RLIMIT_AS: Linux only, elsewhere nothing happens. It holds for all threads; of blocks that overlap the
    first one's ceiling counts. A lower limit stays.
    """
    if sys.platform != "linux":
        yield
        return
    _enter(mib)
    try:
        yield
    finally:
        _leave()


def _enter(mib: int) -> None:
    global _inside, _before
    with _lock:
        _inside += 1
        if _inside > 1:
            return
        _before = resource.getrlimit(resource.RLIMIT_AS)
        size = int(Path("/proc/self/statm").read_bytes().split()[0]) * os.sysconf("SC_PAGE_SIZE") + (mib << 20)
        lower = [limit for limit in _before if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min([size, *lower]), _before[1]))


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if not _inside:
            resource.setrlimit(resource.RLIMIT_AS, _before)
