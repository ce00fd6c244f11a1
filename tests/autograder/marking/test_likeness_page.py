"""`autograder alike`: pairs side by side for the instructor, found by hash, and never points."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import line_course as lines
import pytest

from autograder.cli import main

pytest.importorskip("copydetect", reason="an optional extra, likeness: `pip install copydetect`")

from autograder.marking import alike
from autograder.reports import pairs

LONG = """\
SLOPE = 2

def rise(x):
    total = 0 * x
    for step in range(SLOPE):
        part = x
        if step > 5:
            part = -part
        total = total + part
    return total

def line(x):
    risen = rise(x)
    return risen + 1.0
"""
EDITED = LONG.replace("total", "s").replace("rise", "climb").replace("    part = x", "    spare = []\n        part = x")
OWN = """\
import numpy as np

A, B = np.array([2.0, 1.0])
line = lambda x: np.add(np.multiply(A, x), B).tolist() if np.ndim(x) else A * x + B
"""


def hand_in(folder: Path, **sources: str) -> None:
    for student, source in sources.items():
        (folder / student).mkdir(parents=True, exist_ok=True)
        (folder / student / "line.py").write_text(source, encoding="utf-8")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alike")
    course = lines.make_course(folder / "course")
    (course.root / "exercises" / "01_line" / "line.py").write_text("def line(x):\n    raise NotImplementedError\n")
    hand_in(
        folder / "class", ada=LONG, bob=EDITED, cleo=LONG, dan=OWN, eve=course.exercise("line").solution.read_text()
    )
    hand_in(folder / "class", **{"<b>fay": OWN + f"# {'x' * (70 << 10)}\n"})
    given = ["--class", "--assignment", "only", "--out", folder / "graded", "--workers", 1]
    assert run(folder, "grade", folder / "class", *given) == 0
    return folder


def run(folder: Path, *words: object) -> int:
    return main(["--course", str(folder / "course"), *map(str, words)])


def test_a_pair_stands_side_by_side_and_nobody_else_does(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grades = (graded / "graded" / "grades.csv").read_bytes()
    assert run(graded, "alike", graded / "graded", graded / "class") == 0
    assert "alike.html: 1 of 3 pairs stand out" in capsys.readouterr().out
    with (graded / "graded" / "pairs.csv").open(newline="", encoding="utf-8-sig") as file:
        ((exercise, *both, similarity, least, common),) = list(csv.reader(file))[1:]
    assert (exercise, both, least) == ("01_line", ["ada; cleo", "bob"], "0.4")
    assert 0.4 < float(similarity) < 1
    assert int(common) >= 10
    page = (graded / "graded" / "alike.html").read_text(encoding="utf-8")
    assert "ada, cleo (identical)" in page
    assert "<mark>" in page
    assert "Not compared: &lt;b&gt;fay: longer than 64 KiB" in page
    assert "no proof of anything" in page
    assert (graded / "graded" / "grades.csv").read_bytes() == grades
    for path in (graded / "graded" / "students").rglob("feedback.html"):
        assert "alike" not in path.read_text(encoding="utf-8")


def test_who_is_not_in_what_is_given_is_counted(
    graded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(tmp_path / "some", x1=LONG, x2=EDITED, x3="def line(x):\n    return 5\n")
    assert run(graded, "alike", graded / "graded", tmp_path / "some") == 1
    told = capsys.readouterr()
    assert "3 modules that were graded are not in" in told.err
    assert "1 of 1 pairs stand out" in told.out


def test_beyond_so_many_the_page_names_the_table(graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "SHOWN", 0)
    assert run(graded, "alike", graded / "graded", graded / "class") == 0
    page = (graded / "graded" / pairs.PAGE).read_text(encoding="utf-8")
    assert "1 more, in pairs.csv." in page
    assert "<mark>" not in page


def test_a_module_that_holds_the_reader_up_is_left_out(graded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "ONE_MODULE", 1e-6)
    assert run(graded, "alike", graded / "graded", graded / "class") == 0
    assert "to be read" in (graded / "graded" / pairs.PAGE).read_text(encoding="utf-8")


def test_without_the_library_it_is_named(
    graded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(alike.importlib.util, "find_spec", lambda name: None)
    assert run(graded, "alike", graded / "graded", graded / "class") == 2
    assert "pip install copydetect" in capsys.readouterr().err
    assert run(graded, "alike", os.devnull, graded / "class") == 2
