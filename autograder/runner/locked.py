"""Workers forked from a warm zygote and locked down. Linux only."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress

import msgspec

from autograder.course import NUMPY_ALONE, Given
from autograder.errors import GraderError, LockdownError
from autograder.invoked import command
from autograder.limits import ONE_THREAD, Limits
from autograder.runner import control as messages
from autograder.runner import lockdown, machine
from autograder.runner.budget import Budget, PolledPipe
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.student import Connection, Module, Runner

#: Of so many modules the code is kept: of the one that is graded, and of the references that it uses.
KEPT_CODES = 16


class ZygoteRunner(Runner):
    """Workers forked from a warm zygote and locked down. Linux only."""

    def __init__(self, level: str, layers: frozenset[str] = lockdown.ALL_LAYERS, given: Given = NUMPY_ALONE) -> None:
        given.check()
        self.level = level
        self._given = repr((given.packages, {name: str(path) for name, path in given.data.items()}))
        self._plan = machine.make_plan(level, layers)
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ended: dict[int, messages.Ended] = {}
        self._codes: dict[tuple[bytes, str], bytes] = {}

    def code_of(self, module: Module, connection: Connection) -> bytes:
        """Of a worker in which nothing of the module had run yet; only workers of the same module are given it.

        Compiling took more of a worker's time than all that it was then asked, as memory that is new is dear.
        """
        known = module.source, module.filename
        if known not in self._codes:
            self._codes[known] = connection.compile(module)
            while len(self._codes) > KEPT_CODES:
                del self._codes[next(iter(self._codes))]
        return self._codes[known]

    def _zygote(self) -> socket.socket:
        """The control socket of a running zygote; starts one, also after one was lost."""
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        self.close()
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        boot = "import sys; sys.path[:] = {!r}; from autograder.runner.zygote import main; main({}, *{})"
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",  # with -s and this environment as alone as with -I, which ignores PYTHONHASHSEED
                    "-s",
                    "-c",
                    boot.format([entry for entry in sys.path if entry], theirs.fileno(), self._given),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("AUTOGRADER_DEBUG") else subprocess.DEVNULL,
                cwd="/",
                # A second thread could not start once a worker is locked down.
                env={"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"} | ONE_THREAD,
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

    def start(self, limits: Limits, until: float = float("inf")) -> Connection:
        for attempt in (1, 2):
            try:
                return self._start(limits, until)
            except (OSError, EOFError) as problem:  # the zygote was lost: one more try with a new one
                self.close()
                if attempt == 2:
                    raise GraderError(f"the runner's parent process was lost twice: {problem}") from problem
        raise AssertionError("unreachable")

    def _start(self, limits: Limits, until: float) -> Connection:
        control = self._zygote()
        requests, requests_in = os.pipe2(os.O_CLOEXEC)
        replies_out, replies = os.pipe2(os.O_CLOEXEC)
        prints = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        pidfd = -1
        try:
            order = messages.write(messages.Fork(limits.cpu_seconds + 1, limits.memory_mib))
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
            told = messages.read(message)
            if isinstance(told, messages.Forked):
                return told.pid, fds[0]
            self._note(told)

    def _await_lockdown(self, pipe: PolledPipe, control: socket.socket) -> None:
        try:
            if pipe.read(1) == b"+":
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
            self._note(messages.read(message))
        if control is not self._control or pid not in self._ended:
            raise GraderError("the runner's parent process was lost")
        ended = self._ended.pop(pid)
        return ended.status, ended.cpu_seconds

    def _note(self, told: messages.Message) -> None:
        if isinstance(told, messages.Ended):
            self._ended[told.pid] = told

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
