"""What the reference could do beside its work, unnoticed by any check: found without an author's help."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.judge.verdict import Judge
from autograder.runner.session import InProcess


def untidy(judge: Judge) -> list[str]:
    """What the reference could do beside its work unnoticed: edit an array that it was given, or touch numpy's random
    state. Each function that is given arrays, each of them: no author has to remember it."""
    given = _arrays_given(judge)
    functions = {name: getattr(judge.suite.reference, name) for name in given}
    misdeeds = {(n, f"edits its argument {key}"): edits(functions[n], key) for n in given for key in sorted(given[n])}
    misdeeds |= {(name, "draws from np.random"): draws(functions[name]) for name in given}
    problems = []
    for (name, said), function in misdeeds.items():
        module = SimpleNamespace(**{**vars(judge.suite.reference), name: function})
        if passes_all(judge, partial(InProcess, module)):
            problems.append(f"no check notices that {name} {said}")
    return problems


def _arrays_given(judge: Judge) -> dict[str, set[str]]:
    """By function of the reference, the names of those parameters that checks give arrays, or dicts of arrays, for."""
    given: dict[str, set[str]] = {}

    def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            arguments = inspect.signature(function).bind(*args, **kwargs).arguments
            given.setdefault(name, set()).update(key for key, value in arguments.items() if _arrays_in(value))
            return function(*args, **kwargs)

        return noted

    functions = {name: value for name, value in vars(judge.suite.reference).items() if inspect.isfunction(value)}
    noted = {name: noting(name, function) for name, function in functions.items() if not name.startswith("_")}
    module = SimpleNamespace(**{**vars(judge.suite.reference), **noted})
    passes_all(judge, partial(InProcess, module))
    return {name: keys for name, keys in given.items() if keys}


def passes_all(judge: Judge, opener: Callable[[], InProcess]) -> bool:
    """Whether no check fails it; those are asked first that are about what else a function does."""
    order = sorted(judge.suite.checks, key=lambda check: "unchanged" not in inspect.getsource(check.inner))
    return all(judge.run_check(check, opener(), most=1)[0] is None for check in order)


def edits(function: Callable[..., Any], key: str) -> Callable[..., Any]:
    """The same, but for a number that it changes in what it was given for this parameter."""

    def editing(*args: Any, **kwargs: Any) -> Any:
        result = copy.deepcopy(function(*args, **kwargs))
        for array in _arrays_in(inspect.signature(function).bind(*args, **kwargs).arguments.get(key)):
            if array.size and array.flags.writeable:
                array.flat[0] = not array.flat[0] if array.dtype == bool else array.flat[0] + 1
        return result

    return editing


def draws(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but for a number that it draws from numpy's global random state."""

    def drawing(*args: Any, **kwargs: Any) -> Any:
        np.random.random()
        return function(*args, **kwargs)

    return drawing


def _arrays_in(value: object) -> list[np.ndarray[Any, Any]]:
    return [each for each in (value.values() if isinstance(value, dict) else [value]) if isinstance(each, np.ndarray)]
