"""Judges: processes that grade one module at a time, behind the interface of `concurrent.futures`.

A judge that dies takes only its task along. Judges end when the process that started them ends, however it ends:
what they wait on is a socket of which it holds the other end. Both ends are ours;
they pickle.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from autograder import archive
from autograder.course import Course
from autograder.errors import CourseError, GraderError
from autograder.fingerprint import package_digest, suite_digest
from autograder.grade import Grader
from autograder.ledger import decode, encode
from autograder.results import ExerciseResult

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where a judge finds the course: in a folder, or in an archive of this name that was sent ahead.

    `package` is the digest of the grader that asks; another version's judge refuses.
    """

    package: str
    root: str = ""
    archive: str = ""


#: The archives that were sent to this process, by name.
archives: dict[str, bytes] = {}
#: Where they are unpacked, if not in the system's folder for temporary files.
scratch: str | None = None
_one_at_a_time = threading.RLock()


def grade_module(place: Place, exercise: str, suite: str, source: bytes | None) -> bytes:
    """One module's result, as the ledger keeps it. Runs in a judge, one at a time: the judge keeps state of its own.

    `suite` is the digest of what to grade by. Raises LockdownError where this machine cannot enforce what marks need;
    GraderError; CourseError, also when the course is no longer what it was when the batch began.
    """
    if place.package != package_digest():
        raise GraderError("this judge has another version of autograder; install the same everywhere")
    with _one_at_a_time:
        grader = _desk.grader(place, exercise, suite)
        return encode(grader.exercise(grader.course.exercise(exercise), source))


class Desk:
    """What this process has at hand: one course, warm."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._grader: Grader | None = None
        self._unpacked: tempfile.TemporaryDirectory[str] | None = None
        self._suites: dict[str, str] = {}  # exercise: the digest it was found to have

    def grader(self, place: Place, exercise: str, suite: str) -> Grader:
        """A warm grader whose suite of this exercise has this digest."""
        if place != self._place or self._suites.get(exercise, suite) != suite:
            self.clear()
        if self._grader is None:
            self._grader, self._place = Grader(Course.load(self._root(place))), place
        if exercise not in self._suites:
            course = self._grader.course
            self._suites[exercise] = suite_digest(course, course.exercise(exercise))
        if self._suites[exercise] != suite:
            raise CourseError(f"{exercise} was changed while it was being graded; run the same command again")
        return self._grader

    def _root(self, place: Place) -> Path:
        if not place.archive:
            return Path(place.root)
        if place.archive not in archives:
            raise GraderError("this judge was not given the course")
        self._unpacked = archive.unpack(archives[place.archive], scratch)
        return Path(self._unpacked.name) / place.archive

    def clear(self) -> None:
        """Put everything away."""
        if self._grader is not None:
            self._grader.close()
        if self._unpacked is not None:
            self._unpacked.cleanup()
        self._place = self._grader = self._unpacked = None
        self._suites = {}


_desk = Desk()


def forget(name: str) -> None:
    """Drop an archive that was sent, and what was made of it."""
    with _one_at_a_time:
        archives.pop(name, None)
        _desk.clear()


def result_of(future: Future[bytes]) -> ExerciseResult:
    """What `grade_module` found. Raises what it raised."""
    return decode(future.result())


class Here(Executor):
    """No other process: what is submitted is done at once, on one core."""

    def __init__(self) -> None:
        places = cores()
        self._core = places[os.getpid() % len(places)]

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        before = cores()
        stay_on(self._core)
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as problem:
            future.set_exception(problem)
        finally:
            stay_on(*before)
        return future


class Judges(Executor):
    """`count` judges on this machine. A task whose judge died raises BrokenExecutor; the judge is replaced."""

    def __init__(self, count: int) -> None:
        self._tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        places = cores()
        self._threads = [
            threading.Thread(target=self._lead, args=(places[(os.getpid() + i) % len(places)],), daemon=True)
            for i in range(count)
        ]
        self._judges: dict[int, Judge] = {}  # by the thread that leads it
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        self._tasks.put((future, (fn, args, kwargs)))
        return future

    @property
    def pids(self) -> list[int]:
        """Of the judges that have started."""
        return [judge.pid for judge in list(self._judges.values())]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """With `cancel_futures` at once, also where a judge is at work: what it would find is graded another time."""
        with suppress(queue.Empty):
            while cancel_futures and (task := self._tasks.get_nowait()):
                task[0].cancel()
        for judge in list(self._judges.values()) if cancel_futures else ():
            judge.kill()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def _lead(self, core: int) -> None:
        """The tasks of one judge on its core, in a thread of this process. The judge starts with the first."""
        judge: Judge | None = None
        while (task := self._tasks.get()) is not None:
            future, work = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if judge is None:
                    judge = self._judges[threading.get_ident()] = Judge(core)
                fine, value = judge.ask(work)
            except (EOFError, OSError) as problem:
                if judge is not None:
                    judge.close()
                judge = None
                future.set_exception(BrokenExecutor(f"a judge died: {problem or 'it hung up'}"))
            except BaseException as problem:
                future.set_exception(problem)
            else:
                future.set_result(value) if fine else future.set_exception(value)
        if judge is not None:
            judge.close()


class Judge:
    """A judge's process, from the side of who started it."""

    def __init__(self, core: int) -> None:
        mine, theirs = socket.socketpair()
        boot = f"import sys; sys.path[:] = {sys.path!r}; from autograder.pool import serve; "
        boot += f"serve({theirs.fileno()}, {core})"
        one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with mine, theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", boot],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=os.environ | one_thread,
                pass_fds=[theirs.fileno()],
            )
            self._wire = mine.makefile("rwb")
        self.pid = self._process.pid

    def ask(self, work: Any) -> tuple[bool, Any]:
        """Whether it went well, and the result or the exception. Raises EOFError or OSError: the judge is gone."""
        pickle.dump(work, self._wire)
        self._wire.flush()
        return pickle.load(self._wire)  # type: ignore[no-any-return]

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        """It ends by itself when the wire is cut, after what it is at."""
        with suppress(OSError):
            self._wire.close()
        self._process.wait()


def serve(wire_fd: int, core: int) -> None:
    """A judge's life: do what comes over the wire until its other end is gone."""
    stay_on(core)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who leads
    with suppress(EOFError, OSError), socket.socket(fileno=wire_fd).makefile("rwb") as wire:
        while True:
            function, args, kwargs = pickle.load(wire)
            try:
                answer = (True, function(*args, **kwargs))
            except Exception as problem:
                answer = (False, problem)
            pickle.dump(answer, wire)
            wire.flush()


def cores() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else list(range(os.cpu_count() or 1))


def stay_on(*places: int) -> None:
    """Run on these cores only, with all that is started from here.

    A judge and its worker take turns; on one core they find their data where they left it (measured: a fifth less CPU
    time, a third less wall time). Linux only, elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # a core may be taken from us meanwhile
            os.sched_setaffinity(0, places)
