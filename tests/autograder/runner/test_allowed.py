"""What students' code may import and read: the same in every runner."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autograder.course import Given
from autograder.errors import CourseError
from autograder.limits import Limits
from autograder.runner import machine
from autograder.runner.failures import StudentError
from autograder.runner.runners import RUNNERS
from autograder.runner.student import Module, Runner, Student

LIMITS = Limits(cpu_seconds=5, memory_mib=512)
WAYS = [
    "import {0}",
    "from {0} import nothing",
    "import {0}.inner as other",
    "import importlib\nimportlib.import_module('{0}')",
    "__import__('{0}')",
]


def opened(level: str, given: Given) -> Runner:
    if level != "none" and machine.probe().level not in (level, "strict"):
        pytest.skip(f"this machine cannot lock down at {level}; `autograder doctor` tells why")
    return RUNNERS[level](given)


@pytest.fixture(scope="module", params=[*RUNNERS])
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def plain(level: str) -> Iterator[Runner]:
    with opened(level, Given()) as runner:
        yield runner


def student(runner: Runner, source: str) -> Student:
    return runner.open(Module("work", source.encode(), "work.py", LIMITS))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["yaml", "scipy", "matplotlib", "torch", "sqlite3"])
def test_what_is_not_allowed_is_not_there_installed_or_not(plain: Runner, name: str, way: str) -> None:
    inside = way.format(name).replace("\n", "\n    ")
    for source in (way.format(name), f"def f():\n    {inside}"):
        with student(plain, source) as work, pytest.raises(ModuleNotFoundError) as caught:
            work.f()
        assert isinstance(caught.value, StudentError)
        assert str(caught.value.args[0]) == f"No module named {name!r}"
        assert "site-packages" not in caught.value.trace


@pytest.mark.parametrize("name", ["yaml", "matplotlib.pyplot", "torch"])
def test_who_tries_an_import_gets_the_other_branch(plain: Runner, name: str) -> None:
    source = f"try:\n    import {name}\nexcept ImportError:\n    PLOTS = False\ndef f(): return PLOTS"
    with student(plain, source) as work:
        assert work.f() is False


@pytest.mark.skipif(importlib.util.find_spec("scipy") is None, reason="scipy is not installed")
def test_an_allowed_package_works_whole(level: str) -> None:
    source = """
import numpy as np, scipy.linalg
from scipy import stats, special
import scipy.ndimage as images
def root(x): return scipy.linalg.sqrtm(x)
def others(x): return stats.norm.cdf(x), special.expit(x), images.gaussian_filter(np.eye(3), 1.0).shape[0]
"""
    with opened(level, Given(("numpy", "scipy"))) as runner, student(runner, source) as work:
        assert np.allclose(work.root(np.diag([4.0, 9.0])), np.diag([2.0, 3.0]))
        assert [float(value) for value in work.others(0.0)] == [0.5, 0.5, 3.0]
        with student(runner, "import yaml") as other, pytest.raises(ModuleNotFoundError):
            other.f()


def test_a_package_that_is_not_installed_is_told_before_anything_is_graded() -> None:
    with pytest.raises(CourseError, match=r"import torchy, which is not installed here: .*pip install torchy"):
        Given(("numpy", "torchy")).check()


def test_data_is_read_by_its_name_and_by_no_other_means(level: str, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("1,2\n3,4\n")
    np.save(tmp_path / "x.npy", np.arange(3.0))
    np.savez(tmp_path / "y.npz", a=np.ones(2))
    (tmp_path / "names.json").write_text(json.dumps({"a": "é"}))
    names = {f"data/{path.name}": path for path in tmp_path.iterdir()}
    source = """
import csv, json, os, pathlib
import numpy as np
def table(): return np.loadtxt("data/table.csv", delimiter=","), list(csv.reader(open("./data/table.csv")))
def arrays(): return np.load("data/x.npy"), np.load(pathlib.Path("data") / "y.npz")["a"]
def names():
    with open("data/names.json", encoding="utf-8") as file:
        return json.load(file), pathlib.Path("data/names.json").read_text(), os.path.exists("data/names.json")
def write(): open("data/names.json", "w")
"""
    with opened(level, Given(data=names)) as runner, student(runner, source) as work:
        table, rows = work.table()
        assert (table.tolist(), rows) == ([[1, 2], [3, 4]], [["1", "2"], ["3", "4"]])
        x, a = work.arrays()
        assert (x.tolist(), a.tolist()) == ([0, 1, 2], [1, 1])
        assert work.names() == ({"a": "é"}, '{"a": "\\u00e9"}', True)
        with pytest.raises(PermissionError):
            work.write()
    assert json.loads((tmp_path / "names.json").read_text()) == {"a": "é"}


def test_data_that_is_not_there_is_a_course_error(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"grading\.data"):
        Given(data={"data/x.npy": tmp_path / "x.npy"}).check()
