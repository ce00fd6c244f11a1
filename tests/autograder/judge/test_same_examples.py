"""Every student gets the same examples: whatever is loaded, wherever the package lies, whoever draws them."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from autograder.checks import check
from autograder.course import Course
from autograder.errors import CourseError
from autograder.judge.examples import Cache, draw, encode, require_known_hypothesis, swapped_inner
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
                total.update(encode(frozen) or b"")
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


def test_where_much_else_is_loaded(course: Course, bare: str) -> None:
    assert run(course, MANY) == bare


def test_where_modules_of_the_users_own_are_loaded(course: Course, bare: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    assert run(course, "import mine", (str(tmp_path),), cwd=tmp_path) == bare


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


# --- the names by which it is done ------------------------------------------------------------------------


@check(points=1, hint="none")
@given(x=st.floats(0, 1e6), n=st.integers(0, 10**9))
def a_property(submission: Any, x: float, n: int) -> None:
    """A law."""


@contextmanager
def loaded(constants: list[float | int]) -> Iterator[None]:
    """Make Hypothesis's pool of local constants these, in the way of Hypothesis's own."""
    pool = type(providers.GLOBAL_CONSTANTS)()
    for constant in constants:
        pool.add(constant)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", lambda: pool)
        patch.setattr(providers, "CONSTANTS_CACHE", type(providers.CONSTANTS_CACHE)(1024))
        yield


def drawn(run: Callable[[], object], constants: set[float | int]) -> list[float | int]:
    """The examples' values that are among the constants, after `run`."""
    values: list[float | int] = []

    def keep(submission: Any, x: float, n: int) -> None:
        values.extend(v for v in (x, n) if v in constants)

    handle = a_property.hypothesis  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handle, "inner_test", keep)
        run()
    return values


def test_constants_of_loaded_modules_stay_out_and_only_while_examples_are_drawn() -> None:
    """Also where Hypothesis has met the same strategy before, with the constants; and it finds them again later."""
    chance = random.Random(4)
    constants = {chance.uniform(0, 1e6) for _ in range(50)} | {chance.randrange(10**9) for _ in range(50)}
    with loaded(sorted(constants)):
        assert drawn(lambda: a_property(submission=None), constants), "Hypothesis mixes none in: is this still needed?"
        assert not drawn(lambda: draw(a_property, None, 3), constants)
        assert drawn(lambda: a_property(submission=None), constants)
        gather = providers._get_local_constants
        with swapped_inner(a_property, lambda **kwargs: 1 / 0), pytest.raises(ZeroDivisionError):
            a_property(submission=None)
        assert providers._get_local_constants is gather


def test_this_version_of_hypothesis_has_the_names() -> None:
    """Fails when Hypothesis has moved them: find where it gathers constants now, before it is pinned anew."""
    require_known_hypothesis()


@pytest.mark.parametrize("name", ["_get_local_constants", "CONSTANTS_CACHE", "GLOBAL_CONSTANTS"])
def test_a_version_without_them_gives_no_examples_to_grade_by(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(providers, name)
    with pytest.raises(CourseError, match=rf"Hypothesis .* has no .*{name}.*constraints\.txt"):
        draw(a_property, None, 3)
    with swapped_inner(a_property, lambda **kwargs: None):  # a student's own `check` goes on
        pass
