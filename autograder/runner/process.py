"""The judge's side of the runner: start workers, talk to them under a budget, end them.

`Student` is what a check gets as `submission`: its attributes are the student's functions (as callables that
cross the wire) and constants. Every way in which student code can go wrong arrives as a `StudentFailure`.
"""

from __future__ import annotations

import builtins
import math
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NoReturn, Self

import msgspec
import numpy as np

from autograder.checks import CheckFailure, as_array
from autograder.course import Exercise
from autograder.course import Limits as CourseLimits
from autograder.errors import GraderError, LockdownError
from autograder.invoked import command
from autograder.runner import lockdown
from autograder.runner.protocol import (
    BlockingPipe,
    Decoder,
    Encoder,
    Failure,
    Gone,
    Peer,
    ProtocolError,
    Remote,
    check_frame,
)

#: The judge may wait this many times the CPU limit for student code, in all of a check.
WALL_FACTOR = 10.0
#: A check may take this many times the CPU limit, with what the judge itself makes of the student's values.
CHECK_FACTOR = 30.0
#: A worker that sleeps this long without using CPU, while the judge waits for it, is blocked.
IDLE_SECONDS = 2.0
#: How often student code may call back into the judge in one check.
MAX_CALLBACKS = 200_000
#: The largest integer in such a call: an index, a step, a seed.
MAX_CALLBACK_INT = 1 << 20
#: So many entries a model's arguments may make of each other, if they are not as large themselves.
MAX_BROADCAST = 1 << 20
#: More arrays no model takes; any two of them, and all together, are looked at.
MAX_ARRAYS = 16
#: How many exceptions of the judge's own models are kept, to be raised again when the student lets them through.
MAX_RAISED = 1000
#: So much is told of an error in one worker, such as a reference's, to another worker.
MAX_FOREIGN_TEXT = 300
_POLL_MS = 20


class StudentFailure(Gone):
    """Something that is the student's, not the grader's. `message` may be shown to the student."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StudentTimeout(StudentFailure):
    """Student code used up its time."""


class StudentDied(StudentFailure):
    """The student's process ended: `os._exit`, a crash, out of memory."""


class StudentBroke(StudentFailure):
    """The worker sent what no worker sends: someone writes on the wire by hand.

    What it was is for the instructor: a size may be any number, and students would read in it what they were asked.
    """

    def __init__(self, what: str) -> None:
        super().__init__("the answer could not be read")
        self.what = what

    def __str__(self) -> str:
        return f"{self.message}: {self.what}"


class StudentError(Exception):
    """An exception raised by student code. Its class also derives from the builtin one that was raised."""

    kind = ""
    trace = ""
    loading = False


@cache
def _error_class(builtin: str) -> type[StudentError]:
    base = getattr(builtins, builtin)
    return StudentError if base is Exception else type(f"Student{builtin}", (StudentError, base), {})


@dataclass(frozen=True)
class Module:
    """Source to run in a worker. `functions` are what it offers to a module that `uses` it."""

    name: str
    source: bytes
    filename: str
    limits: CourseLimits = field(default_factory=CourseLimits)
    uses: tuple[Module, ...] = ()
    functions: tuple[str, ...] = ()


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

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While a question waits for its answer, what the judge does is done for the student's code."""
        if not self._asking:
            self._serve_from = time.thread_time()
        self._asking += 1
        try:
            yield
        finally:
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


class JudgePeer(Peer):
    """The judge's end: remembers its own exceptions, and turns the student's into StudentErrors."""

    def __init__(self, pipe: BlockingPipe, budget: Budget | None = None) -> None:
        super().__init__(pipe)
        self._budget = budget
        self._raised: list[Exception] = []

    def fail(self, failure: Failure) -> NoReturn:
        if 0 < failure.token <= len(self._raised):
            raise self._raised[failure.token - 1]  # it came from the judge's own model or spy
        problem = _error_class(failure.builtin_class().__name__)(failure.message)
        problem.kind, problem.trace = failure.kind, failure.trace
        raise problem

    def describe(self, problem: BaseException) -> Failure:
        """What the student's code is told: the builtin kind and a message, never where it was raised.

        Of a CheckFailure it is never the expected value, of a GraderError nothing. What one worker raised (a reference
        that is asked what it cannot answer) is never raised again for another, whose report would hold its lines.
        """
        if isinstance(problem, GraderError):
            raise problem
        told = Failure.of(problem)
        told.kind = told.builtin
        if isinstance(problem, StudentError):
            told.message = told.message[:MAX_FOREIGN_TEXT]
            return told
        if isinstance(problem, CheckFailure):
            told.message = problem.message
        if len(self._raised) < MAX_RAISED and isinstance(problem, Exception):
            # Frames would keep what the student sent.
            problem.__traceback__ = problem.__cause__ = problem.__context__ = None
            self._raised.append(problem)
            told.token = len(self._raised)
        return told

    def request(
        self, message: list[Any], buffers: list[bytes | memoryview], lent: list[Any] | None = None
    ) -> tuple[Any, Decoder]:
        if self._budget is None:
            return super().request(message, buffers, lent)
        self._budget.check_whole()
        with self._budget.asking():
            return super().request(message, buffers, lent)

    def serve(self, message: list[Any], buffers: list[memoryview]) -> None:
        if self._budget is not None:
            self._budget.check_served()
            self._budget.check_cpu()
            self._budget.check_whole()
        super().serve(message, buffers)

    def forget_all(self) -> None:
        """Also what was raised, which holds on to what a check has made."""
        super().forget_all()
        self._raised.clear()

    def run(self, function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
        """A generator's methods look at their arguments themselves; what a worker serves needs no such care."""
        of_a_generator = isinstance(getattr(function, "__self__", None), np.random.Generator)
        if not of_a_generator and not isinstance(function, Forward):
            args, kwargs = [tame(value) for value in args], {key: tame(value) for key, value in kwargs.items()}
            refuse_to_multiply([*args, *kwargs.values()])
        return function(*args, **kwargs)


def tame(value: Any, depth: int = 0) -> Any:
    """An argument for a model of the judge's, as numbers and arrays that no operator and no loop blows up.

    `[0] * t`, `x ** t` and `range(t)` of a large integer take any memory and time, whichever type it has. Raises
    ValueError, which the student's code gets to see.
    """
    if isinstance(value, list | tuple):
        value = as_array(value, "the model's input")
    if isinstance(value, int | np.ndarray | np.generic) and not in_range(value):
        raise ValueError(f"a model is called with an integer above {MAX_CALLBACK_INT}")
    if isinstance(value, dict) and depth < 3:
        return {key: tame(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, str | bytes | set | frozenset | dict) and value:
        raise ValueError(f"a model is called with a {type(value).__name__}")
    return value


def in_range(value: int | np.ndarray[Any, Any] | np.generic) -> bool:
    """Whether integers are such as a call may hold. Numbers of other kinds always are."""
    if isinstance(value, int):
        return abs(value) <= MAX_CALLBACK_INT
    if value.dtype.kind not in "iu" or not value.size:
        return True
    return max(abs(int(np.min(value))), abs(int(np.max(value)))) <= MAX_CALLBACK_INT


def refuse_to_multiply(values: list[Any]) -> None:
    """Raise ValueError where arguments make far more entries of each other than they have: `(B, 1)` with `(B,)`."""
    shapes = [np.shape(value) for value in values if isinstance(value, np.ndarray)]
    if len(shapes) > MAX_ARRAYS:
        raise ValueError(f"a model is called with {len(shapes)} arrays")
    most = max([MAX_BROADCAST, *map(math.prod, shapes)])
    for some in [shapes, *combinations(shapes, 2)]:
        if entries_together(some) > most:
            raise ValueError(f"a model is called with arrays that do not fit: {', '.join(map(str, some))}")


def entries_together(shapes: Iterable[tuple[int, ...]]) -> int:
    """How many entries numpy makes of arrays of these shapes; none where they do not go together."""
    try:
        return math.prod(np.broadcast_shapes(*shapes))
    except ValueError:
        return 0


class Connection:
    """One live worker with its module loaded."""

    def __init__(self, peer: JudgePeer, close: Callable[[], float], cpu_limit: float = float("inf")) -> None:
        self.peer = peer
        self.cpu_limit = cpu_limit
        self.cpu_seconds = 0.0
        self._close = close
        self._mark = 0
        self.names: frozenset[str] = frozenset()
        self._open = True

    def load(self, module: Module, uses: dict[str, dict[str, Any]]) -> None:
        handles = [[name, [[key, self.peer.lend(f)[2]] for key, f in offer.items()]] for name, offer in uses.items()]
        message = ["load", module.name, module.filename, handles]
        try:
            tree, decoder = self.guarded(lambda: self.peer.request(message, [module.source]))
        except StudentError as problem:
            problem.loading = True
            raise
        names = self.guarded(lambda: decoder.value(tree))
        self.names = (
            frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
        )
        self._mark = self.peer.mark()

    def forget_lent(self) -> None:
        """Take back the models and generators that calls so far were given; references that it uses stay."""
        self.peer.forget(self._mark)

    def get(self, name: str) -> Any:
        tree, decoder = self.guarded(lambda: self.peer.request(["get", name], []))
        return self.guarded(lambda: decoder.value(tree))

    def guarded(self, action: Callable[[], Any]) -> Any:
        """Run an exchange. Raises StudentFailure when the worker is gone or breaks the protocol."""
        waiting = self.peer.unanswered
        try:
            return action()
        except ProtocolError as problem:
            self.close()
            raise StudentBroke(str(problem)) from None
        except (EOFError, ConnectionError):
            if self.close() >= self.cpu_limit:  # the kernel was faster than the judge
                raise StudentTimeout(
                    f"took more than {self.cpu_limit:g} s of CPU time. Does a loop never end?"
                ) from None
            raise StudentDied("the code ended its process (an exit, a crash, or out of memory)") from None
        except (StudentFailure, GraderError):
            self.close()
            raise
        except Exception as problem:
            if self.peer.unanswered == waiting:
                raise  # the reply was read to its end: an error of the student's, or of the judge's own model
            self.close()
            raise StudentBroke(type(problem).__name__) from problem

    def close(self) -> float:
        """End the worker. Returns the CPU seconds that it used."""
        if self._open:
            self._open = False
            self.peer.forget_all()
            self.cpu_seconds = self._close()
        return self.cpu_seconds

    @property
    def is_open(self) -> bool:
        return self._open


class RemoteFunction:
    """A student's function, called in the worker. Values come back plain; errors as StudentError.

    Raises Unsendable for an argument that does not cross.
    """

    def __init__(self, student: Student, name: str, remote: Any) -> None:
        self._student, self._name, self._remote = student, name, remote

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        connection = self._student.connection
        if self._remote._peer is not connection.peer:  # its worker was lost
            return getattr(self._student, self._name)(*args, **kwargs)
        return connection.guarded(lambda: self._remote(*args, **kwargs))

    def __repr__(self) -> str:
        return f"<{self._name} of the submission>"


class Student:
    """A submission as a check sees it. Connects on first use, and again after a worker was lost."""

    def __init__(self, connect: Callable[[float], Connection]) -> None:
        self.__dict__["_connect"] = connect
        self.__dict__["_until"] = float("inf")
        self.__dict__["_connection"] = None
        self.__dict__["_cache"] = {}
        self.__dict__["cpu_seconds"] = 0.0

    @property
    def connection(self) -> Connection:
        connection: Connection | None = self.__dict__["_connection"]
        if connection is None or not connection.is_open:
            self.__dict__["_cache"] = {}
            connection = self.__dict__["_connection"] = self.__dict__["_connect"](self.__dict__["_until"])
        return connection

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # no check asks for it, but Hypothesis does, to print what it holds
            raise AttributeError(name)
        connection = self.connection
        found = self.__dict__["_cache"].get(name)
        if found is None:
            value = connection.get(name)
            if not isinstance(value, Remote):
                return value
            found = self.__dict__["_cache"][name] = RemoteFunction(self, name, value)
        return found

    def answer_until(self, end: float) -> None:
        """From this moment of the monotonic clock on, every question raises StudentTimeout."""
        self.__dict__["_until"] = end

    def forget_lent(self) -> None:
        """An example is over: the models and generators that it lent are the student's no more."""
        connection: Connection | None = self.__dict__["_connection"]
        if connection is not None and connection.is_open:
            connection.forget_lent()

    def __setattr__(self, name: str, value: object) -> None:
        raise GraderError(f"a check may not set {name} on the submission")

    def close(self) -> float:
        """End the worker. Returns the CPU seconds used."""
        connection: Connection | None = self.__dict__["_connection"]
        self.__dict__["_connection"] = None
        return connection.close() if connection is not None else 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class Runner:
    """Starts workers for modules. A subclass says how; closing it leaves no process behind."""

    level = "none"

    def open(self, module: Module) -> Student:
        """A student for this module. The worker starts on first use."""
        return Student(lambda until: self.connect(module, until))

    def connect(self, module: Module, until: float = float("inf")) -> Connection:
        """Start a worker and load the module in it. Raises StudentError or StudentFailure, GraderError."""
        references = [(used, self.open(used)) for used in module.uses]
        for _, reference in references:
            reference.answer_until(until)
        connection = self.start(module.limits, until)
        close = connection._close

        def close_all() -> float:
            try:
                for _, reference in references:
                    reference.close()
            finally:
                cpu_seconds = close()
            return cpu_seconds

        connection._close = close_all
        uses = {used.name: {f: Forward(student, f) for f in used.functions} for used, student in references}
        try:
            connection.load(module, uses)
        except BaseException:
            connection.close()
            raise
        return connection

    def start(self, limits: CourseLimits, until: float = float("inf")) -> Connection:
        """A worker without a module, that answers until a moment of the monotonic clock."""
        raise NotImplementedError

    def close(self) -> None:
        """End everything that was started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class Forward:
    """A function of a used reference, run in a worker of its own: its arguments come from the student."""

    def __init__(self, reference: Student, name: str) -> None:
        self._reference, self._name = reference, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._reference, self._name)(*args, **kwargs)


class Crossing:
    """A trusted module whose arguments are looked at as the wire would: raises Unsendable where it would."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._module, name)
        if not callable(function) or isinstance(function, type):
            return function

        def crossing(*args: Any, **kwargs: Any) -> Any:
            encoder = Encoder(Peer(BlockingPipe(-1, -1)))
            check_frame(msgspec.msgpack.encode(encoder.tree([list(args), kwargs])), encoder.buffers)
            return function(*args, **kwargs)

        return crossing


class ZygoteRunner(Runner):
    """Workers forked from a warm zygote and locked down. Linux only."""

    def __init__(self, level: str, layers: frozenset[str] = lockdown.ALL_LAYERS) -> None:
        self.level = level
        self._plan = lockdown.make_plan(level, layers)
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ended: dict[int, tuple[int, float, int]] = {}

    def _zygote(self) -> socket.socket:
        """The control socket of a running zygote; starts one, also after one was lost."""
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        self.close()
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        boot = "import sys; sys.path[:] = {!r}; from autograder.runner.zygote import main; main({})"
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",  # with -s and this environment as alone as with -I, which ignores PYTHONHASHSEED
                    "-s",
                    "-c",
                    boot.format([entry for entry in sys.path if entry], theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("AUTOGRADER_DEBUG") else subprocess.DEVNULL,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        mine.settimeout(60)
        self._control = mine
        self._ended = {}
        try:
            mine.send(msgspec.msgpack.encode(self._plan.to_wire()))
            if not mine.recv(64):
                raise EOFError
        except (OSError, EOFError):
            self.close()
            raise GraderError(f"the runner's parent process did not start; `{command('doctor')}` tells more") from None
        return mine

    def start(self, limits: CourseLimits, until: float = float("inf")) -> Connection:
        for attempt in (1, 2):
            try:
                return self._start(limits, until)
            except (OSError, EOFError) as problem:  # the zygote was lost: one more try with a new one
                self.close()
                if attempt == 2:
                    raise GraderError(f"the runner's parent process was lost twice: {problem}") from problem
        raise AssertionError("unreachable")

    def _start(self, limits: CourseLimits, until: float) -> Connection:
        control = self._zygote()
        requests, requests_in = os.pipe2(os.O_CLOEXEC)
        replies_out, replies = os.pipe2(os.O_CLOEXEC)
        prints = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        pidfd = -1
        try:
            order = msgspec.msgpack.encode([limits.cpu_seconds + 1, limits.memory_mib])
            try:
                socket.send_fds(control, [order], [requests, replies, prints])
                pid, pidfd = self._forked(control)
            finally:
                for fd in (requests, replies, prints):
                    os.close(fd)
            budget = Budget(limits.cpu_seconds, pid, until)
            pipe = PolledPipe(replies_out, requests_in, budget)
            self._await_lockdown(pipe, control)
        except BaseException:
            for fd in (requests_in, replies_out, pidfd):
                if fd >= 0:
                    with suppress(OSError):
                        os.close(fd)
            raise

        def close() -> float:
            pipe.close()
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)
            status, seconds = self._reaped(pid, control)
            over = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
            return max(seconds, limits.cpu_seconds) if over else seconds  # the kernel's limit goes by ticks

        return Connection(JudgePeer(pipe, budget), close, limits.cpu_seconds)

    def _forked(self, control: socket.socket) -> tuple[int, int]:
        while True:
            message, fds, _, _ = socket.recv_fds(control, 4096, 1)
            if not message:
                raise EOFError
            told = msgspec.msgpack.decode(message)
            if told[0] == "forked":
                return told[1], fds[0]
            self._ended[told[1]] = (told[2], told[3], told[4])

    def _await_lockdown(self, pipe: PolledPipe, control: socket.socket) -> None:
        first = bytearray(1)
        try:
            pipe.read_into(memoryview(first))
            if first == b"+":
                return
            rest = pipe._read(600).decode("utf-8", "replace")
        except EOFError:
            if _hung_up(control):
                raise
            rest = "it died"
        raise LockdownError(f"a worker could not be locked down: {rest}")

    def _reaped(self, pid: int, control: socket.socket) -> tuple[int, float]:
        """Wait until the zygote has reaped this child. Returns how it ended, and its CPU seconds.

        Raises GraderError when the zygote was lost: its children die with it, and whatever one of them did not
        answer is no fault of the student's.
        """
        while control is self._control and pid not in self._ended:
            try:
                message = control.recv(4096)
            except OSError:
                message = b""
            if not message:
                break
            told = msgspec.msgpack.decode(message)
            self._ended[told[1]] = (told[2], told[3], told[4])
        if control is not self._control or pid not in self._ended:
            raise GraderError("the runner's parent process was lost")
        status, seconds, _ = self._ended.pop(pid)
        return status, float(seconds)

    def close(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None


def _hung_up(control: socket.socket) -> bool:
    """Whether the zygote at the other end is gone."""
    ended = select.poll()
    ended.register(control, 0)
    return bool(ended.poll(0))


class LocalRunner(Runner):
    """A plain subprocess a module, on any platform, without lock-down: for a student's own machine.

    What the code prints goes to `prints`, else to this process's stderr. There is no CPU clock to read everywhere, so
    wall time counts, from the moment that the judge begins to wait.
    """

    def __init__(self, prints: Callable[[bytes], None] | None = None) -> None:
        self._prints = prints

    def start(self, limits: CourseLimits, until: float = float("inf")) -> Connection:
        """Here nobody else waits: there is no end to the whole."""
        process = subprocess.Popen(
            # -P: no file in the student's folder stands for a module of numpy's or ours; -u: prints are not lost
            [sys.executable, "-P", "-u", "-X", "utf8", "-m", "autograder.runner.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if self._prints is None else subprocess.PIPE,
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
            raise StudentTimeout(f"no answer in {self._seconds:g} s. Does a loop never end?")
        return chunk


def module_of(exercise: Exercise, source: bytes) -> Module:
    """The job of running a submission of this exercise, with the references that it may use."""
    from autograder.sources import used_references

    uses = tuple(
        Module(slug, path.read_bytes(), path.name, exercise.limits, functions=names)
        for slug, path, names in used_references(exercise)
    )
    return Module(exercise.slug, source, exercise.stub.name, exercise.limits, uses)


@contextmanager
def open_student(exercise: Exercise, source: bytes) -> Iterator[Student]:
    """One student, in a runner of its own, locked down as far as this machine can."""
    level = lockdown.probe().level
    with (
        LocalRunner() if level == "none" else ZygoteRunner(level) as runner,
        runner.open(module_of(exercise, source)) as student,
    ):
        yield student
