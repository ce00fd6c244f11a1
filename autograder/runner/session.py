"""What a check asks: a student's module in a worker, or a module of the course's own; and what may stand before it."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

from autograder.errors import GraderError
from autograder.runner.frames import BlockingPipe, check_frame, pack
from autograder.runner.peer import Peer
from autograder.runner.values import Encoder


class Session(Protocol):
    """A module that answers questions until it is closed. Errors of the module's own code come as they are raised."""

    def ask(self, name: str) -> Any:
        """What the module calls by this name. Raises AttributeError where there is none."""

    def load(self) -> None:
        """Run the module, if it was not yet. Raises what that raises."""

    def answer_until(self, end: float) -> None:
        """From this moment of the monotonic clock on, every question raises StudentTimeout."""

    def forget_lent(self) -> None:
        """An example is over: the models and generators that it lent are the module's no more."""

    def close(self) -> float:
        """Let go of it. Returns the CPU seconds that it used elsewhere."""


class Attributes:
    """A session as checks write it: `submission.name` asks for the name."""

    def ask(self, name: str) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # no check asks for it, but Hypothesis does, to print what it holds
            raise AttributeError(name)
        return self.ask(name)


def none_opened(source: bytes) -> Session:
    """In place of what opens sessions, where nothing of a student's is to be run. Raises GraderError."""
    raise GraderError("nothing is opened here")


class InProcess(Attributes):
    """A module of the course's own as a session, in this process."""

    def __init__(self, module: ModuleType | SimpleNamespace) -> None:
        self._module = module

    def ask(self, name: str) -> Any:
        return getattr(self._module, name)

    def load(self) -> None:
        """It is loaded."""

    def answer_until(self, end: float) -> None:
        """What is ours needs no end."""

    def forget_lent(self) -> None:
        """What is ours may keep what it was lent."""

    def close(self) -> float:
        return 0.0


class Crossing(InProcess):
    """The same, whose arguments are looked at as the wire would: raises Unsendable where it would."""

    def ask(self, name: str) -> Any:
        return around(super().ask(name), _crossing)


def _crossing(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    encoder = Encoder(Peer(BlockingPipe(-1, -1)))
    check_frame(pack(encoder.tree([list(args), kwargs])), encoder.buffers)
    return function(*args, **kwargs)


class Before(Attributes):
    """Stands before a session and passes all on. A subclass changes what it is asked."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, name: str) -> Any:
        return self._session.ask(name)

    def load(self) -> None:
        self._session.load()

    def answer_until(self, end: float) -> None:
        self._session.answer_until(end)

    def forget_lent(self) -> None:
        self._session.forget_lent()

    def close(self) -> float:
        return self._session.close()


def is_function(value: Any) -> bool:
    """Whether an answer is called, or is a constant, which a class is too."""
    return callable(value) and not isinstance(value, type)


def around(value: Any, call: Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]) -> Any:
    """A function with `call(function, args, kwargs)` in its place; a constant as it is."""
    if not is_function(value):
        return value
    return lambda *args, **kwargs: call(value, args, kwargs)
