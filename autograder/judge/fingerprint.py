"""Hashes that stand for what a result depends on. Two runs with equal hashes give equal results.

They hold contents and names below the course's root, never the root itself: a course that was copied to another
machine keeps its hashes.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path

import msgspec

from autograder.course import Course, Exercise, vocabulary_of
from autograder.sources import used_references
from autograder.versions import versions, versions_of

PACKAGE = Path(__file__).parents[1]
#: What every verdict depends on, below the package: folders, and files that lie beside or in others. All else chooses,
#: distributes and shows, or is a vocabulary, which counts where checks import it.
DECIDES = (
    "authored.py",
    "checks.py",
    "course.py",
    "course_file.py",
    "errors.py",
    "judge",
    "limits.py",
    "results.py",
    "runner",
    "sources.py",
    "submissions/likeness.py",
    "submissions/prose.py",
    "versions.py",
)
_KINDS = (".py", ".npz")
_IGNORED = ("__pycache__", "variants")


def digest(*parts: bytes | str) -> str:
    """SHA-256 over parts, each with its length before it, so that no two lists of parts meet."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little") + data)
    return total.hexdigest()


def files_digest(root: Path, paths: Iterable[Path]) -> str:
    """Of files, by their names below `root` and their contents; one that is not there counts as such."""
    parts: list[bytes | str] = []
    for path in sorted(set(paths)):
        parts += [str(path.relative_to(root)), path.read_bytes() if path.is_file() else b"\0absent"]
    return digest(*parts)


@cache
def package_digest(package: Path = PACKAGE) -> str:
    """Of this package's code and data, as far as all verdicts depend on them, and of the libraries' versions."""
    files = files_digest(package, files_of(package, DECIDES))
    return digest(files, *(f"{name} {version}" for name, version in versions().items()))


def files_of(package: Path, places: Iterable[str]) -> list[Path]:
    """Code and data in folders, and files, of the package."""
    paths = [path for place in places for path in (package / place, *(package / place).rglob("*"))]
    return [path for path in paths if path.suffix in _KINDS and "__pycache__" not in path.parts]


def imported_rooms(paths: Iterable[Path]) -> set[str]:
    """The package's rooms that some files import, without what counts for every verdict: vocabularies."""
    names: set[str] = set()
    for path in paths:
        with suppress(OSError, SyntaxError, ValueError):  # whoever loads it tells
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.ImportFrom):
                    names.update(f"{node.module}.{alias.name}" for alias in node.names)
                elif isinstance(node, ast.Import):
                    names.update(alias.name for alias in node.names)
    rooms = {name.split(".")[1] for name in names if name.startswith("autograder.")}
    return {place for room in rooms for place in (room, f"{room}.py")} - {*DECIDES}


def examples_digest(exercise: Exercise, seed: int, package: Path = PACKAGE) -> str:
    """Of all that an exercise's frozen examples depend on: checks, vocabulary, references, seed, package, libraries."""
    hidden = [
        path
        for path in exercise.hidden_folder.rglob("*")
        if path.is_file() and path != exercise.mutants and not any(part in _IGNORED for part in path.parts)
    ]
    used = [path for _, path, _ in used_references(exercise)]
    words = vocabulary_of(exercise.root)
    rooms = imported_rooms(path for path in (exercise.public_checks, *hidden, *words) if path.suffix == ".py")
    files = [exercise.public_checks, exercise.solution, *used, *hidden, *words]
    of_rooms = files_digest(package, files_of(package, rooms))
    return digest(package_digest(package), of_rooms, str(seed), files_digest(exercise.root, files))


def suite_digest(course: Course, exercise: Exercise) -> str:
    """Of all that a result of this exercise depends on, besides the submission."""
    told = {"counterexamples", "counterexamples_from", "tokens"}  # they decide what is shown of a result
    grading = course.grading.model_dump(exclude=told)
    settings = msgspec.json.encode([asdict(exercise.limits), grading, exercise.by_hand, exercise.uses], order="sorted")
    given = [*map(versions_of, course.given.packages), files_digest(course.root, course.given.data.values())]
    texts = [path.read_bytes() if path.is_file() else b"" for path in (exercise.mutants, exercise.stub)]
    return digest(examples_digest(exercise, course.grading.seed), *texts, settings, *given)


def submission_digest(source: bytes | None) -> str:
    """Of one module as handed in; `None` is what was not handed in."""
    return "missing" if source is None else digest(source)
