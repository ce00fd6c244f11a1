"""What a check asked of a submission and what came back: for counterexamples and for the diagnosis."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checks import show
from autograder.spies import ModelSpy, NoiseSpy
from autograder.suite import fresh

MAX_CALLS = 200


class Call:
    """One call: what went in, what came out, and what it did to its arguments and to the random state."""

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.name = name
        self._args = [_keep(arg) for arg in args]
        self._kwargs = {key: _keep(arg) for key, arg in kwargs.items()}
        self.result: Any = None
        self.error: BaseException | None = None
        self.effects: list[Any] = []

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        state = np.random.get_state(legacy=False)
        try:
            result = function(*args, **kwargs)
        except BaseException as problem:
            self.error = problem
            raise
        else:
            self.result = fresh(result) if _is_plain(result) else result
            return result
        finally:
            given = [*args, *kwargs.values()]
            before = [*self._args, *self._kwargs.values()]
            self.effects = [_effect(old, new, self.result) for old, new in zip(before, given, strict=True)]
            after = np.random.get_state(legacy=False)
            moved = state["state"]["pos"] != after["state"]["pos"] or state["has_gauss"] != after["has_gauss"]
            self.effects.append(moved or not np.array_equal(state["state"]["key"], after["state"]["key"]))

    def text(self) -> str:
        """The call as a student would write it."""
        parts = [_argument(arg) for arg in self._args] + [f"{k}={_argument(arg)}" for k, arg in self._kwargs.items()]
        return f"{self.name}({', '.join(parts)})"

    def outcome_text(self) -> str:
        if self.error is not None:
            kind = getattr(self.error, "kind", "") or type(self.error).__name__
            return f"raised {kind}: {self.error}"[:500]
        return show(self.result)


class Recorder:
    """Stands before a submission (a session, or a module of the course) and keeps its calls."""

    def __init__(self, submission: Any) -> None:
        self._submission = submission
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._submission, name)
        if not callable(value):
            call = Call(name, (), {})
            call.result = value
            self._keep(call)
            return value

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            call = Call(name, args, kwargs)
            self._keep(call)
            return call.run(value, args, kwargs)

        return wrapped

    def _keep(self, call: Call) -> None:
        if len(self.calls) < MAX_CALLS:
            self.calls.append(call)


@dataclass(frozen=True)
class Trace:
    """The calls of one check on one example."""

    example: dict[str, Any]
    calls: list[Call]


def _is_plain(value: Any) -> bool:
    return isinstance(value, np.ndarray | list | dict | tuple | int | float | str | bytes | np.generic | None)


def _keep(arg: Any) -> Any:
    """An argument as it was before the call; callables and generators stand for themselves."""
    if callable(arg) or isinstance(arg, np.random.Generator):
        return arg
    return fresh(arg)


def _effect(before: Any, after: Any, result: Any) -> Any:
    """What a call did to one argument, as a plain value."""
    if isinstance(after, np.ndarray):
        shares = isinstance(result, np.ndarray) and np.shares_memory(result, after)
        changed = not np.array_equal(before, after, equal_nan=after.dtype.kind in "fc")
        return [shares, after.copy() if changed else None]
    if isinstance(after, NoiseSpy):
        return after.count
    if isinstance(after, ModelSpy):
        return [[level.tolist() for level in after.raw_timesteps], list(after.inputs)]
    if isinstance(after, list | dict) and _is_plain(after):
        return fresh(after)
    return None


def _argument(value: Any) -> str:
    if isinstance(value, np.random.Generator):
        return "rng"
    if isinstance(value, ModelSpy):
        return "model"
    if callable(value):
        return str(getattr(value, "__name__", type(value).__name__)).replace("<lambda>", "a function")
    return show(value)


def agree(one: Call, two: Call, rtol: float = 1e-9) -> bool:
    """Whether two calls came out the same: results within rtol (float32: 1e-5), errors of one kind, same effects."""
    if one.name != two.name:
        return False
    if (one.error is None) != (two.error is None):
        return False
    if one.error is not None and two.error is not None:
        return _builtin(one.error) == _builtin(two.error)
    return same(one.result, two.result, rtol) and same(one.effects, two.effects, rtol)


def same(one: Any, two: Any, rtol: float) -> bool:
    """Structural equality of plain values, numbers within rtol."""
    if isinstance(one, dict) or isinstance(two, dict):
        if not (isinstance(one, dict) and isinstance(two, dict)) or one.keys() != two.keys():
            return False
        return all(same(one[key], two[key], rtol) for key in one)
    if one is None or two is None or isinstance(one, str) or isinstance(two, str):
        return type(one) is type(two) and one == two
    if isinstance(one, list | tuple) and isinstance(two, list | tuple) and len(one) == len(two):
        return all(same(a, b, rtol) for a, b in zip(one, two, strict=True))
    try:
        a, b = np.asarray(one), np.asarray(two)
    except (TypeError, ValueError):
        return False
    if a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
        return callable(one) and callable(two)
    if a.shape != b.shape or (a.dtype.kind == "f") != (b.dtype.kind == "f"):
        return False
    if np.float32 in (a.dtype, b.dtype):
        rtol = max(rtol, 1e-5)
    scale = float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0)) if b.size else 0.0
    return bool(np.allclose(a.astype(float), b.astype(float), rtol=rtol, atol=rtol * scale, equal_nan=True))


def _builtin(problem: BaseException) -> str:
    names = (base.__name__ for base in type(problem).__mro__ if getattr(builtins, base.__name__, None) is base)
    return next(names)
