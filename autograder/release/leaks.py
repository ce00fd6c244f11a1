"""Nothing released may hold a solution, a hidden check or a mutant: a scan of what is about to leave the house.

Python is compared as syntax trees with names made neutral, so that new names, comments and line breaks hide nothing;
names and prose are compared as text. Archives and notebooks are looked into.
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import re
import textwrap
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from autograder.course import Exercise
from autograder.errors import CourseError
from autograder.prose import explanation
from autograder.release.stub import BEGIN, make_stub

#: A statement with fewer nodes (`return x + 1`) may well stand somewhere by chance; whole functions count anyway.
BIG = 25
KEPT = frozenset(dir(builtins)) | {"np"}
ARCHIVES = (".zip", ".whl")
PROSE = 40  # characters of a reference's text that give it away


@dataclass(frozen=True)
class Secrets:
    """What must not get out: neutral prints of code, names and sentences, each with what it would give away."""

    prints: dict[str, str]
    names: dict[str, str]
    sentences: dict[str, str]


def leaks(folder: Path, secrets: Secrets) -> list[str]:
    """What any file under `folder` gives away, a line each; empty is good. CourseError: a file cannot be read."""
    found: list[str] = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        try:
            contents = list(_texts(name, path.read_bytes()))
        except (OSError, zipfile.BadZipFile) as problem:
            raise CourseError(f"{path}: cannot be scanned for leaks: {problem}") from None
        for where, text in contents:
            found += [f"{where}: {what}" for what in dict.fromkeys(_in_text(where, text, secrets))]
    return found


def collect(exercises: Sequence[Exercise]) -> Secrets:
    """The secrets of every exercise that has a solution. CourseError: a file of the course is no valid Python."""
    secrets = Secrets({}, {}, {})
    for exercise in exercises:
        if exercise.solution.is_file():
            _add_solution(secrets, exercise)
            _add_checks(secrets, exercise)
            _add_mutants(secrets, exercise)
    for exercise in exercises:
        for name in _tests(exercise.public_checks):
            secrets.names.pop(name, None)
    return secrets


def _add_solution(secrets: Secrets, exercise: Exercise) -> None:
    source = exercise.solution.read_text(encoding="utf-8")
    public = set(_prints(_parse(make_stub(source, str(exercise.solution)), exercise.solution)))
    for path in (exercise.solution, *exercise.variants):
        kind = "the solution" if path == exercise.solution else f"the variant {path.name}"
        tree = _parse(path.read_text(encoding="utf-8"), path)
        secrets.prints.update({p: f"{kind} of {exercise.id}" for p in _prints(tree) if p not in public})
    prose = explanation(source.encode())
    if prose and len(prose) >= PROSE:
        secrets.sentences[_flat(prose)[:200]] = f"the reference's EXPLANATION of {exercise.id}"


def _add_checks(secrets: Secrets, exercise: Exercise) -> None:
    for name, node in _tests(exercise.hidden_checks).items():
        text = f"the hidden check {name} of {exercise.id}"
        secrets.prints[_neutral(node.body)[0]] = secrets.names[name] = text


def _tests(path: Path) -> dict[str, ast.FunctionDef]:
    """The checks of a file by name, as trees."""
    body = _parse(path.read_text(encoding="utf-8"), path).body if path.is_file() else []
    return {n.name: n for n in body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")}


def _add_mutants(secrets: Secrets, exercise: Exercise) -> None:
    """What an edit changes of the reference; the rest is the reference's own."""
    if not exercise.mutants.is_file():
        return
    source = exercise.solution.read_text(encoding="utf-8")
    public = set(_prints(_parse(make_stub(source), exercise.solution)))
    known = {ast.dump(node) for node in _parse(source, exercise.solution).body}
    for entry in yaml.safe_load(exercise.mutants.read_text(encoding="utf-8")) or []:
        text = source
        for edit in entry["edit"] if isinstance(entry["edit"], list) else [entry["edit"]]:
            text = text.replace(edit["old"], edit["new"])
        what = f"the mutant {entry['name']} of {exercise.id}"
        changed = [node for node in _parse(text, exercise.mutants).body if ast.dump(node) not in known]
        for found in _prints(ast.Module(changed, [])):
            if found not in public:
                secrets.prints.setdefault(found, what)
        secrets.sentences[_flat(entry["misconception"])] = what


# -- looking ----------------------------------------------------------------------------------------


def _in_text(where: str, text: str, secrets: Secrets) -> Iterator[str]:
    name = where.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    if name == "mutants.yml" or name.endswith("_hidden.py"):
        yield "the file itself is for instructors only"
    if re.search(rf"^\W*{BEGIN}\s*$", text, re.MULTILINE):  # on a line of its own: our code has it within quotes
        yield f"the marker {BEGIN}"
    flat = _flat(text)
    yield from (what for sentence, what in secrets.sentences.items() if sentence in flat)
    yield from (secrets.names[name] for name in set(re.findall(r"test_\w+", text)) & set(secrets.names))
    for code in _codes(name, text):
        yield from (secrets.prints[p] for p in _prints(code) if p in secrets.prints)


def _texts(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """A file's text by where it stands; an archive's members, a notebook's cells and outputs each."""
    if name.endswith(ARCHIVES):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from _texts(f"{name}:{member}", archive.read(member))
    elif name.endswith(".ipynb"):
        for i, cell in enumerate(json.loads(data)["cells"]):
            kind = "py" if cell["cell_type"] == "code" else "md"
            yield f"{name}:cell{i}.{kind}", "".join(cell["source"])
            yield f"{name}:cell{i}.outputs", json.dumps(cell.get("outputs", []), ensure_ascii=False)
    else:
        yield name, data.decode("utf-8", "replace")


def _codes(name: str, text: str) -> Iterator[ast.Module]:
    """The Python in a text: a module, the code blocks of Markdown, and the modules inside of its strings."""
    parts = [text] if name.endswith(".py") else re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    while parts:
        try:
            tree = ast.parse(textwrap.dedent(parts.pop()))
        except (SyntaxError, ValueError, RecursionError):
            continue
        yield tree
        strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        parts += [s for s in strings if isinstance(s, str) and re.search(r"^\s*(def|return|for)\b", s, re.MULTILINE)]


# -- neutral prints ---------------------------------------------------------------------------------


def _prints(tree: ast.Module) -> Iterator[str]:
    """A print of every function (by name, so that short ones count) and of every big statement."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = _without_docstring(node.body)
            if body and not _is_unwritten(body):
                neutral, size = _neutral(body)
                yield f"{node.name}: {neutral}"
                if size >= BIG:
                    yield neutral
        elif isinstance(node, ast.stmt) and not isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef):
            neutral, size = _neutral([node])
            if size >= BIG:
                yield neutral


def _neutral(body: list[ast.stmt]) -> tuple[str, int]:
    """The statements as text, with every variable called by the order in which it first appears, and their nodes.

    numpy and the builtins keep their names: what is called there is what the code does.
    """
    names: dict[str, str] = {}
    parts: list[str] = []
    size = 0

    def write(value: object) -> None:
        nonlocal size
        if isinstance(value, ast.AST):
            size += not isinstance(value, ast.expr_context)
            parts.append(type(value).__name__)
            for key in value._fields:
                name = getattr(value, key, None)
                if (key == "id" and name not in KEPT) or (key == "arg" and isinstance(value, ast.arg)):
                    name = names.setdefault(str(name), f"v{len(names)}")
                if key not in ("ctx", "annotation", "type_comment"):
                    write(name)
        elif isinstance(value, list):
            parts.append("[")
            for entry in value:
                write(entry)
            parts.append("]")
        else:
            parts.append(repr(value))

    write(_without_docstring(body))
    return " ".join(parts), size


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return body[1:] if body and _is_docstring(body[0]) else body


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_unwritten(body: list[ast.stmt]) -> bool:
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _parse(source: str, path: Path) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as problem:
        raise CourseError(f"{path}:{problem.lineno}: not valid Python: {problem.msg}") from None
