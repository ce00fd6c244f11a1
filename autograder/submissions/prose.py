"""EXPLANATION, the student's prose, taken from the text of a module without running it.

What students wrote is parsed in a worker: this file is the module that runs there, so it imports nothing of the grader.
Python's parser takes what memory and time it needs, and has crashed before; there it has limits.
"""

from __future__ import annotations

import ast

NAME = "EXPLANATION"
LIMIT = 20_000  # characters of an answer that are read


def explanation(source: bytes) -> str | None:
    """The string that the module binds to EXPLANATION at its top level, read from the syntax tree.

    Literals, their concatenation and `.strip()` of them count. None: no such string, or no valid Python in UTF-8,
    whatever a coding line says. Raises nothing and runs nothing.
    """
    if NAME.encode() not in source:
        return None
    try:
        tree = ast.parse(source.decode("utf-8-sig"))
        texts = [text for node in tree.body if (text := _bound(node)) is not None]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return texts[-1][:LIMIT] if texts else None


def _bound(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    else:
        return None
    named = any(isinstance(target, ast.Name) and target.id == NAME for target in targets)
    return _literal(node.value) if named and node.value is not None else None


def _literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
        inner = _literal(node.func.value) if node.func.attr == "strip" else None
        return None if inner is None else inner.strip()
    return None
