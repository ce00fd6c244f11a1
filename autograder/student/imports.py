"""Imports that will not be there when a module is graded, seen in its text before it is handed in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course import EARLIER, Course, Exercise
from autograder.runner.allowed import is_allowed
from autograder.student.notes import used_module

_HANDLES = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


@dataclass(frozen=True)
class Missing:
    """One import, by the line that asks for it."""

    line: int
    name: str


def missing_imports(course: Course, exercise: Exercise) -> tuple[Missing, ...]:
    """Those of the module in place that nobody catches; none for a file that is missing or no valid Python."""
    try:
        tree = ast.parse(exercise.stub.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    allowed = (*course.given.packages, *(slug for slug in exercise.uses if used_module(course, slug).is_file()))
    return tuple(missing for missing in _asked(tree.body) if not is_allowed(missing.name, allowed))


def told(missing: Missing, course: Course, exercise: Exercise) -> str:
    """What a student reads of it."""
    if missing.name in exercise.uses:
        found = f"no {missing.name}.py of yours was found whose checks hold"
        return (
            f"line {missing.line}: import {missing.name}: {found}: put one into {EARLIER}/. Graded, it is the course's"
        )
    there = ", ".join(("the standard library", *course.given.packages, *exercise.uses))
    return f"line {missing.line}: import {missing.name}: it is not there when this is graded; there are {there}"


def _asked(body: list[ast.stmt]) -> Iterator[Missing]:
    """The imports of some statements and all within, but for those that are caught or never run in grading."""
    for node in body:
        if isinstance(node, ast.Try) and any(_catches(handler) for handler in node.handlers):
            inner = [*node.orelse, *node.finalbody, *(entry for handler in node.handlers for entry in handler.body)]
            yield from _asked(inner)
        elif isinstance(node, ast.If) and _is_for_scripts(node.test):
            yield from _asked(node.orelse)
        elif isinstance(node, ast.Import):
            yield from (Missing(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield Missing(node.lineno, "." * node.level + (node.module or ""))
        else:
            yield from _calls(node)
            for part in ("body", "orelse", "finalbody", "handlers", "cases"):
                part_of = getattr(node, part, None)
                for entry in part_of if isinstance(part_of, list) else []:
                    yield from _asked([entry] if isinstance(entry, ast.stmt) else getattr(entry, "body", []))


def _calls(node: ast.stmt) -> Iterator[Missing]:
    """`__import__("x")` and `importlib.import_module("x")` in a statement's own expressions."""
    for part in ast.iter_child_nodes(node):
        for call in ast.walk(part) if isinstance(part, ast.expr) else ():
            if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
                named, asked = ast.unparse(call.func), call.args[0].value
                if named in ("__import__", "import_module", "importlib.import_module") and isinstance(asked, str):
                    yield Missing(call.lineno, asked)


def _catches(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _HANDLES) for kind in kinds)


def _is_for_scripts(test: ast.expr) -> bool:
    """`__name__ == "__main__"`, and TYPE_CHECKING."""
    text = ast.unparse(test)
    return "__main__" in text or text.endswith("TYPE_CHECKING")
