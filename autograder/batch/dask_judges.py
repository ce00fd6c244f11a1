"""A Dask cluster as the crew of a batch. Its workers get the course as an archive, by its hash, and no shared path.

A worker that cannot lock student code down refuses its task, and is asked no more. Who can reach the scheduler can run
anything on every worker: a cluster is for a network, or a set of keys, that only instructors have.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from distributed import Client, WorkerPlugin, get_worker

from autograder.batch import course_archive, local_judges
from autograder.batch.batch import Task
from autograder.course import Course
from autograder.errors import GraderError, LockdownError
from autograder.judge.fingerprint import package_digest

#: Seconds to find the scheduler.
CONNECT_SECONDS = 10


class SendCourse(WorkerPlugin):
    """Gives the course to each worker, also to one that joins later."""

    def __init__(self, name: str, packed: bytes) -> None:
        self.name = f"autograder-{name}"
        self._place, self._packed = name, packed

    def setup(self, worker: Any) -> None:
        _seats[self._place] = Seat(self._packed, worker.local_directory)

    def teardown(self, worker: Any) -> None:
        if seat := _seats.pop(self._place, None):
            seat.close()


class Seat:
    """What a Dask worker has of one course: its files, unpacked, and a judge in a process of its own.

    A module that ends the judge ends no Dask worker, and costs nobody else's work.
    """

    def __init__(self, packed: bytes, scratch: str) -> None:
        self._unpacked = course_archive.unpack(packed, scratch)  # Dask clears it, also after a worker that was killed
        self.root = str(Path(self._unpacked.name) / course_archive.name_of(packed))
        self.judges = local_judges.Judges(1, pinned=False)

    def close(self) -> None:
        self.judges.shutdown(cancel_futures=True)
        self._unpacked.cleanup()


_seats: dict[str, Seat] = {}  # by the archive's hash


class Refused(LockdownError):
    """A worker cannot enforce what marks need."""

    def __init__(self, worker: str, reason: str) -> None:
        super().__init__(worker, reason)
        self.worker, self.reason = worker, reason

    def __str__(self) -> str:
        return f"no Dask worker can lock student code down; {self.worker} says: {self.reason}"


def grade_there(package: str, course: str, exercise: str, suite: str, source: bytes | None, alone: bool) -> bytes:
    """`grade_module` at a Dask worker's seat of a course."""
    if course not in _seats:
        raise GraderError("this Dask worker was not given the course")
    seat = _seats[course]
    submit = seat.judges.submit_alone if alone else seat.judges.submit
    try:
        place = local_judges.Place(package, seat.root)
        return submit(local_judges.grade_module, place, exercise, suite, source).result()
    except LockdownError as problem:
        raise Refused(get_worker().address, str(problem)) from None


class Cluster:
    """The workers of the Dask scheduler at `address`. Raises GraderError when it cannot be reached, or is lost."""

    def __init__(self, course: Course, address: str) -> None:
        packed = course_archive.pack(course)
        self._name = course_archive.name_of(packed)
        self._address = address
        self._plugin = SendCourse(self._name, packed)
        self._refused: set[str] = set()
        try:
            self._client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as problem:
            raise GraderError(f"no Dask scheduler at {address}: {problem}. Start one, or give --workers N.") from None
        with self._scheduler():
            self._client.register_plugin(self._plugin)
        self._able: list[str] = []
        self._executor = self._hired()

    @property
    def room(self) -> int:
        """Twice the workers' threads, so that none waits for work."""
        return max(4, 2 * sum(self._workers().values()))

    def submit(self, task: Task) -> Future[bytes]:
        what = (task.key.exercise, task.key.suite, task.source, task.alone)
        with self._scheduler():
            return self._executor.submit(grade_there, package_digest(), self._name, *what)

    def refused(self, problem: LockdownError) -> bool:
        """From now on the others are asked. False when there are none."""
        if isinstance(problem, Refused):
            self._refused.add(problem.worker)
        self._executor = self._hired()
        return bool(self._able)

    def moved(self) -> bool:
        """Where some refused, tasks are bound to the others; has one of those gone, or one come?"""
        if not self._refused or self._able == self._still_able():
            return False
        self._executor = self._hired()
        return True

    def lacks(self) -> str:
        return "" if self._workers() else f"waiting for a Dask worker to join {self._address}"

    def close(self) -> None:
        with suppress(GraderError), self._scheduler():
            self._client.unregister_worker_plugin(self._plugin.name)
        with suppress(OSError):
            self._client.close(timeout=CONNECT_SECONDS)

    @contextmanager
    def _scheduler(self) -> Iterator[None]:
        """For whatever asks the scheduler. Raises GraderError: it is lost, or is lost meanwhile."""
        lost = GraderError(
            f"the Dask scheduler at {self._address} is lost. Start it and run the same command again: "
            "what was graded is kept (with --out)."
        )
        if self._client.status != "running":
            raise lost
        try:
            yield
        except OSError:  # distributed's own errors of a wire are such
            raise lost from None

    def _workers(self) -> dict[str, int]:
        """The threads of each worker, by address."""
        with self._scheduler():
            return dict(self._client.nthreads())

    def _still_able(self) -> list[str]:
        return sorted(set(self._workers()) - self._refused)

    def _hired(self) -> Executor:
        """An executor whose tasks go to those who did not refuse."""
        self._able = self._still_able()
        bound = {"workers": self._able, "allow_other_workers": False} if self._refused and self._able else {}
        with self._scheduler():
            return self._client.get_executor(pure=False, **bound)  # type: ignore[no-any-return]
