"""Workers without lock-down, on any platform: for a student's own machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from autograder.course import NUMPY_ALONE, Given
from autograder.limits import ONE_THREAD, Limits
from autograder.runner.failures import StudentTimeout
from autograder.runner.frames import BlockingPipe
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.student import Connection, Runner


class LocalRunner(Runner):
    """A plain subprocess a module, on any platform, without lock-down: for a student's own machine.

    What the code prints goes to `prints`, else to this process's stderr. There is no CPU clock to read everywhere, so
    wall time counts, from the moment that the judge begins to wait.
    """

    def __init__(self, prints: Callable[[bytes], None] | None = None, given: Given = NUMPY_ALONE) -> None:
        self._prints = prints
        self._given = json.dumps([given.packages, {name: str(path) for name, path in given.data.items()}])

    def start(self, limits: Limits, until: float = float("inf")) -> Connection:
        """Here nobody else waits: there is no end to the whole."""
        process = subprocess.Popen(
            # -P: no file in the student's folder stands for a module of numpy's or ours; -u: prints are not lost
            [sys.executable, "-P", "-u", "-X", "utf8", "-m", "autograder.runner.worker", self._given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if self._prints is None else subprocess.PIPE,
            env=ONE_THREAD | os.environ,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        pipe = WatchedPipe(process.stdout.fileno(), process.stdin.fileno(), process, limits.cpu_seconds * 3)
        reader = threading.Thread(target=self._read_prints, args=(process.stderr,), daemon=True)
        reader.start()

        def close() -> float:
            process.kill()
            process.wait()
            reader.join(1.0)  # a process that the student's code left behind may hold the other end
            with suppress(OSError):
                process.stdin.close()  # type: ignore[union-attr]
            process.stdout.close()  # type: ignore[union-attr]
            if process.stderr is not None and not reader.is_alive():
                process.stderr.close()
            return 0.0

        return Connection(JudgePeer(pipe), close)

    def _read_prints(self, stream: IO[bytes] | None) -> None:
        while stream is not None and self._prints is not None and (chunk := os.read(stream.fileno(), 1 << 16)):
            self._prints(chunk)


class WatchedPipe(BlockingPipe):
    """Blocking reads under a timer that kills the worker."""

    def __init__(self, read_fd: int, write_fd: int, process: subprocess.Popen[bytes], seconds: float) -> None:
        super().__init__(read_fd, write_fd)
        self._process, self._seconds = process, seconds

    def _read(self, size: int) -> bytes:
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        timer = threading.Timer(self._seconds, expire)
        timer.start()
        try:
            chunk = os.read(self.read_fd, size)
        finally:
            timer.cancel()
        if not chunk and expired.is_set():
            raise StudentTimeout.unanswered(self._seconds)
        return chunk
