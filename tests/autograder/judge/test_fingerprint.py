"""What changes a result's key, and what must not: a class is graded anew for the one, and never for the other."""

import shutil
from pathlib import Path

import pytest

from autograder.judge import fingerprint
from autograder.judge.fingerprint import digest, package_digest

PACKAGE = Path(fingerprint.__file__).parents[1]

#: For every room one file, and whether an edit of it makes results anew.
EDITS = {
    "__init__.py": False,
    "__main__.py": False,
    "authored.py": True,
    "authoring/audit.py": False,
    "batch/batch.py": False,
    "checks.py": True,
    "cli.py": False,
    "constraints.txt": False,
    "course.py": True,
    "diffusion/spies.py": True,
    "diffusion/data/digits.npz": True,
    "diffusion/data/README.md": False,
    "errors.py": True,
    "files.py": False,
    "invoked.py": False,
    "judge/verdict.py": True,
    "nbgrader/gradebook.py": False,
    "pictures.py": False,
    "py.typed": False,
    "pytest_plugin.py": False,
    "release/start.py": False,
    "reports/html.py": False,
    "results.py": True,
    "runner/process.py": True,
    "sources.py": True,
    "student/selfcheck.py": False,
    "submissions/prose.py": True,
    "submissions/submission.py": False,
    "versions.py": True,
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("copy") / "autograder"
    shutil.copytree(PACKAGE, to, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def test_every_room_has_its_edit(package: Path) -> None:
    assert {path.name for path in package.iterdir()} == {name.split("/")[0] for name in EDITS}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_makes_results_anew_where_verdicts_depend_on_it_and_nowhere_else(package: Path, name: str) -> None:
    path = package / name
    before = path.read_bytes()
    path.write_bytes(before + b"\n# edited\n")
    try:
        same = package_digest.__wrapped__(package) == package_digest()
    finally:
        path.write_bytes(before)
    assert same is not EDITS[name]


def test_a_new_file_among_those_that_decide_counts_and_a_cache_does_not(package: Path) -> None:
    for name, same in (("judge/__pycache__/verdict.py", True), ("judge/new.py", False)):
        path = package / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
        assert (package_digest.__wrapped__(package) == package_digest()) is same
        path.unlink()


def test_no_two_lists_of_parts_meet() -> None:
    assert len({digest("ab"), digest("a", "b"), digest("", "ab"), digest("ab", ""), digest(b"ab\0")}) == 5
