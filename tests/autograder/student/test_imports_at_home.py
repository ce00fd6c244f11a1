"""Imports that will not be there when a module is graded: said at home, beforehand, with the same verdict."""

from pathlib import Path

import pytest
from desk import make_desk

from autograder.cli import main
from autograder.course import Course
from autograder.student.imports import missing_imports

REFUSED = [
    "import matplotlib.pyplot as plt",
    "import os, matplotlib",
    "from scipy import stats",
    "from sklearn.linear_model import Ridge",
    "import sqlite3",
    "from . import helper",
    "import helper",
    "def draw():\n    import matplotlib.pyplot as plt",
    "if True:\n    import torch",
    "for _ in range(2):\n    import torch",
    "with open(0):\n    import torch",
    "class Net:\n    import torch",
    "try:\n    import torch\nexcept ValueError:\n    pass",
    "try:\n    pass\nfinally:\n    import torch",
    "match 1:\n    case 1:\n        import torch",
    "import importlib\nnet = importlib.import_module('torch')",
    "net = __import__('torch')",
]
FINE = [
    "import numpy as np, math, dataclasses, doctest, asyncio, multiprocessing",
    "from numpy.linalg import norm",
    "from __future__ import annotations",
    "try:\n    import matplotlib.pyplot as plt\nexcept ImportError:\n    plt = None",
    "try:\n    import torch\nexcept (OSError, ModuleNotFoundError):\n    torch = None",
    "try:\n    import torch\nexcept:\n    torch = None",
    "if __name__ == '__main__':\n    import matplotlib.pyplot as plt",
    "import typing\nif typing.TYPE_CHECKING:\n    import torch",
    "def f(:",
]


@pytest.fixture
def desk(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return make_desk(tmp_path, course)


@pytest.mark.parametrize(("source", "count"), [*((s, 1) for s in REFUSED), *((s, 0) for s in FINE)])
def test_what_is_not_there_is_seen_in_the_text(desk: Course, source: str, count: int) -> None:
    exercise = desk.exercise("05")
    exercise.stub.write_text(source)
    assert len(missing_imports(desk, exercise)) == count


def test_a_correct_module_with_an_import_that_is_not_there_is_told_before_it_is_handed_in(
    desk: Course, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    exercise = desk.exercise("05")
    whole = course.exercise("05").solution.read_text()
    exercise.stub.write_text(whole.replace("import numpy as np", "import numpy as np\nimport matplotlib.pyplot as plt"))
    said = "import matplotlib.pyplot: it is not there when this is graded; there are the standard library, numpy"
    for command in (("check", "05"), ("submit",)):
        main(command)
        assert said in " ".join(capsys.readouterr().out.split())
    assert main(["check", "05"]) == 1
    assert "No module named 'matplotlib'" in capsys.readouterr().out


def test_an_import_within_a_function_that_no_public_check_calls_is_told_too(
    desk: Course, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    exercise = desk.exercise("05")
    whole = course.exercise("05").solution.read_text()
    exercise.stub.write_text(f"{whole}\n\ndef draw():\n    import torch\n")
    assert main(["check", "05"]) == 1
    text = capsys.readouterr().out
    assert "5 of 5 checks that you can see hold" in text
    assert "import torch: it is not there" in text
    assert "do without that import in exercises/05_noisy_sample/noisy_sample.py" in text


def test_what_the_course_allows_travels_with_the_release(tmp_path: Path, course: Course) -> None:
    desk = make_desk(tmp_path, course)
    assert desk.given.packages == course.given.packages
