"""The structure: imports point down, and the worker's process holds nothing of the grader."""

import ast
from pathlib import Path

import pytest

from autograder.runner.process import Module, Runner

PACKAGE = Path(__file__).resolve().parents[2] / "autograder"

PACKAGES = ("runner", "reports", "release", "student")
#: From the top. A module may import from its own layer's row or below, never from above.
LAYERS = [
    {"cli", "__main__"},
    {"audit"},
    {"cluster"},
    {"trials", "artist", "batch", "release", "reports", "student", "plugin", "late"},
    {"pool"},
    {"grade"},
    {"judge"},
    {"diagnose", "shrink"},
    {"trace"},
    {"suite"},
    {"ledger", "progress", "archive", "room"},
    {"frozen"},
    {"fingerprint"},
    {"runner"},
    {"modules", "spies", "strategies", "pictures", "digits", "submission", "written", "prose", "shield", "ceiling"},
    {"course", "checks", "members"},
    {"results", "errors", "invoked", "versions"},
]


def layer_of(name: str) -> int:
    return next(i for i, names in enumerate(LAYERS) if name in names)


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py" and "data" not in path.parts]


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
            found |= {base} if base else {alias.name for alias in node.names if alias.name != "__version__"}
            if base in ("runner", "reports", "release", "student"):
                found |= {f"{base}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_points_up(path: Path) -> None:
    here = layer_of(path.relative_to(PACKAGE).parts[0].removesuffix(".py"))
    for name in imports(path):
        assert layer_of(name.split(".")[0]) >= here, f"{path.name} imports {name}, which lies above it"


def test_the_worker_imports_the_protocol_and_the_lock_down_only() -> None:
    for name in ("worker", "zygote", "protocol", "lockdown", "library"):
        found = imports(PACKAGE / "runner" / f"{name}.py")
        allowed = {"runner", "runner.protocol", "runner.lockdown", "runner.library", "runner.worker", "errors"}
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
    assert names <= {
        "autograder",
        "autograder.errors",
        "autograder.runner",
        "autograder.runner.library",
        "autograder.runner.lockdown",
        "autograder.runner.protocol",
        "autograder.runner.worker",
        "autograder.runner.zygote",
    }
