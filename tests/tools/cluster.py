"""A Dask cluster on loopback: a real scheduler, and real workers under their nannies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


class Cluster:
    """A scheduler, and workers as they are asked for. Everything ends with `close`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")

    @property
    def address(self) -> str:
        """Where the scheduler is, as soon as it has told so: its file is there before it is written."""
        wait_for(lambda: self._file.is_file() and self._file.read_text().rstrip().endswith("}"))
        return str(json.loads(self._file.read_text())["address"])

    def _start(self, kind: str, *options: str, before: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        command = [sys.executable, *before, "-m", "dask", kind, "--scheduler-file", str(self._file), *options]
        with (self._folder / f"{kind}{len(self._processes)}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, start_new_session=True)
        self._processes.append(process)
        return process

    def worker(self, *before: str) -> subprocess.Popen[bytes]:
        """A worker under a nanny, which starts it again when it dies."""
        options = ("--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--local-directory", str(self._folder))
        return self._start("worker", *options, before=before)

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("worker*.log")))

    def close(self) -> None:
        for process in reversed(self._processes):
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
