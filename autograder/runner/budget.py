"""What one worker may use of CPU and time, watched while the judge waits for it."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

from autograder.runner.failures import StudentTimeout
from autograder.runner.frames import BlockingPipe

#: The judge may wait this many times the CPU limit for student code, in all of a check.
WALL_FACTOR = 10.0
#: A check may take this many times the CPU limit, with what the judge itself makes of the student's values.
CHECK_FACTOR = 30.0
#: A worker that sleeps this long without using CPU, while the judge waits for it, is blocked.
IDLE_SECONDS = 2.0
#: How often student code may call back into the judge in one check.
MAX_CALLBACKS = 200_000
_POLL_MS = 20


class Budget:
    """What one worker may still use. CPU is what counts; wall time is a backstop."""

    def __init__(self, cpu_seconds: float, pid: int, until: float = float("inf")) -> None:
        self.cpu_seconds = cpu_seconds
        self.callbacks = 0
        self._pid = pid
        self._clock = ((~pid) << 3) | 2  # the CPU clock of another process: see clock_getcpuclockid(3)
        self._end = time.monotonic() + cpu_seconds * CHECK_FACTOR
        self._until = until
        self._asking = 0
        self._served, self._serve_from = 0.0, 0.0
        self._waited = 0.0
        self._wait_from = time.monotonic()
        self._idle_since: float | None = None
        self._idle_cpu = -1.0

    def used(self) -> float:
        """CPU seconds so far, 0 when the process is gone."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return 0.0

    def check_cpu(self) -> float:
        """The CPU seconds so far. Raises StudentTimeout when they are too many."""
        used = self.used()
        if used > self.cpu_seconds:
            raise StudentTimeout(f"took more than {self.cpu_seconds:g} s of CPU time. Does a loop never end?")
        return used

    def check(self) -> None:
        """Called while the judge waits. Raises StudentTimeout."""
        used, now = self.check_cpu(), time.monotonic()
        if self._waited + now - self._wait_from > self.cpu_seconds * WALL_FACTOR:
            raise StudentTimeout(
                f"no answer in {self.cpu_seconds * WALL_FACTOR:g} s: the machine is too slow, or the code is blocked"
            )
        if used == self._idle_cpu and self._sleeps():
            self._idle_since = self._idle_since or now
            if now - self._idle_since > IDLE_SECONDS:
                raise StudentTimeout("the code waits for something that never comes (a sleep, a lock, an input?)")
        else:
            self._idle_since, self._idle_cpu = None, used

    def check_whole(self) -> None:
        """Called before each message, also where an answer never keeps the judge waiting. Raises StudentTimeout."""
        now = time.monotonic()
        if now > self._until:
            raise StudentTimeout("the module used up the time for all its checks")
        if now > self._end:
            raise StudentTimeout(f"the check took more than {self.cpu_seconds * CHECK_FACTOR:g} s in all")

    def begin_asking(self) -> None:
        """A question is put: until its answer is there, what the judge does is done for the student's code."""
        if not self._asking:
            self._serve_from = time.thread_time()
        self._asking += 1

    def end_asking(self) -> None:
        self._asking -= 1
        if not self._asking:
            self._served += time.thread_time() - self._serve_from

    def check_served(self) -> None:
        """Called before each call back into the judge: its CPU time counts as the code's own. Raises StudentTimeout."""
        self.callbacks += 1
        if self.callbacks > MAX_CALLBACKS:
            raise StudentTimeout(f"called back more than {MAX_CALLBACKS} times. Does a loop never end?")
        if self._served + time.thread_time() - self._serve_from > self.cpu_seconds:
            raise StudentTimeout(f"its calls of what it was given took the grader more than {self.cpu_seconds:g} s")

    def begin_wait(self) -> None:
        """The judge begins to wait anew: idling is counted from here."""
        self._idle_since = None
        self._wait_from = time.monotonic()

    def end_wait(self) -> None:
        self._waited += time.monotonic() - self._wait_from

    def _sleeps(self) -> bool:
        try:
            stat = Path(f"/proc/{self._pid}/stat").read_bytes()
        except OSError:
            return False
        return stat[stat.rindex(b")") + 2 :][:1] == b"S"


class PolledPipe(BlockingPipe):
    """A pipe to a worker that is watched while the judge waits."""

    def __init__(self, read_fd: int, write_fd: int, budget: Budget) -> None:
        super().__init__(read_fd, write_fd)
        self._budget = budget
        self._closed = False
        for fd in (read_fd, write_fd):
            os.set_blocking(fd, False)
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(read_fd, select.POLLIN)
        self._writable.register(write_fd, select.POLLOUT)

    def close(self) -> None:
        """Close both ends, once. Whoever still waits here gets EOFError, and never another file of that number."""
        if not self._closed:
            self._closed = True
            os.close(self.write_fd)
            os.close(self.read_fd)

    def _read(self, size: int) -> bytes:
        if self._closed:
            raise EOFError
        self._budget.begin_wait()
        while not self._readable.poll(_POLL_MS):
            self._budget.check()
        self._budget.end_wait()
        return os.read(self.read_fd, size)

    def _write(self, view: memoryview) -> int:
        if self._closed:
            raise EOFError
        self._budget.begin_wait()
        while True:
            try:
                written = os.write(self.write_fd, view)
                self._budget.end_wait()
                return written
            except BlockingIOError:
                if not self._writable.poll(_POLL_MS):
                    self._budget.check()
            except BrokenPipeError:
                raise EOFError from None
