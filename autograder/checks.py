"""What the author of a check writes with: `@check` and the assertions, whose messages students read.

A check is a pytest test that takes the `submission` fixture. Its docstring is the law in one sentence. The
assertions here never run student code: what reaches them are plain values.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from reprlib import Repr
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

#: float32 results are welcome where a row of the curriculum names no dtype; this is their tolerance.
FLOAT32_RTOL = 1e-4
FLOAT32_ATOL = 1e-5


@dataclass(frozen=True)
class CheckInfo:
    """What `@check` attaches to a test as `autograder_check`."""

    points: float
    hint: str
    needs: str | None


class Spy:
    """What a check lends to a submission to see what is done with it. Reports and the diagnosis learn from it.

    A class to inherit from and no Protocol: what a student hands back may resemble a spy, and must not count as one.
    """

    #: What stands for it in a call that students read: `sample(model, …)`.
    label = "spy"

    @property
    def nbytes(self) -> int:
        """About what it keeps."""
        return 32

    def forget(self) -> None:
        """Let go of what was noted: the check is over, and who keeps the call has its effect."""

    def effect(self) -> object:
        """What was done with it so far, as a plain value that is not changed later: two who did the same are equal."""
        return None


class CheckFailure(AssertionError):
    """A law that does not hold.

    `message` may always be shown to students. `expected` is the reference's side: students see it in public
    checks, or where the check's author wrote `reveal=True` because it gives nothing away. `hint` takes the place of the
    check's own, which is about its law, where something else went wrong. `got` is what an assertion was given.
    """

    def __init__(self, message: str, expected: str = "", reveal: bool = False, hint: str | None = None) -> None:
        super().__init__(f"{message}; expected {expected}" if expected else message)
        self.message = message
        self.expected = expected
        self.reveal = reveal
        self.hint = hint
        self.got: object = None


def check(*, points: float, hint: str, needs: str | None = None, examples: int = 100) -> Callable[[F], F]:
    """Make a test a graded check. Stands above `@given`.

    points: what the check is worth. hint: shown when it fails. needs: the name of a check of the same
    exercise that must pass first, or this one is skipped. examples: how many a Hypothesis property draws.
    """
    if type(points) not in (int, float) or not 0 < points < float("inf"):
        raise ValueError(f"points must be a number above 0, found {points!r}")
    if not isinstance(hint, str) or not hint.strip():
        raise ValueError(f"hint must be a sentence for students, found {hint!r}")
    if needs is not None and not isinstance(needs, str):
        raise ValueError(f"needs must be the name of an earlier check, found {needs!r}")
    if type(examples) is not int or examples < 1:
        raise ValueError(f"examples must be a whole number above 0, found {examples!r}")

    def decorate(function: F) -> F:
        if not (function.__doc__ or "").strip():
            raise ValueError(f"{function.__name__} needs a docstring: the law, in one sentence")
        if "submission" not in inspect.signature(function).parameters:
            raise ValueError(f"{function.__name__} needs the `submission` argument")
        if getattr(function, "is_hypothesis_test", False):
            from hypothesis import HealthCheck, settings

            function = settings(
                max_examples=examples,
                derandomize=True,
                deadline=None,
                database=None,
                report_multiple_bugs=False,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            )(function)
        function.autograder_check = CheckInfo(points, hint, needs)  # type: ignore[attr-defined]
        return function

    return decorate


def show(value: object, limit: int = 300) -> str:
    """A value as short text: arrays whole when small, else their shape and first entries."""
    if isinstance(value, np.ndarray):
        if not value.size:  # as nested lists it may be long all the same
            return f"array of shape {value.shape}, {value.dtype}: no entries"
        if value.size <= 24:
            text = _nested(value.tolist())
            return text if value.dtype in (np.float64, np.int64) else f"{text} ({value.dtype})"
        head = ", ".join(f"{entry:.6g}" for entry in np.ravel(value)[:4].tolist())
        return f"array of shape {value.shape}, {value.dtype}: {head}, …"
    if isinstance(value, float | np.floating):
        return f"{float(value):.8g}"
    if isinstance(value, np.integer | np.bool_):
        return str(value)
    try:
        text = _Brief().repr(value)
    except Exception as problem:  # a student's __repr__ in plain pytest may do anything
        text = f"<{type(value).__name__}, its repr raised {type(problem).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


class _Brief(Repr):
    """Shows the first members of a long container only: a reply may hold a quarter of a million."""

    maxlevel = 10
    maxstring = maxlong = maxother = 4000
    maxlist = maxtuple = maxdict = maxset = maxfrozenset = 100

    def repr_instance(self, value: Any, level: int) -> str:
        """What a check lent, by its kind: its address is another in each run, its name only the check knows."""
        if isinstance(value, np.random.Generator):
            return "a Generator"
        return "a function" if callable(value) and not isinstance(value, type) else super().repr_instance(value, level)

    def repr_dict(self, value: dict[Any, Any], level: int) -> str:
        """Parameters by name and shape alone: their numbers fill a screen and tell nothing."""
        arrays = [entry for entry in value.values() if isinstance(entry, np.ndarray)]
        if len(arrays) < len(value) or sum(array.size for array in arrays) <= 12:
            return super().repr_dict(value, level)
        shapes = [f"{show(key)}: array {array.shape}" for key, array in list(value.items())[: self.maxdict]]
        return "{" + ", ".join([*shapes, *["…"] * (len(value) > self.maxdict)]) + "}"

    def repr_ndarray(self, array: NDArray[Any], level: int) -> str:
        """As anywhere else: numpy writes out all eight million entries of 23 axes."""
        return show(array)


def _nested(value: object) -> str:
    """Numbers in nested lists on one line, six digits each."""
    if isinstance(value, list):
        return "[" + ", ".join(_nested(entry) for entry in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def as_array(got: object, what: str = "the result", shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    """`got` as an array of real numbers (bool, int, float; lists welcome), or a failure that says what came back."""
    if got is None:
        raise CheckFailure(f"{what} is None. Is a return missing?", hint="")
    try:
        array = numbers(got)
    except Exception as problem:
        raise CheckFailure(f"{what} is no array: {type(problem).__name__}: {problem}") from None
    if array is None:
        raise CheckFailure(f"{what} holds no real numbers, it is {show(got, 80)} ({type(got).__name__})")
    if shape is not None and array.shape != shape:
        raise CheckFailure(f"{what} has shape {array.shape}, expected {shape}")
    return array


def numbers(value: object) -> NDArray[Any] | None:
    """`value` as an array of bool, int or float; None when it holds anything else. Raises what numpy raises.

    Complex numbers will do whose imaginary parts are 0 or rounding, as roots of matrices leave them.

    Text is looked for first: numpy would pad every entry of a list to the longest, whatever memory that takes.
    """
    if _holds_text(value):
        return None
    array = np.asarray(value)
    if array.dtype.kind == "c" and np.all(np.abs(array.imag) <= 1e-9 * np.max(np.abs(array), initial=0.0)):
        array = array.real
    return array if array.dtype.kind in "biuf" else None


def _holds_text(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_text, value))
    return isinstance(value, str | bytes | dict | set | frozenset)


def as_tuple(got: object, length: int, what: str = "the result") -> tuple[Any, ...]:
    """`got` as a tuple of that many values (a list will do)."""
    if not isinstance(got, tuple | list) or len(got) != length:
        size = f" of {len(got)}" if isinstance(got, tuple | list) else ""
        raise CheckFailure(f"{what} should be {length} values, it is {type(got).__name__}{size}: {show(got, 80)}")
    return tuple(got)


def as_float(got: object, what: str = "the result") -> float:
    """`got` as one float: a number, or an array with a single entry."""
    array = as_array(got, what)
    if array.size != 1:
        raise CheckFailure(f"{what} should be one number, it has shape {array.shape}")
    return float(array.reshape(()))


def as_int(got: object, what: str = "the result") -> int:
    """`got` as one int; 3.0 will do, 3.5 and True will not."""
    if isinstance(got, bool | np.bool_):
        raise CheckFailure(f"{what} should be a whole number, it is {got}")
    if isinstance(got, int):
        return int(got)  # exact, also above 2**53
    number = as_float(got, what)
    if not np.isfinite(number) or number != round(number):
        raise CheckFailure(f"{what} should be a whole number, it is {show(got)}")
    return round(number)


#: Whether a law that does not hold ends the check.
_ends = True


@contextmanager
def all_the_way() -> Iterator[None]:
    """Let checks go on after an assertion of this module fails, so that they make all their calls."""
    global _ends
    before, _ends = _ends, False
    try:
        yield
    finally:
        _ends = before


def _assertion(function: F) -> F:
    """Mark a function whose CheckFailure says nothing but that a law does not hold."""

    @wraps(function)
    def asserting(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True  # under plain pytest, what a student sees ends at the check's own line
        try:
            function(*args, **kwargs)
        except CheckFailure as failure:
            failure.got = args[0] if args else None
            if _ends:
                raise

    return cast(F, asserting)


@_assertion
def assert_close(
    got: object,
    expected: object,
    *,
    rtol: float = 1e-6,
    atol: float = 0.0,
    what: str = "the result",
    reveal: bool = False,
    float32: bool = True,
) -> None:
    """Fail unless `got` equals `expected` in shape and within rtol·|expected| + atol. NaN fails.

    With float32 (the default) a result that is right to float32 of the terms' size passes, whatever its dtype: the
    bounds are at least `FLOAT32_RTOL` and `FLOAT32_ATOL` times the largest expected magnitude. Tables in float32 give
    such results, in float64, as well-known implementations do. Without it the page asks for more, and says so.
    """
    want = np.asarray(expected, dtype=np.float64)
    array = as_array(got, what)
    if array.shape != want.shape:
        raise CheckFailure(f"{what} has shape {array.shape}, expected {want.shape}")
    if float32:
        rtol = max(rtol, FLOAT32_RTOL)
        atol = max(atol, FLOAT32_ATOL * float(np.max(np.abs(want), initial=0.0, where=np.isfinite(want))))
    value = array.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        # Written so that NaN fails: `not (gap <= bound)`, never `gap > bound`. Only an equal infinity is near one.
        near = (np.abs(value - want) <= rtol * np.abs(want) + atol) & np.isfinite(want)
        wrong = ~(near | (value == want))
    if not np.any(wrong):
        return
    where = tuple(int(i) for i in np.argwhere(wrong)[0])
    if want.ndim and want.size <= 24:
        shown, wished, place = show(array), show(want), ""
    else:
        shown, wished = show(value[where]), show(want[where])
        place = f" at index {where[0] if len(where) == 1 else where}" if want.ndim else ""
    if shown == wished:  # to six digits they are
        shown += f", off by {float(np.max(np.abs(value - want), where=wrong, initial=0.0)):.2g}"
    raise CheckFailure(f"{what}{place} is {shown}", wished, reveal)


@_assertion
def assert_equal(got: object, expected: object, *, what: str = "the result", reveal: bool = False) -> None:
    """Fail unless `got` is exactly `expected`; arrays and lists of numbers by shape and entries."""
    if isinstance(expected, np.ndarray | list | tuple) and not any(isinstance(e, str) for e in expected):
        want = np.asarray(expected)
        array = as_array(got, what, want.shape)
        same = bool(np.array_equal(array, want))
    else:
        same = type(got) in (type(expected), np.str_, np.bool_) and bool(got == expected)
        if isinstance(expected, int) and not isinstance(expected, bool):
            same = as_int(got, what) == expected
    if not same:
        raise CheckFailure(f"{what} is {show(got)}", show(expected), reveal)


@_assertion
def assert_dtype(got: object, dtype: type, what: str = "the result") -> None:
    """Fail unless `got` is an array (or numpy scalar) of exactly this dtype."""
    dtype_got = getattr(got, "dtype", None)
    if dtype_got is None:
        raise CheckFailure(f"{what} is a {type(got).__name__}, expected a numpy array of {np.dtype(dtype)}")
    if dtype_got != np.dtype(dtype):
        raise CheckFailure(f"{what} has dtype {dtype_got}, expected {np.dtype(dtype)}")


@_assertion
def assert_same_for_whole_numbers(function: Callable[..., object], first: NDArray[Any], *rest: Any, what: str) -> None:
    """Fail unless a first argument of whole numbers, as ints, gives what it gives as floats; one array or several.

    `np.zeros_like(x)` of ints holds ints, and cuts off what is put there.
    """
    whole = np.round(4 * np.asarray(first, dtype=np.float64))
    got, want = function(whole.astype(np.int64), *rest), function(whole, *rest)
    pairs = zip(got, want, strict=True) if isinstance(got, tuple | list) and isinstance(want, tuple | list) else None
    for mine, same in pairs if pairs is not None else [(got, want)]:
        floats = as_array(same, what)
        try:
            assert_close(mine, floats, atol=1e-9, what=f"{what} of whole numbers, as ints")
        except CheckFailure as failure:
            failure.hint = "A picture may come as ints. `np.zeros_like` and `np.empty_like` of ints hold ints."
            raise


@_assertion
def assert_raises(
    error: type[Exception], function: Callable[..., object], *args: object, what: str, **kwargs: object
) -> None:
    """Fail unless the call raises `error` with a message. `what` names the bad input: "decay = 1.5"."""
    try:
        got = function(*args, **kwargs)
    except error as raised:
        if not str(raised.args[0] if raised.args else "").strip():
            raise CheckFailure(
                f"{error.__name__} was raised for {what}, but without a message that says what was wrong"
            ) from None
        return
    raise CheckFailure(f"{what} should raise {error.__name__}; the call returned {show(got, 80)}")


IN_PLACE = "`x *= 2`, `x[...] = 2` and `out=x` edit the caller's array. `x * 2` makes a new one."
#: The arrays of all `unchanged` blocks that are open: calls may edit these only.
_watched: list[NDArray[Any]] = []


def is_watched(value: object) -> bool:
    """Whether an open `unchanged` block looks at this very array."""
    return any(value is array for array in _watched)


@contextmanager
def unchanged(**arrays: NDArray[Any]) -> Iterator[None]:
    """Fail if the block edits one of these arrays in place: `with unchanged(x0=x0): …`. The edit is undone."""
    before = {name: array.copy() for name, array in arrays.items()}
    _watched.extend(arrays.values())
    try:
        yield
        for name, array in arrays.items():
            if not np.array_equal(before[name], array, equal_nan=array.dtype.kind in "fc"):
                now = f"it was {show(before[name])}, now it is {show(array)}"
                raise CheckFailure(f"{name} was edited in place: {now}", hint=IN_PLACE)
    finally:
        del _watched[len(_watched) - len(arrays) :]
        for name, array in arrays.items():
            if array.flags.writeable:
                array[...] = before[name]


@contextmanager
def global_random_untouched() -> Iterator[None]:
    """Fail if the block draws from numpy's global random state. Position and cached normal count too."""
    before = np.random.get_state(legacy=False)
    yield
    after = np.random.get_state(legacy=False)
    same = (
        np.array_equal(before["state"]["key"], after["state"]["key"])
        and before["state"]["pos"] == after["state"]["pos"]
        and before["has_gauss"] == after["has_gauss"]
        and before["gauss"] == after["gauss"]
    )
    if not same:
        raise CheckFailure("numpy's global random state changed: draw from `rng`, not from `np.random`", hint="")
