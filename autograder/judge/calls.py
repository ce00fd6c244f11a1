"""What a check asked of a submission and what came back: for counterexamples and for the diagnosis."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.checks import CheckFailure, Spy, numbers, show
from autograder.judge.examples import fresh
from autograder.runner.session import Before, Session, around, is_function

MAX_CALLS = 200
#: What the calls of one recorder keep of results and effects; what goes beyond is not compared.
MAX_KEPT_BYTES = 32 << 20
#: The same for entries of lists: each is looked at by itself, for each misconception again.
MAX_KEPT_ENTRIES = 20_000


#: Of arrays above so many bytes a thinned call keeps about so many entries.
THICK_BYTES, THIN_ENTRIES = 4 << 10, 250


class Thin:
    """Stands for a large array: entries spread over all of it. The step is odd, so it walks through the columns."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.shape, self.dtype = array.shape, array.dtype
        self.entries = self.of(array)

    def of(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The same entries of another array of this shape."""
        return array.reshape(-1)[:: array.size // THIN_ENTRIES | 1].copy()


def _thin(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.nbytes > THICK_BYTES:
        return Thin(value)
    return [_thin(entry) for entry in value] if isinstance(value, list) else value


class TooLarge:
    """Stands for what was not kept. It agrees with nothing."""

    def __repr__(self) -> str:
        return "too large to show"


class Call:
    """One call: what went in, what came out, and what it did to its arguments and to the random state."""

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], is_constant: bool = False) -> None:
        self.name, self.is_constant = name, is_constant
        self._args = [_keep(arg) for arg in args]
        self._kwargs = {key: _keep(arg) for key, arg in kwargs.items()}
        self.result: Any = None
        self.error: BaseException | None = None
        self.effects: list[Any] = []
        self.numeric: bool | None = None  # what `has_numbers` found, which each mutant asks again

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        state = np.random.get_state(legacy=False)
        try:
            result = function(*args, **kwargs)
        except BaseException as problem:
            self.error = problem
            raise
        else:
            self.result = result
            if _is_plain(result):
                with suppress(TypeError):  # an iterator inside, say, in what a module of the course's own gives
                    self.result = _keep(result)
            return result
        finally:
            given = [*args, *kwargs.values()]
            before = [*self._args, *self._kwargs.values()]
            self.effects = [_effect(old, new, self.result) for old, new in zip(before, given, strict=True)]
            after = np.random.get_state(legacy=False)
            moved = state["state"]["pos"] != after["state"]["pos"] or state["has_gauss"] != after["has_gauss"]
            self.effects.append(moved or not np.array_equal(state["state"]["key"], after["state"]["key"]))

    def gave(self, array: NDArray[Any]) -> bool:
        """Whether this value is the result, or one of several."""
        parts = self.result if isinstance(self.result, tuple | list) else []
        return any(_equal(numbers_of(part), array) for part in (self.result, *parts[:10]))

    @property
    def kept_bytes(self) -> int:
        return _bytes_of(self.result) + _bytes_of(self.effects)

    @property
    def all_bytes(self) -> int:
        return self.kept_bytes + _bytes_of(self._args) + _bytes_of(self._kwargs)

    def forget_spies(self) -> None:
        """The check is over: what each spy noted is in the effects, as far as calls are compared by it."""
        for arg in (*self._args, *self._kwargs.values()):
            if isinstance(arg, Spy):
                arg.forget()

    def thin(self) -> None:
        """Keep of large arrays some entries only: enough to compare with."""
        self._args, self.result, self.effects = _thin(self._args), _thin(self.result), _thin(self.effects)
        self._kwargs = {key: _thin(arg) for key, arg in self._kwargs.items()}

    def drop(self) -> None:
        """Keep nothing but that there was a call."""
        self.result, self.effects = TooLarge(), []
        self._args = [arg if _bytes_of(arg) < MAX_KEPT_BYTES else TooLarge() for arg in self._args]

    def text(self) -> str:
        """The call as a student would write it; a constant is only named."""
        if self.is_constant:
            return self.name
        parts = [_argument(arg) for arg in self._args] + [f"{k}={_argument(arg)}" for k, arg in self._kwargs.items()]
        return f"{self.name}({', '.join(parts)})"

    def outcome_text(self) -> str:
        if self.error is not None:
            kind = getattr(self.error, "kind", "") or type(self.error).__name__
            said = self.error.message if isinstance(self.error, CheckFailure) else self.error
            return f"raised {kind}: {said}"[:500]
        return show(self.result)


class Recorder(Before):
    """Stands before a session and keeps its calls."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.calls: list[Call] = []
        self.kept_bytes = self._kept_entries = 0

    def ask(self, name: str) -> Any:
        value = super().ask(name)
        if not is_function(value):
            call = Call(name, (), {}, is_constant=True)
            call.result = value
            self._keep(call)
            self._weigh(call)
        return around(value, partial(self._record, name))

    def _record(self, name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = Call(name, args, kwargs)
        self._keep(call)
        try:
            return call.run(function, args, kwargs)
        finally:
            self._weigh(call)

    def about(self, got: object) -> Call | None:
        """The call behind a value that was found wrong: the last that gave it; where none did, the last of all."""
        array = numbers_of(got)
        giving = [call for call in self.calls if array is not None and call.gave(array)]
        calls = giving or self.calls
        return calls[-1] if calls else None

    def drop_frames(self) -> None:
        """What was raised stays; the frames that it passed, with all that they hold, do not."""
        for call in self.calls:
            if call.error is not None:
                call.error.__traceback__ = call.error.__cause__ = call.error.__context__ = None

    def _keep(self, call: Call) -> None:
        if len(self.calls) < MAX_CALLS:
            self.calls.append(call)

    def _weigh(self, call: Call) -> None:
        size, entries = call.kept_bytes, _entries_of(call.result)
        if self.kept_bytes + size > MAX_KEPT_BYTES or self._kept_entries + entries > MAX_KEPT_ENTRIES:
            call.drop()
        else:
            self.kept_bytes += size
            self._kept_entries += entries


@dataclass(frozen=True)
class Trace:
    """The calls of one check on one example."""

    example: dict[str, Any]
    calls: list[Call]
    kept_bytes: int = 0


def numbers_of(value: object) -> NDArray[Any] | None:
    """A value as an array, where it is one of numbers."""
    try:
        return numbers(value) if isinstance(value, np.ndarray | np.generic | int | float | complex | list) else None
    except Exception:  # whatever numpy says to a list
        return None


def _equal(one: NDArray[Any] | None, other: NDArray[Any]) -> bool:
    return one is not None and one.shape == other.shape and np.array_equal(one, other, equal_nan=True)


def _bytes_of(value: Any, counted: set[int] | None = None) -> int:
    """About what a plain value, or what a spy keeps, takes. `counted`: the ids of those that were."""
    counted = set() if counted is None else counted
    if isinstance(value, np.ndarray | str | bytes):
        return int(value.nbytes) if isinstance(value, np.ndarray) else len(value)
    if isinstance(value, list | tuple | set | frozenset):
        return 64 + sum(_bytes_of(entry, counted) for entry in value)
    if isinstance(value, dict):
        return 64 + sum(_bytes_of(key) + _bytes_of(entry, counted) for key, entry in value.items())
    if isinstance(value, Thin):
        return int(value.entries.nbytes)
    if not isinstance(value, Spy) or id(value) in counted:
        return 32
    counted.add(id(value))
    return value.nbytes


def _entries_of(value: Any) -> int:
    """How many entries lists and their like hold, those within them too."""
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return len(members) + sum(map(_entries_of, members))


def _is_plain(value: Any) -> bool:
    return isinstance(value, np.ndarray | list | dict | tuple | int | float | str | bytes | np.generic | None)


def _keep(value: Any) -> Any:
    """A value as it is now. Callables and generators stand for themselves: a list may hold one 100,000 times."""
    if callable(value) or isinstance(value, np.random.Generator):
        return value
    if type(value) is list or type(value) is tuple:
        return type(value)(map(_keep, value))
    if type(value) is dict:
        return {key: _keep(entry) for key, entry in value.items()}
    return fresh(value)


def _effect(before: Any, after: Any, result: Any) -> Any:
    """What a call did to one argument, as a plain value."""
    if isinstance(after, np.ndarray):
        shares = isinstance(result, np.ndarray) and np.shares_memory(result, after)
        changed = not np.array_equal(before, after, equal_nan=after.dtype.kind in "fc")
        return [shares, after.copy() if changed else None]
    if isinstance(after, Spy):
        return after.effect()
    if isinstance(after, list | dict) and _is_plain(after):
        return _keep(after)
    return None


def _argument(value: Any) -> str:
    if isinstance(value, Spy):
        return value.label
    if isinstance(value, np.random.Generator):
        return "rng"
    if callable(value):
        return str(getattr(value, "__name__", type(value).__name__)).replace("<lambda>", "a function")
    return show(value)


def agree(one: Call, two: Call, rtol: float = 1e-9, loose: bool = False) -> bool:
    """Whether two calls came out the same: results within rtol (float32: 1e-5), errors of one kind, same effects.

    loose: as laws look at them, which let one number stand for a row of equal ones, and a number a row for a whole row.
    """
    if one.name != two.name:
        return False
    if (one.error is None) != (two.error is None):
        return False
    if one.error is not None and two.error is not None:
        return _builtin(one.error) == _builtin(two.error) and _says(one.error) == _says(two.error)
    return same(one.result, two.result, rtol, loose) and same(one.effects, two.effects, rtol, loose)


def alike_to_precision(one: Call, two: Call) -> bool:
    """`agree`, and in the same precision: float32 is not float64."""
    return agree(one, two) and _precision(one.result) == _precision(two.result)


def _precision(value: Any) -> list[str]:
    """The float types in a result, in its order; a Python float is a float64."""
    if isinstance(value, list | tuple):
        return [name for entry in value for name in _precision(entry)] if len(value) <= 100 else []
    if isinstance(value, dict):
        return [name for entry in value.values() for name in _precision(entry)]
    if isinstance(value, float):
        return ["float64"]
    dtype = getattr(value, "dtype", None)
    return [str(dtype)] if isinstance(dtype, np.dtype) and dtype.kind == "f" else []


def has_numbers(call: Call) -> bool:
    """Whether a call gave numbers for an answer, all finite."""
    if call.numeric is None:
        call.numeric = call.error is None and is_finite(call.result)
    return call.numeric


def is_finite(value: Any) -> bool:
    """Whether a result is numbers, all finite, or holds nothing but those."""
    if isinstance(value, list | tuple):
        return all(map(is_finite, value))
    try:
        array = numbers(value)
    except Exception:
        return False
    return array is not None and array.size > 0 and bool(np.isfinite(array).all())


def same_input(one: Call, two: Call) -> bool:
    """Whether two calls have the same name and arguments; models and generators count as equal to their kind."""
    if one.name != two.name or one._kwargs.keys() != two._kwargs.keys() or len(one._args) != len(two._args):
        return False
    pairs = [*zip(one._args, two._args, strict=True), *((one._kwargs[key], two._kwargs[key]) for key in one._kwargs)]
    return all(_same_argument(a, b) for a, b in pairs)


def _same_argument(one: Any, two: Any) -> bool:
    if isinstance(one, np.random.Generator) or isinstance(two, np.random.Generator):
        return type(one) is type(two)
    return same(one, two, 1e-9)


def same(one: Any, two: Any, rtol: float, loose: bool = False) -> bool:
    """Structural equality of plain values, numbers within rtol; `loose` as in `agree`. `two` may be thin."""
    if isinstance(two, Thin):
        return isinstance(one, np.ndarray) and one.shape == two.shape and same(two.of(one), two.entries, rtol)
    if type(one) is type(two) and type(one) in (int, bool, str):
        return bool(one == two)
    if isinstance(one, dict) or isinstance(two, dict):
        if not (isinstance(one, dict) and isinstance(two, dict)) or one.keys() != two.keys():
            return False
        return all(same(one[key], two[key], rtol, loose) for key in one)
    if one is None or two is None or isinstance(one, str) or isinstance(two, str):
        return type(one) is type(two) and one == two
    if isinstance(one, list | tuple) and isinstance(two, list | tuple) and len(one) == len(two):
        return all(same(a, b, rtol, loose) for a, b in zip(one, two, strict=True))
    try:
        a, b = numbers(one), numbers(two)
    except Exception:
        return False
    if a is None or b is None:
        return callable(one) and callable(two)
    if loose and a.shape != b.shape:
        a, b = _in_one_shape(a, b)
    if a.shape != b.shape or (a.dtype.kind == "f") != (b.dtype.kind == "f"):
        return False
    if np.float32 in (a.dtype, b.dtype):
        rtol = max(rtol, 1e-5)
    one, two = a.astype(float), b.astype(float)
    with np.errstate(invalid="ignore", over="ignore"):
        if a.size == 0 or (one == two).all():
            return True
        size = np.abs(two)
        scale = float(np.max(size, initial=0.0, where=np.isfinite(size)))
        near = (np.abs(one - two) <= rtol * (scale + size)) | (one == two) | (np.isnan(one) & np.isnan(two))
    return bool(near.all())


def _in_one_shape(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
    """Two arrays in the shape of the one with more axes, if the other's axes are its first ones; else as they are."""
    small, large = sorted((a, b), key=lambda array: (array.ndim, array.size))
    padded = small.reshape(small.shape + (1,) * (large.ndim - small.ndim))
    try:
        return np.broadcast_arrays(padded, large) if np.broadcast_shapes(padded.shape, large.shape) else (a, b)
    except ValueError:
        return a, b


def _says(problem: BaseException) -> bool:
    """Whether an error comes with a message."""
    return bool(problem.args and str(problem.args[0]).strip())


def _builtin(problem: BaseException) -> str:
    bases = (base.__name__ for base in type(problem).__mro__ if getattr(builtins, base.__name__, None) is base)
    return str(next(bases))
