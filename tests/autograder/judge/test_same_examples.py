"""Every student gets the same examples: whatever is loaded, wherever the package lies, whoever draws them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.judge.examples import Cache, frozen_bytes
from autograder.judge.fingerprint import examples_digest
from autograder.judge.suite import Suite
from autograder.release.wheel import make_wheel, wheel_name

#: Their strategies take numbers of several kinds, so that a pool of constants shows.
EXERCISES = ("03", "05", "07")

SCRIPT = """
import sys
sys.path[:0] = {before}
{imports}
sys.path.append({here!r})
from test_same_examples import described
print(described({course!r}))
"""

MANY = (
    "import autograder.cli, autograder.release.folder, autograder.reports.html, autograder.student.commands, rich.table"
)
#: Numbers that code of the user's own might hold, among them those that schedules are drawn from (in thousandths).
OWN = f"NUMBERS = {[*range(101, 500)]}\n"


def described(root: str) -> str:
    """What an exercise's examples are, and the key that they are kept under, drawn here and now."""
    course = Course.load(Path(root))
    total = hashlib.sha256()
    for number in EXERCISES:
        exercise = course.exercise(number)
        total.update(examples_digest(exercise, course.grading.seed).encode())
        with tempfile.TemporaryDirectory() as nothing_kept:
            suite = Suite(exercise, course.grading.seed, cache=Cache(Path(nothing_kept)))
            for frozen in filter(None, map(suite.frozen, suite.checks)):
                assert frozen.examples
                total.update(frozen_bytes(frozen) or b"")
    return total.hexdigest()


def run(course: Course, imports: str = "", before: tuple[str, ...] = (), **how: Any) -> str:
    """The same in a fresh process that loaded `imports` first."""
    here = str(Path(__file__).parent)
    script = SCRIPT.format(before=list(before), imports=imports, here=here, course=str(course.root))
    command = [how.pop("python", sys.executable), "-c", script]
    environ = os.environ | how.pop("environ", {})
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environ, check=False, **how)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def bare(course: Course) -> str:
    return run(course)


def test_here_with_all_that_pytest_loaded(course: Course, bare: str) -> None:
    assert described(str(course.root)) == bare


@pytest.mark.slow
def test_where_much_else_is_loaded(course: Course, bare: str) -> None:
    assert run(course, MANY) == bare


def test_where_modules_of_the_users_own_are_loaded(course: Course, bare: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    assert run(course, "import mine", (str(tmp_path),), cwd=tmp_path) == bare


@pytest.mark.slow
def test_under_ci_and_another_hash_seed(course: Course, bare: str) -> None:
    assert run(course, environ={"CI": "true", "PYTHONHASHSEED": "7", "GITHUB_ACTIONS": "true"}) == bare


def test_from_site_packages(course: Course, bare: str, tmp_path: Path) -> None:
    """A real installed copy, in an environment of its own that finds the libraries in this one."""
    venv.create(tmp_path / "venv", with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "venv")}))
    (tmp_path / wheel_name()).write_bytes(make_wheel())
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(site)]
    subprocess.run([*install, str(tmp_path / wheel_name())], check=True, timeout=120, capture_output=True)
    (site / "others.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    python = tmp_path / "venv" / "bin" / "python"
    told = f"import autograder; assert autograder.__file__.startswith({str(site)!r}), autograder.__file__"
    assert run(course, f"{told}; {MANY}", python=str(python), cwd=tmp_path) == bare
