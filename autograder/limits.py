"""What students hand in may use, and how large it may be."""

from __future__ import annotations

from dataclasses import dataclass

#: Of one module.
MODULE_BYTES = 1 << 20


@dataclass(frozen=True)
class Limits:
    """CPU seconds in one check, MiB of memory above the bare runner's, and seconds on the clock in all checks."""

    cpu_seconds: float = 5.0
    memory_mib: int = 1024
    total_seconds: float = 300.0
