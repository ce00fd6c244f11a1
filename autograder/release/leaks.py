"""Nothing released may hold a solution, a hidden check or a mutant: a scan of what is about to leave the house.

Everything that only instructors have is compared by its words: a run of RUN of them, or a whole short function, is a
leak in any file of any format, however it is quoted, escaped, fenced, indented or encoded. Python is compared as syntax
trees too, with names made neutral, so that new names, comments and line breaks hide nothing. Archives are looked into.
"""

from __future__ import annotations

import ast
import base64
import binascii
import builtins
import gzip
import hashlib
import html
import io
import json
import re
import tarfile
import textwrap
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

import yaml

from autograder.authoring.stub import BEGIN, make_stub
from autograder.course import Exercise, vocabulary_of
from autograder.errors import CourseError
from autograder.submissions.prose import explanation
from autograder.submissions.words import folded

#: A statement with fewer nodes (`return x + 1`) may well stand somewhere by chance; whole functions count anyway.
BIG = 25
KEPT = frozenset(dir(builtins)) | {"np"}
PROSE = 40  # characters that a reference's text has at least, to be known by its first words
PROSE_WORDS = 30
RUN = 14  # words in a row: the longest that hints share with a reference is 13
#: The C one where there is one: ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
KEPT_TEXT = 1 << 18  # what was found in a text so long is not kept
SHORT = 6  # words that a whole function has at least, to be known by them alone
ARCHIVE_BYTES = 256 << 20


@dataclass(frozen=True, eq=False)
class Secrets:
    """What must not get out: neutral prints of code, names, sentences and runs of words, with what each gives away."""

    prints: dict[str, str]
    names: dict[str, str]
    sentences: dict[str, str]
    runs: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[dict[Any, str], ...]:
        return self.prints, self.names, self.sentences, self.runs


def leaks(folder: Path, secrets: Secrets) -> list[str]:
    """What any file under `folder` gives away, a line each; empty is good. CourseError: a file cannot be read."""
    lines: list[str] = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        try:
            contents = list(_texts(name, path.read_bytes()))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, RuntimeError) as problem:
            raise CourseError(f"{path}: cannot be scanned for leaks: {problem}") from None
        for where, text in contents:
            found = _found if len(text) < KEPT_TEXT else _found.__wrapped__
            lines += [f"{where}: {what}" for what in found(re.split("[/:]", where)[-1], text, secrets)]
    return lines


def collect(exercises: Sequence[Exercise]) -> Secrets:
    """The secrets of every exercise that has a solution. CourseError: a file of the course is no valid Python."""
    return _collected(tuple((exercise, _stamp(exercise)) for exercise in exercises))


@lru_cache(4)
def _collected(stamped: tuple[tuple[Exercise, bytes], ...]) -> Secrets:
    secrets = Secrets({}, {}, {})
    for exercise, stamp in stamped:
        if exercise.solution.is_file():
            found = _secrets_of(exercise, stamp)
            for all_of, own in zip(secrets.parts, found.parts, strict=True):
                all_of.update({key: what for key, what in own.items() if key not in all_of})
    for exercise, _ in stamped:
        for name in _functions(exercise.public_checks):
            secrets.names.pop(folded(name), None)
    return secrets


@lru_cache(256)
def _secrets_of(exercise: Exercise, stamp: bytes) -> Secrets:
    """One exercise's, kept for the next release of this process as long as its files are the same."""
    secrets = Secrets({}, {}, {})
    _add_solution(secrets, exercise)
    _add_checks(secrets, exercise)
    _add_mutants(secrets, exercise)
    _add_runs(secrets, exercise)
    return secrets


def _stamp(exercise: Exercise) -> bytes:
    """Of all files that decide on an exercise's secrets."""
    total = hashlib.sha256()
    hidden = sorted(path for path in exercise.hidden_folder.rglob("*") if path.suffix in (".py", ".yml"))
    for path in (*filter(Path.is_file, [exercise.solution]), *hidden, *_shared(exercise)):
        total.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.digest()


def _add_runs(secrets: Secrets, exercise: Exercise) -> None:
    """Of every file that only instructors have, without what the stub has too.

    Hidden checks share code with public ones, with pictures, the vocabulary and this package, on purpose.
    """
    stub = _public_runs(make_stub(_text(exercise.solution)), exercise.solution)
    shared = stub.union(_package_runs(), *(_public_runs(_text(path), path) for path in _shared(exercise)))
    hidden = sorted(path for path in exercise.hidden_folder.rglob("*") if path.suffix in (".py", ".yml"))
    for path in (exercise.solution, *hidden):
        public = shared if path == exercise.hidden_checks else stub
        what = f"{'the solution' if path == exercise.solution else f'the file {path.name}'} of {exercise.id}"
        for run in _all_runs(_text(path), path):
            if run not in public:
                secrets.runs.setdefault(run, what)


def _shared(exercise: Exercise) -> list[Path]:
    words = [path for path in vocabulary_of(exercise.root) if path.suffix == ".py"]
    return [path for path in (exercise.public_checks, exercise.picture, *words) if path.is_file()]


@cache
def _package_runs() -> frozenset[tuple[str, ...]]:
    """Of what students get of it: not of the course to start from, which holds a solution."""
    sources = (path for path in Path(__file__).parents[1].rglob("*.py") if "template" not in path.parts)
    return frozenset(run for path in sources for run in _runs(_words(_text(path))))


def _public_runs(text: str, path: Path) -> set[tuple[str, ...]]:
    """As a scan will read it."""
    return {*_all_runs(text, path), *(run for reading in _readings(text) for run in _runs(_words(reading), short=True))}


def _all_runs(text: str, path: Path) -> Iterator[tuple[str, ...]]:
    """Of a file as it is, and of its functions without comments and docstrings, the short ones whole."""
    yield from _runs(_words(text))
    for node in ast.walk(_parse(text, path)) if path.suffix == ".py" else ():
        if isinstance(node, ast.FunctionDef) and not _is_unwritten(_without_docstring(node.body)):
            node.body = _without_docstring(node.body) or node.body
            words = _words(ast.unparse(node))
            yield from _runs(words)
            if SHORT <= len(words) < RUN:
                yield tuple(words)


def _add_solution(secrets: Secrets, exercise: Exercise) -> None:
    source = exercise.solution.read_text(encoding="utf-8")
    public = set(_prints(_parse(make_stub(source, str(exercise.solution)), exercise.solution)))
    for path in (exercise.solution, *exercise.variants):
        kind = "the solution" if path == exercise.solution else f"the variant {path.name}"
        tree = _parse(path.read_text(encoding="utf-8"), path)
        secrets.prints.update({p: f"{kind} of {exercise.id}" for p in _prints(tree) if p not in public})
    prose = explanation(source.encode())
    if prose and len(prose) >= PROSE:
        secrets.sentences[" ".join(_words(prose)[:PROSE_WORDS])] = f"the reference's EXPLANATION of {exercise.id}"


def _add_checks(secrets: Secrets, exercise: Exercise) -> None:
    """The checks, and the oracles that they compare with."""
    public = {_neutral(node.body)[0] for path in _shared(exercise) for node in _functions(path).values()}
    for name, node in _functions(exercise.hidden_checks).items():
        is_check = name.startswith("test_")
        text = f"the hidden {'check' if is_check else 'oracle'} {name} of {exercise.id}"
        neutral, size = _neutral(node.body)
        if is_check or (size >= BIG and neutral not in public):
            secrets.prints[neutral] = text
        if is_check or name.startswith("spec_"):
            secrets.names[folded(name)] = text


def _functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The checks and other functions of a file by name, as trees."""
    body = _parse(path.read_text(encoding="utf-8"), path).body if path.is_file() else []
    return {n.name: n for n in body if isinstance(n, ast.FunctionDef)}


def _add_mutants(secrets: Secrets, exercise: Exercise) -> None:
    """What an edit changes of the reference; the rest is the reference's own."""
    if not exercise.mutants.is_file():
        return
    source = exercise.solution.read_text(encoding="utf-8")
    public = set(_prints(_parse(make_stub(source), exercise.solution)))
    known = set(_statements(source, exercise.solution))
    for entry in yaml.load(exercise.mutants.read_text(encoding="utf-8"), Loader=_LOADER) or []:
        text = source
        for edit in entry["edit"] if isinstance(entry["edit"], list) else [entry["edit"]]:
            text = text.replace(edit["old"], edit["new"])
        what = f"the mutant {entry['name']} of {exercise.id}"
        changed = [node for written, node in _statements(text, exercise.mutants).items() if written not in known]
        for fingerprints in _prints(ast.Module(changed, [])):
            if fingerprints not in public:
                secrets.prints.setdefault(fingerprints, what)
        secrets.sentences[_flat(entry["misconception"])] = what


def _statements(source: str, path: Path) -> dict[str, ast.stmt]:
    """A module's own statements by their lines, those of decorators too."""
    lines = source.split("\n")
    return {"\n".join(lines[_first_line(node) - 1 : node.end_lineno]): node for node in _parse(source, path).body}


def _first_line(node: ast.stmt) -> int:
    above = node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(decorator.lineno for decorator in above)])


# -- looking ----------------------------------------------------------------------------------------


@lru_cache(2048)
def _found(name: str, text: str, secrets: Secrets) -> tuple[str, ...]:
    """Kept, as most of what one release holds is in the next of this process too."""
    return tuple(dict.fromkeys(_in_text(name, text, secrets)))


def _in_text(name: str, text: str, secrets: Secrets) -> Iterator[str]:
    if name == "mutants.yml" or name.endswith("_hidden.py"):
        yield "the file itself is for instructors only"
    if re.search(rf"^\W*{BEGIN}\s*$", text, re.MULTILINE):  # on a line of its own: our code has it within quotes
        yield f"the marker {BEGIN}"
    for flat in dict.fromkeys(f" {_flat(reading)} " for reading in _readings(text)):
        words = flat.split()
        there = set(words)
        told = (pair for pair in secrets.sentences.items() if there.issuperset(pair[0].split()))
        yield from (what for sentence, what in told if f" {sentence} " in flat)
        yield from (secrets.names[name] for name in sorted(there & set(secrets.names)))
        yield from (secrets.runs[run] for run in _runs(words, short=True) if run in secrets.runs)
    for code in _codes(text):
        yield from (secrets.prints[p] for p in _prints(code) if p in secrets.prints)


def _texts(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """A file's text by where it stands; an archive's members each, and a notebook's cells besides the whole."""
    if data.startswith(b"PK\3\4"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield from _texts(f"{name}:{info.filename}", _bounded(archive.open(info)))
    elif data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")) or data[257:262] == b"ustar":
        yield from _unpacked(name, data)
    else:
        text = _decoded(data)
        yield name, text
        if name.endswith(".ipynb"):
            yield from _cells(name, text)
        for i, run in enumerate(re.findall(r"(?:[A-Za-z0-9+/_-]{16,}\s*)+={0,2}", text)):
            if (inner := _unbased(run)) is not None:
                yield from _texts(f"{name}:base64-{i}", inner)


def _unpacked(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                if (file := archive.extractfile(member)) is not None:
                    yield from _texts(f"{name}:{member.name}", _bounded(file))
    except tarfile.ReadError:
        yield from _texts(f"{name}:unpacked", _bounded(gzip.GzipFile(fileobj=io.BytesIO(data))))


def _bounded(file: IO[bytes] | gzip.GzipFile) -> bytes:
    data = file.read(ARCHIVE_BYTES + 1)
    if len(data) > ARCHIVE_BYTES:
        raise tarfile.TarError(f"a member has more than {ARCHIVE_BYTES:,} bytes")
    return data


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:  # no text: what in it could be read as one
        text = "\n".join(run.decode() for run in re.findall(rb"[\t\n\r\x20-\x7e]{4,}", data.replace(b"\0", b"")))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells(name: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        cells = json.loads(text)["cells"]
        for i, cell in enumerate(cells):
            kind = "py" if cell["cell_type"] == "code" else "md"
            yield f"{name}:cell{i}.{kind}", "".join(cell["source"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return  # no notebook: it is read as text


def _unbased(run: str) -> bytes | None:
    """What base64 may stand for; None when it stands for no text or archive."""
    packed = "".join(run.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4))
        data.decode("utf-8")
    except binascii.Error:
        return None
    except UnicodeDecodeError:
        return data if data.startswith((b"PK\3\4", b"\x1f\x8b", b"\xff\xfe", b"BZh", b"\xfd7zXZ")) else None
    return data


def _readings(text: str) -> Iterator[str]:
    """A text as it is, and as it reads once escapes, entities, tags, comments or numbers of lines are taken away."""
    plain = text
    for _ in range(3):  # a string within a string within a notebook
        plain = re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", _character, plain)
        plain = re.sub(r"\\+[abfnrtv\"'/\\]?", " ", plain)
    plain = unquote(html.unescape(plain))
    without_tags = re.sub(r"<[^<>]*>", " ", plain)
    yield from dict.fromkeys(
        (
            text,
            plain,
            without_tags,
            html.unescape(re.sub(r"<[^<>]*>", "", text)),
            re.sub(r"#.*", "", plain),
            re.sub(r"^\W*\d+\b(?=[\s:.)|])|^\W*(?:In|Out) ?\[\d+\]", "", plain, flags=re.MULTILINE),
        )
    )


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))


def _codes(text: str) -> Iterator[ast.Module]:
    """The Python in a text: a module, blocks of code in prose or HTML, and the modules inside of its strings."""
    parts, read = list(_blocks(text)), set()
    while parts:
        if (part := parts.pop()) in read:
            continue
        read.add(part)
        try:
            tree = ast.parse(textwrap.dedent(part))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        yield tree
        strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        parts += [s for s in strings if isinstance(s, str) and re.search(r"^\s*(def|return|for)\b", s, re.MULTILINE)]


def _blocks(text: str) -> Iterator[str]:
    """The text itself, and what stands in it between fences or tags, behind marks of quotation, or indented."""
    yield text
    unquoted = re.sub(r"^[ \t]*(?:>>>|\.\.\.|(?:> ?)+|//|#|\|)[ \t]?", "", text, flags=re.MULTILINE)
    for version in dict.fromkeys((text, unquoted)):
        yield from (match[1] for match in re.findall(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n(.*?)^[ \t]*\1", version, _LINES))
        yield from re.findall(r"^(?:(?:[ \t]+[^\n]*)?\n)+", version + "\n", _LINES)
        yield from map(html.unescape, re.findall(r"<(?:pre|code)[^>]*>(.*?)</(?:pre|code)>", version, _LINES))
    yield unquoted


_LINES = re.DOTALL | re.MULTILINE


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


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _flat(text: str) -> str:
    return " ".join(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))


def _runs(words: Sequence[str], short: bool = False) -> Iterator[tuple[str, ...]]:
    """Every run of RUN words; `short`: from each `def` on the shorter ones too, which may be a whole function."""
    for i, word in enumerate(words):
        for length in range(SHORT, RUN) if short and word == "def" else ():
            yield tuple(words[i : i + length])
        if i + RUN <= len(words):
            yield tuple(words[i : i + RUN])


def _parse(source: str, path: Path) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as problem:
        raise CourseError(f"{path}:{problem.lineno}: not valid Python: {problem.msg}") from None
