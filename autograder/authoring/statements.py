"""What a page says of errors, defaults and dtypes, held against the checks: none of it may be broken unnoticed.

A stub says it in its docstrings and signatures, and the reference does it; so the reference is changed in one such
place at a time, and a check must fail. The other way round, an error that checks ask for must be named on the page.
"""

from __future__ import annotations

import ast
import copy
import inspect
import re
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import Any, TypeGuard

import numpy as np

from autograder.authored import read_text
from autograder.authoring.hygiene import passes_all
from autograder.judge.verdict import Judge
from autograder.runner.session import InProcess
from autograder.sources import run_variant

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_TOLD = "told_"  # the name under which a changed module finds its `Watch`
_SAYS_DTYPE = re.compile(r"\breturns\b[^.]{0,30}\b(float32|float64)\b", re.IGNORECASE)


def unkept(judge: Judge) -> list[str]:
    """What the reference does as the page says and no check would miss, and errors that are asked for and not named."""
    exercise = judge.suite.exercise
    source = read_text(exercise.solution)
    page = read_text(exercise.readme) + read_text(exercise.stub) if exercise.readme.is_file() else source
    problems = []
    for said, changed in _errors(source):
        watch = Watch(run_variant(exercise, changed, f"{exercise.id}, changed"))
        if passes_all(judge, partial(InProcess, watch.module)) and not watch.is_the_same:
            problems.append(f"no check notices {said}")
    others: list[tuple[str, ModuleType | SimpleNamespace]] = [
        (said, run_variant(exercise, changed, f"{exercise.id}, changed")) for said, changed in _defaults(source)
    ]
    for said, module in (*others, *_dtypes(judge.suite.reference)):
        if passes_all(judge, partial(InProcess, module)):
            problems.append(f"no check notices {said}")
    problems += [f"the reference raises {name}, which no page names" for name in _raised(source) if name not in page]
    return problems


def _raised(source: str) -> list[str]:
    """The kinds of errors that functions of students' raise in the reference."""
    nodes = (node.exc for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise))
    kinds = (node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return list(dict.fromkeys(kinds))


class Watch:
    """A module with one changed guard, and what became of the calls in which the change made a difference.

    A guard may be one of two: `t >= T` raises IndexError with and without it. So it is enough that checks come to
    where the guard decides, if the call then ends as it should.
    """

    def __init__(self, changed: ModuleType) -> None:
        self._wanted: list[bool] = []  # in this call, whether the unchanged guard raises where the changed one differs
        self._ends: list[bool] = []  # of each such call, whether it ended as it should
        changed.__dict__[_TOLD] = self._tell
        functions = {name: value for name, value in vars(changed).items() if inspect.isfunction(value)}
        watched = {name: self._watched(function) for name, function in functions.items() if not name.startswith("_")}
        self.module = SimpleNamespace(**{**vars(changed), **watched})

    @property
    def is_the_same(self) -> bool:
        """Whether checks saw the difference, and there was none to be seen."""
        return bool(self._ends) and all(self._ends)

    def _tell(self, before: object, now: object) -> bool:
        if bool(before) != bool(now):
            self._wanted.append(bool(before))
        return bool(now)

    def _watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self._wanted.clear()
            raised = True
            try:
                result = function(*args, **kwargs)
                raised = False
                return result
            finally:
                self._ends += [wanted is raised for wanted in self._wanted]

        return watched


# -- errors -----------------------------------------------------------------------------------------


def _errors(source: str) -> Iterator[tuple[str, str]]:
    """Each `if …: raise` left out, each of several reasons left out, each bound moved by itself."""
    for guard in (node for part in _own(ast.parse(source)) for node in ast.walk(part) if _is_guard(node)):
        test = guard.test
        place = f"(line {guard.lineno} of the reference)"
        yield f"an error that is not raised {place}", _with(source, guard, lambda _: ast.Constant(False))
        for i, part in enumerate(test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else []):
            said = f"that `{ast.unparse(part)}` raises no error {place}"
            yield said, _with(source, guard, partial(_without_part, i))
        for i, (compare, k) in enumerate(_bounds(test)):
            said = f"another bound in `{ast.unparse(compare)}`, its number {k + 1} {place}"
            yield said, _with(source, guard, partial(_other_bound, i))


def _own(tree: ast.Module) -> list[ast.FunctionDef]:
    """The functions that students write; what is given says so."""
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return [function for function in functions if not (ast.get_docstring(function) or "").startswith("Given.")]


def _is_guard(node: ast.AST) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and len(node.body) == 1 and isinstance(node.body[0], ast.Raise)


def _with(source: str, guard: ast.If, change: Callable[[ast.expr], ast.expr]) -> str:
    """The source with another test in the guard that stands where this one does; both are told to `Watch`."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if _is_guard(node) and node.lineno == guard.lineno:
            tests = [node.test, change(copy.deepcopy(node.test))]
            node.test = ast.Call(ast.Name(_TOLD, ast.Load()), tests, [])
    return ast.unparse(ast.fix_missing_locations(tree))


def _without_part(number: int, test: ast.expr) -> ast.expr:
    assert isinstance(test, ast.BoolOp)
    return ast.BoolOp(test.op, [part for i, part in enumerate(test.values) if i != number])


def _bounds(test: ast.expr) -> list[tuple[ast.Compare, int]]:
    compares = [node for node in ast.walk(test) if isinstance(node, ast.Compare)]
    return [(node, k) for node in compares for k, op in enumerate(node.ops) if type(op) in _OTHER]


def _other_bound(number: int, test: ast.expr) -> ast.expr:
    compare, k = _bounds(test)[number]
    compare.ops[k] = _OTHER[type(compare.ops[k])]()
    return test


# -- defaults ---------------------------------------------------------------------------------------


def _defaults(source: str) -> Iterator[tuple[str, str]]:
    """Each number or truth that a signature has as a default, changed."""
    tree = ast.parse(source)
    for function in _own(tree):
        names = function.args.args[len(function.args.args) - len(function.args.defaults) :]
        for i, (name, default) in enumerate(zip(names, function.args.defaults, strict=True)):
            if function.name.startswith("_") or not isinstance(default, ast.Constant):
                continue
            if (other := _another(default.value)) is not None:
                changed = copy.deepcopy(tree)
                same = next(n for n in changed.body if isinstance(n, ast.FunctionDef) and n.name == function.name)
                same.args.defaults[i] = ast.copy_location(ast.Constant(other), default)
                yield f"another default of {function.name}'s {name.arg}", ast.unparse(changed)


def _another(value: object) -> bool | int | float | None:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value / 2 + 0.125 if isinstance(value, float) else None


# -- dtypes -----------------------------------------------------------------------------------------


def _dtypes(reference: object) -> Iterator[tuple[str, SimpleNamespace]]:
    """Each function whose docstring says which floats it returns, returning the others."""
    for name, function in vars(reference).items():
        said = _SAYS_DTYPE.search(inspect.getdoc(function) or "") if inspect.isfunction(function) else None
        if said and not name.startswith("_"):
            other = np.float32 if said[1] == "float64" else np.float64
            module = SimpleNamespace(**{**vars(reference), name: _returning(function, other)})
            yield f"that {name} returns {other.__name__}", module


def _returning(function: Callable[..., Any], dtype: type[np.floating[Any]]) -> Callable[..., Any]:
    def returning(*args: Any, **kwargs: Any) -> Any:
        return _as(function(*args, **kwargs), dtype)

    return returning


def _as(value: Any, dtype: type[np.floating[Any]]) -> Any:
    if isinstance(value, dict):
        return {key: _as(entry, dtype) for key, entry in value.items()}
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
