"""Judges: processes that grade one module at a time, behind the interface of `concurrent.futures`.

A judge is always a process of its own, also for one module: whatever a student's values make of it, who leads goes on.
One that dies takes only its task along. Judges end when the process that started them ends, however it ends: what they
wait on is a socket of which it holds the other end. Both ends are ours; they pickle.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from autograder.batch.ledger import result_bytes, result_from
from autograder.course import Course, Exercise
from autograder.errors import CourseError, GraderError
from autograder.judge.fingerprint import package_digest, suite_digest
from autograder.judge.grader import Grader
from autograder.limits import ONE_THREAD
from autograder.results import ExerciseResult

P = ParamSpec("P")
T = TypeVar("T")

#: A judge that is at one module for longer than this many times the exercise's `total_seconds` ends.
ALARM_FACTOR = 2.0
#: How much sooner than other processes the kernel should end a judge when memory is short (0 … 1000).
OOM_SCORE = 500
#: A judge that ended by one of these was ended from outside: by a person, or by the kernel for want of memory.
_FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")


@dataclass(frozen=True)
class Place:
    """Where a judge finds the course. `package` is the digest of the grader that asks; another version's refuses."""

    package: str
    root: str


class JudgeDied(BrokenExecutor):
    """A judge's process ended before it answered. `by_itself`: nobody ended it, so what it was at did."""

    def __init__(self, how: str, by_itself: bool) -> None:
        super().__init__(how, by_itself)  # all that it is made of: it pickles
        self.how, self.by_itself = how, by_itself

    def __str__(self) -> str:
        return f"a judge died: {self.how}"


def grade_module(place: Place, exercise: str, suite: str, source: bytes | None) -> bytes:
    """One module's result, as the ledger keeps it. Runs in a judge's process. Raises as `judging` does."""
    with judging(place, exercise, suite) as (grader, chosen):
        return result_bytes(grader.exercise(chosen, source))


@contextmanager
def judging(place: Place, exercise: str, suite: str) -> Iterator[tuple[Grader, Exercise]]:
    """What this judge's process looks at one module with; an alarm ends the process if that takes for ever.

    `suite` is the digest of what to grade by. Raises LockdownError where this machine cannot enforce what marks need;
    GraderError; CourseError, also when the course is no longer what it was when the batch began.
    """
    if place.package != package_digest():
        raise GraderError("this judge has another version of autograder; install the same everywhere")
    grader = _desk.grader(place, exercise, suite)
    chosen = grader.course.exercise(exercise)
    signal.setitimer(signal.ITIMER_REAL, ALARM_FACTOR * chosen.limits.total_seconds)
    try:
        yield grader, chosen
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Desk:
    """What this process has at hand: one course, warm."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._grader: Grader | None = None
        self._suites: dict[str, str] = {}  # exercise: the digest it was found to have

    def grader(self, place: Place, exercise: str, suite: str) -> Grader:
        """A warm grader whose suite of this exercise has this digest."""
        if place != self._place or self._suites.get(exercise, suite) != suite:
            self.clear()
        if self._grader is None:
            self._grader, self._place = Grader(Course.load(Path(place.root))), place
        if exercise not in self._suites:
            course = self._grader.course
            self._suites[exercise] = suite_digest(course, course.exercise(exercise))
        if self._suites[exercise] != suite:
            raise CourseError(f"{exercise} was changed while it was being graded; run the same command again")
        return self._grader

    def clear(self) -> None:
        """Put everything away."""
        if self._grader is not None:
            self._grader.close()
        self._place = self._grader = None
        self._suites = {}


_desk = Desk()


def result_of(future: Future[bytes]) -> ExerciseResult:
    """What `grade_module` found. Raises what it raised."""
    return result_from(future.result())


class Judges(Executor):
    """`count` judges on this machine. A task whose judge died raises JudgeDied; the judge is replaced.

    `pinned`: each stays on a core of its own, as far as there are enough.
    """

    def __init__(self, count: int, pinned: bool = True) -> None:
        self._tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        places = cores()
        self._threads = [
            threading.Thread(
                target=self._lead, args=([places[(os.getpid() + i) % len(places)]] if pinned else places,), daemon=True
            )
            for i in range(count)
        ]
        self._judges: dict[int, JudgeProcess] = {}  # by the thread that leads it
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        self._tasks.put((future, (fn, args, kwargs), False))
        return future

    def submit_alone(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """For a judge that has done nothing before: whatever it comes to, no earlier task had a part in it."""
        future: Future[T] = Future()
        self._tasks.put((future, (fn, args, kwargs), True))
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

    def _lead(self, places: list[int]) -> None:
        """The tasks of one judge on its cores, in a thread of this process. The judge starts with the first."""
        judge: JudgeProcess | None = None
        while (task := self._tasks.get()) is not None:
            future, work, alone = task
            if not future.set_running_or_notify_cancel():
                continue
            if alone and judge is not None:
                judge.close()
                judge = None
            try:
                if judge is None:
                    judge = self._judges[threading.get_ident()] = JudgeProcess(places)
                fine, value = judge.ask(work)
            except JudgeDied as problem:
                judge = None
                future.set_exception(problem)
            except BaseException as problem:
                future.set_exception(problem)
            else:
                future.set_result(value) if fine else future.set_exception(value)
        if judge is not None:
            judge.close()


class JudgeProcess:
    """A judge's process, from the side of who started it."""

    def __init__(self, places: list[int]) -> None:
        mine, theirs = socket.socketpair()
        boot = f"import sys; sys.path[:] = {sys.path!r}; from autograder.batch.local_judges import serve; "
        boot += f"serve({theirs.fileno()}, {places})"
        with mine, theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", boot],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # What Python says of an object that it cannot delete, or of a crash, shows lines of checks.
                stderr=None if os.environ.get("AUTOGRADER_DEBUG") else subprocess.DEVNULL,
                env=os.environ | ONE_THREAD,
                pass_fds=[theirs.fileno()],
            )
            self._wire = mine.makefile("rwb")
        self.pid = self._process.pid

    def ask(self, work: Any) -> tuple[bool, Any]:
        """Whether it went well, and the result or the exception. Raises JudgeDied: the judge is gone."""
        before = oom_kills()
        try:
            pickle.dump(work, self._wire)
            self._wire.flush()
            return pickle.load(self._wire)  # type: ignore[no-any-return]
        except (EOFError, OSError, pickle.UnpicklingError):
            how = how_ended(self.close())
            wanted_memory = before is None or before != oom_kills()
            raise JudgeDied(how, how not in _FROM_OUTSIDE or (how == "SIGKILL" and wanted_memory)) from None

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> int:
        """It ends by itself when the wire is cut, after what it is at. Returns its exit code."""
        with suppress(OSError):
            self._wire.close()
        return self._process.wait()


def how_ended(code: int) -> str:
    """An exit code in words: the name of the signal that ended a process, or `exit code N`."""
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        return f"signal {-code}"


def oom_kills() -> int | None:
    """How many processes the kernel has ended for want of memory; None where it does not tell.

    Its way to do so, SIGKILL, is also that of a person; the count tells them apart.
    """
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)


def serve(wire_fd: int, places: list[int]) -> None:
    """A judge's life: do what comes over the wire until its other end is gone."""
    stay_on(*places)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who leads
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends it, wherever it is
    with suppress(OSError):  # the one who leads has results to lose, a judge has none
        Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE))
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
