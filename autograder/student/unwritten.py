"""What of a module is still as it was released: seen in the text, since no check that a student has may reach it."""

from __future__ import annotations

import ast
from contextlib import suppress

from autograder.course import Course, Exercise
from autograder.reports.text import UNWRITTEN
from autograder.results import ExerciseResult
from autograder.student.notes import used_module
from autograder.submissions.prose import NAME, explanation
from autograder.submissions.words import is_untouched


def unwritten(exercise: Exercise) -> tuple[str, ...]:
    """Names of the functions that still raise the stub's own error, and EXPLANATION where it says the stub's sentence.

    None for a file that is missing or no valid Python: then the checks say so.
    """
    try:
        source = exercise.stub.read_bytes()
        names = unwritten_functions(source)
    except (OSError, SyntaxError, ValueError):
        return ()
    if exercise.by_hand and is_untouched(explanation(source), exercise.placeholder):
        names.append(NAME)
    return tuple(names)


def unwritten_functions(source: bytes) -> list[str]:
    """Those that still raise the stub's own error. Raises SyntaxError or ValueError: it is no Python."""
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and holds_stub(node)]


def awaited(course: Course, exercise: Exercise, result: ExerciseResult) -> tuple[str, ...]:
    """The functions of exercises that this one uses at which its checks failed, since nobody has written them yet.

    Each as its name and where it is to be written.
    """
    said = {check.message for check in result.checks}
    found: list[str] = []
    for slug in exercise.uses:
        path = used_module(course, slug)
        with suppress(OSError, SyntaxError, ValueError):
            names = [name for name in unwritten_functions(path.read_bytes()) if f"{name} {UNWRITTEN}" in said]
            found += [f"{name} in {path.relative_to(course.root).as_posix()}" for name in names]
    return tuple(found)


def holds_stub(function: ast.FunctionDef) -> bool:
    """Whether a call can still come to the stub's `raise`: one that stands behind a `return` is forgotten, no more."""
    for statement in function.body:
        if isinstance(statement, ast.Return):
            return False
        if isinstance(statement, ast.Raise):
            return _is_stubs(statement)
    return False


def _is_stubs(statement: ast.Raise) -> bool:
    raised = statement.exc
    if not isinstance(raised, ast.Call) or not isinstance(raised.func, ast.Name) or not raised.args:
        return False
    said = raised.args[0]
    return (
        raised.func.id == "NotImplementedError"
        and isinstance(said, ast.Constant)
        and isinstance(said.value, str)
        and said.value.endswith(UNWRITTEN)
    )
