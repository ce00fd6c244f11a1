"""The structure: imports point down, the worker's process holds nothing of the grader, the engine knows no subject."""

import ast
import re
from pathlib import Path

import pytest

from autograder.runner.student import Module, Runner

PACKAGE = Path(__file__).resolve().parents[2] / "autograder"

#: The room with the words of one subject, and what would show that another room knows them.
SUBJECT = "diffusion"
OF_THE_SUBJECT = re.compile(r"diffusion|denois|timestep|noise|noisy|ddpm|alpha_bar|\bbetas?\b|\bspies\b", re.IGNORECASE)

#: From the top, a row a folder or what stands beside the folders. What lies in a row imports from its own or below.
ROWS = [
    {"__main__"},
    {"cli"},
    {"nbgrader"},
    {"release"},
    {"authoring"},
    {"marking"},
    {"batch", "student", "pytest_plugin"},
    {"reports"},
    {"judge"},
    {"submissions", "diffusion", "runner"},
    {"files", "pictures", "sources"},
    {"course", "checks"},
    {"course_file"},
    {"authored"},
    {"results", "errors", "invoked", "versions", "limits", "style"},
]


def row_of(room: str) -> int:
    return next(i for i, rooms in enumerate(ROWS) if room in rooms)


def modules() -> list[Path]:
    found = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"]
    return [path for path in found if not {"data", "template"} & {*path.relative_to(PACKAGE).parts}]


def imports(path: Path) -> set[str]:
    """The autograder modules that a file imports, dotted, below the package; type-checking imports left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "autograder":
            base = node.module.removeprefix("autograder").lstrip(".")
            for alias in node.names:
                whole = f"{base}.{alias.name}".lstrip(".")
                found.add(whole if PACKAGE.joinpath(*whole.split(".")).with_suffix(".py").is_file() else base)
    return found - {""}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_points_up(path: Path) -> None:
    here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name in imports(path):
        room = name.split(".")[0]
        assert room == here or row_of(room) > row_of(here), f"{path.name} imports {name}, which is not below it"


def test_no_room_is_forgotten_and_none_is_listed_that_is_gone() -> None:
    there = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in modules()}
    assert there == set().union(*ROWS)


def test_no_modules_import_each_other_in_a_circle() -> None:
    below = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): imports(path) for path in modules()}
    while leaves := {name for name, needed in below.items() if not needed & below.keys()}:
        below = {name: needed for name, needed in below.items() if name not in leaves}
    assert not below, f"in a circle, or above one: {sorted(below)}"


def engine() -> list[Path]:
    kinds = (".py", ".html", ".js")
    return [p for p in sorted(PACKAGE.rglob("*")) if p.suffix in kinds and SUBJECT not in p.relative_to(PACKAGE).parts]


@pytest.mark.parametrize("path", engine(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_engine_knows_no_subject(path: Path) -> None:
    """No import of the subject's room, and no word of the subject in code, texts and comments."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [f"{number}: {line.strip()}" for number, line in enumerate(lines, 1) if OF_THE_SUBJECT.search(line)]
    assert not found, f"{path.name} speaks of one course's subject: {found}"


#: What may lie in a worker's memory: its end of the wire, and the lock-down.
WORKERS = (
    "ahead",
    "allowed",
    "control",
    "frames",
    "library",
    "lockdown",
    "peer",
    "random_state",
    "rehearsal",
    "values",
    "worker",
    "zygote",
)


def test_the_worker_imports_its_end_of_the_wire_and_the_lock_down_only() -> None:
    for name in WORKERS:
        found = imports(PACKAGE / "runner" / f"{name}.py")
        allowed = {"runner", "errors", *(f"runner.{each}" for each in WORKERS)}
        leaves = {entry for entry in found if not any(entry.startswith(known) for known in allowed)}
        assert not leaves, f"runner/{name}.py imports {leaves}"


def test_a_worker_holds_no_module_of_the_judge(runner: Runner) -> None:
    source = b"""
import sys
def loaded():
    return [name for name in sys.modules if name.split('.')[0] in ('autograder', 'hypothesis', 'pytest')]
"""
    with runner.open(Module("work", source, "work.py")) as work:
        names = set(work.loaded())
    here = {"autograder", "autograder.errors", "autograder.runner"}
    assert names <= here | {f"autograder.runner.{each}" for each in WORKERS}
