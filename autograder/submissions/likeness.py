"""What of a module is the student's own, in a form that does not depend on names, comments and layout.

Two modules of a class with one form are the same after renaming. The form is of the syntax tree, as only that tells
which names a module binds itself; so what students wrote is parsed in a worker, as `prose` is: this file is the module
that runs there and imports nothing of the grader. Python's parser takes what memory and time it needs, and has crashed
before; there it has limits.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator

LIMIT = 200_000  # bytes of a module that are looked at; honest ones have a tenth of that

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def own_form(source: bytes, stub: bytes) -> tuple[str, int] | None:
    """A hash of the student's own statements in their order, and how many they are; definitions do not count.

    Left out are comments, strings that are statements, `pass`, and what the stub holds too: whole statements, and
    those at the top of one of its functions. An import counts as nothing, its name as what it brings. Names that the
    module binds are numbered; kept are the stub's names, the parameters of its functions, constants and attributes.
    None: no valid Python in UTF-8, or too long. Raises nothing and runs nothing.
    """
    if len(source) > LIMIT:
        return None
    try:
        tree, given = (ast.parse(text.decode("utf-8-sig")) for text in (source, stub))
        names = _Names(tree, given)
        own = _own(_bare(tree), _bare(given))
        form = "\n".join(ast.dump(names.numbered(statement)) for statement in own)
        count = sum(
            isinstance(node, ast.stmt) and not isinstance(node, Definition) for s in own for node in ast.walk(s)
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return hashlib.sha256(form.encode("utf-8", "replace")).hexdigest(), count


def _bare(tree: ast.Module) -> ast.Module:
    """The tree without statements that do nothing, and without imports."""
    for node in ast.walk(tree):
        for part in ("body", "orelse", "finalbody"):
            statements = getattr(node, part, None)
            if isinstance(statements, list):
                setattr(node, part, [s for s in statements if not _says_nothing(s)])
    return tree


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom)


def _own(tree: ast.Module, given: ast.Module) -> list[ast.stmt]:
    """The statements at the top that the stub does not hold; of its functions, what they hold beyond it."""
    whole = {ast.dump(statement) for statement in given.body}
    parts = {s.name: {ast.dump(each) for each in s.body} for s in given.body if isinstance(s, Definition)}
    own: list[ast.stmt] = []
    for statement in tree.body:
        if ast.dump(statement) in whole:
            continue
        if isinstance(statement, Definition) and statement.name in parts:
            statement.body = [each for each in statement.body if ast.dump(each) not in parts[statement.name]]
            if not statement.body:
                continue
        own.append(statement)
    return own


class _Names:
    """What the names of a module become. `numbered` is asked for its own statements, in their order."""

    def __init__(self, tree: ast.Module, given: ast.Module) -> None:
        self._public = {name for statement in given.body for name in _bound_at_top(statement)}
        self._brought = dict(_brought(tree))
        bound = {name for statement in tree.body for name in _bound_at_top(statement)} | _declared(tree)
        self._bound = bound - self._public - {*self._brought}
        self._numbers: dict[str, str] = {}
        self._parameters = {s.name: self._renamed_parameters(s) for s in tree.body if isinstance(s, Definition)}

    def _renamed_parameters(self, definition: Definition) -> dict[str, str]:
        keeps = definition.name in self._public
        return {name: name if keeps else f"${i}" for i, name in enumerate(_parameters(definition))}

    def numbered(self, statement: ast.stmt) -> ast.stmt:
        """The statement with numbers for names; for what a definition binds within they start anew."""
        within: set[str] = set()
        local: dict[str, str] = {}
        if isinstance(statement, Definition):
            within = {name for child in ast.iter_child_nodes(statement) for name in _bound(child)} - _declared(
                statement
            )
            local = dict(self._parameters[statement.name])
            statement.name = self._at_top(statement.name)
        for node in ast.walk(statement):
            self._rename(node, statement, within, local)
        return statement

    def _rename(self, node: ast.AST, statement: ast.stmt, within: set[str], local: dict[str, str]) -> None:
        def called(name: str) -> str:
            return local.setdefault(name, f"${len(local)}") if name in within else self._at_top(name)

        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            parameters = self._parameters.get(node.func.id, {})
            for keyword in node.keywords:
                if keyword.arg in within and node.func.id in within:
                    keyword.arg = called(keyword.arg)
                elif keyword.arg is not None and node.func.id not in within:
                    keyword.arg = parameters.get(keyword.arg, keyword.arg)
        part = _NAMED.get(type(node), "")
        value = getattr(node, part, None) if node is not statement else None
        if isinstance(value, str):
            setattr(node, part, called(value))
        elif isinstance(value, list):
            setattr(node, part, [called(name) for name in value])

    def _at_top(self, name: str) -> str:
        if name in self._bound:
            return self._numbers.setdefault(name, f"${len(self._numbers)} of the module")
        return self._brought.get(name, name)


#: Which field of a node holds names; all but Global and Nonlocal may bind them.
_NAMED = {
    ast.Name: "id",
    ast.arg: "arg",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
    ast.Global: "names",
    ast.Nonlocal: "names",
}


def _bound_at_top(statement: ast.stmt) -> set[str]:
    return {statement.name} if isinstance(statement, Definition) else _bound(statement)


def _bound(tree: ast.AST) -> set[str]:
    """Every name that is bound somewhere below a node, but for imports."""
    bound = set()
    for node in ast.walk(tree):
        value = getattr(node, _NAMED.get(type(node), ""), None)
        if isinstance(value, str) and not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
            bound.add(value)
    return bound


def _declared(tree: ast.AST) -> set[str]:
    return {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}


def _parameters(definition: Definition) -> list[str]:
    if isinstance(definition, ast.ClassDef):
        return []
    args = definition.args
    stars = [star for star in (args.vararg, args.kwarg) if star is not None]
    return [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, *stars)]


def _brought(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names that imports bind, and what each stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                yield alias.asname or top, alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
