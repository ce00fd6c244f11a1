"""What of a module is still as it was released: seen in the text, since no check that a student has may reach it."""

from __future__ import annotations

import ast

from autograder.course import Exercise
from autograder.reports.text import UNWRITTEN
from autograder.submissions.prose import NAME, explanation
from autograder.submissions.words import is_untouched


def unwritten(exercise: Exercise) -> tuple[str, ...]:
    """Names of the functions that still raise the stub's own error, and EXPLANATION where it says the stub's sentence.

    None for a file that is missing or no valid Python: then the checks say so.
    """
    try:
        source = exercise.stub.read_bytes()
        body = ast.parse(source).body
    except (OSError, SyntaxError, ValueError):
        return ()
    names = [node.name for node in body if isinstance(node, ast.FunctionDef) and holds_stub(node)]
    if exercise.by_hand and is_untouched(explanation(source), exercise.placeholder):
        names.append(NAME)
    return tuple(names)


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
