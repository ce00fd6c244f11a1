"""A submission as a check sees it: attributes that are the student's functions, called in a worker, and constants.

Every way in which student code can go wrong arrives as a `StudentFailure` or `StudentError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from autograder.errors import GraderError
from autograder.limits import Limits
from autograder.runner.failures import StudentBroke, StudentDied, StudentError, StudentFailure, StudentTimeout
from autograder.runner.frames import ProtocolError
from autograder.runner.judge_peer import Forward, JudgePeer
from autograder.runner.peer import Peer, Remote
from autograder.runner.session import Attributes


@dataclass(frozen=True)
class Module:
    """Source to run in a worker. `functions` are what it offers to a module that `uses` it."""

    name: str
    source: bytes
    filename: str
    limits: Limits = field(default_factory=Limits)
    uses: tuple[Module, ...] = ()
    functions: tuple[str, ...] = ()


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

    def compile(self, module: Module) -> bytes:
        """The module's code, as workers of this module's take it; what it holds is not looked at here."""
        with loading():
            tree, decoder = self.guarded(lambda: self.peer.request(["compile", module.filename], [module.source]))
        code = self.guarded(lambda: decoder.value(tree))
        return code if type(code) is bytes else b""

    def load(self, module: Module, uses: dict[str, dict[str, Any]], code: bytes = b"") -> None:
        """Run the module: its code, if it was compiled before."""
        handles = [[name, [[key, self.peer.lend(f)[2]] for key, f in offer.items()]] for name, offer in uses.items()]
        message = ["load", module.name, module.filename, handles]
        with loading():
            tree, decoder = self.guarded(lambda: self.peer.request(message, [module.source, code]))
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
            raise StudentDied from None
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


@contextmanager
def loading() -> Iterator[None]:
    """A student's error in here is the module's own, which then has no names."""
    try:
        yield
    except StudentError as problem:
        problem.loading = True
        raise


class RemoteFunction:
    """A student's function, called in the worker. Values come back plain; errors as StudentError.

    Raises Unsendable for an argument that does not cross.
    """

    def __init__(self, student: Student, name: str, remote: Remote) -> None:
        self._student, self._name, self._remote = student, name, remote
        self._asked: Peer = remote._peer

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        connection = self._student.connection
        self._asked = connection.peer
        if self._remote._peer is not connection.peer:  # its worker was lost
            return self._student.ask(self._name)(*args, **kwargs)
        return connection.guarded(lambda: self._remote(*args, **kwargs))

    def edits(self) -> list[tuple[Any, Any]]:
        """What the last call changed of its arguments, each with what it held before."""
        return self._asked.edits

    def __repr__(self) -> str:
        return f"<{self._name} of the submission>"


class Student(Attributes):
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

    def ask(self, name: str) -> Any:
        connection = self.connection
        known = self.__dict__["_cache"].get(name)
        if known is None:
            value = connection.get(name)
            if not isinstance(value, Remote):
                return value
            known = self.__dict__["_cache"][name] = RemoteFunction(self, name, value)
        return known

    def load(self) -> None:
        """Start the worker and run the module there. Raises StudentError or StudentFailure, GraderError."""
        _ = self.connection

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
            connection.load(module, uses, self.code_of(module, connection))
        except BaseException:
            connection.close()
            raise
        return connection

    def code_of(self, module: Module, connection: Connection) -> bytes:
        """The module's code from a worker that compiled it; nothing, where each compiles it anew."""
        return b""

    def start(self, limits: Limits, until: float = float("inf")) -> Connection:
        """A worker without a module, that answers until a moment of the monotonic clock."""
        raise NotImplementedError

    def close(self) -> None:
        """End everything that was started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
