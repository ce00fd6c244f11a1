"""A ceiling for the judge's own memory while it deals with a student's values.

Every message is bounded, but what a check makes of one (an outer product, a longer type) is not. Above the ceiling
that is mostly a MemoryError, which costs the student the check, and not the machine its out-of-memory killer. Mostly:
there is code in numpy and below it that does not ask whether it got its memory, and ends the process. So the ceiling
spares the machine; what spares the class is that a judge is a process of its own (`local_judges`), and another takes
its place.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "linux":
    import resource

#: Cycles are looked for where a process has grown by so much: to look takes as long as a check.
GROWTH = 32 << 20

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
        size = address_space() + (mib << 20)
        lower = [limit for limit in _before if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min([size, *lower]), _before[1]))


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if not _inside:
            resource.setrlimit(resource.RLIMIT_AS, _before)


def address_space() -> int:
    """The bytes that this process has; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_bytes().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def drop_cycles(before: int) -> None:
    """Free what only refers to itself (an error and its frames, a model and its check), if there is much of it."""
    if address_space() > before + GROWTH:
        gc.collect()
