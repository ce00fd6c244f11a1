"""The judge's end of the wire: what it serves to a worker is bounded, and what a worker raised is told apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from autograder.checks import CheckFailure, as_array
from autograder.errors import GraderError
from autograder.runner.ahead import Given, is_foretold
from autograder.runner.budget import Budget
from autograder.runner.failures import StudentError, error_class
from autograder.runner.frames import BlockingPipe, Direct, Unsendable
from autograder.runner.peer import Failure, Peer
from autograder.runner.values import Decoder

if TYPE_CHECKING:
    from autograder.runner.session import Session

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


class JudgePeer(Peer):
    """The judge's end: remembers its own exceptions, and turns the student's into StudentErrors."""

    def __init__(self, pipe: BlockingPipe | Direct, budget: Budget | None = None) -> None:
        super().__init__(pipe)
        self._budget = budget
        self._raised: list[Exception] = []
        self._given = Given()

    def fail(self, failure: Failure) -> NoReturn:
        if 0 < failure.token <= len(self._raised):
            raise self._raised[failure.token - 1]  # it came from the judge's own model or spy
        problem = error_class(failure.builtin_class().__name__)(failure.message)
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
        self._budget.begin_asking()
        try:
            return super().request(message, buffers, lent)
        finally:
            self._budget.end_asking()

    def call(self, number: int, method: str | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            result = super().call(number, method, args, kwargs)
        except Unsendable:  # the worker heard nothing of it
            self.beside_was_dropped()
            raise
        except BaseException:
            self._given.clear()
            raise
        self._given.clear()
        return result

    def serve(self, message: list[Any], buffers: list[bytearray]) -> None:
        if self._budget is not None:
            self._budget.check_served()
            self._budget.check_cpu()
            self._budget.check_whole()
        super().serve(message, buffers)

    def ahead_of(self, number: int, generator: np.random.Generator) -> list[Any]:
        return [self._given.block(number, generator)] if is_foretold(generator) else []

    def beside(self) -> list[Any]:
        moved = self._given.moved()
        return [[[number, self._given.block(number, source)] for number, source in moved.items()]] if moved else []

    def beside_was_sent(self) -> None:
        self._given.was_sent()

    def beside_was_dropped(self) -> None:
        self._given.was_sent(whole=False)

    def read_beside(self, told: list[Any]) -> None:
        if len(told) > 1:
            super().read_beside(told)
        for draws in told:
            self._given.used(draws)

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


class Forward:
    """A function of a used reference, run in a worker of its own: its arguments come from the student."""

    def __init__(self, reference: Session, name: str) -> None:
        self._reference, self._name = reference, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._reference.ask(self._name)(*args, **kwargs)


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
