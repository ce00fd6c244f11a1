"""alike.csv: who handed in the same, for the instructor alone."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import line_course as lines
import pytest

from autograder.cli import main
from autograder.reports.alike import FEWEST, HandedModule, write_alike
from autograder.results import Own

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
RENAMED = "# all mine\n" + LONG.replace("total", "s").replace("rise", "climb").replace("part", "p").replace(
    "SLOPE", "N"
)
RENAMED = RENAMED.replace("def line(x):", 'def line(x):\n    """My line."""').replace("step", "i")
SHORT = lines.SOURCES["right"][0]


def rows(path: Path) -> list[tuple[str, ...]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *found = csv.reader(file)
    assert header == ["exercise", "students", "how", "statements"]
    return [tuple(row) for row in found]


def hand_in(folder: Path, **sources: str) -> None:
    for student, source in sources.items():
        (folder / student).mkdir(parents=True, exist_ok=True)
        (folder / student / "line.py").write_text(source, encoding="utf-8")


def test_a_class_is_compared_and_no_student_reads_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = lines.make_course(tmp_path / "course")
    stub = 'def line(x):\n    raise NotImplementedError("line is not written yet")\n'
    (course.root / "exercises" / "01_line" / "line.py").write_text(stub)
    klass, out = tmp_path / "class", tmp_path / "out"
    hand_in(klass, ada=LONG, bob=RENAMED, cleo=LONG, dan=LONG.replace("0 * x", "x - x"))
    hand_in(klass, eve=SHORT, finn=SHORT, gus=f"# gus\n{SHORT}")
    hand_in(klass, hal=stub, ida=stub, jim=f"# soon\n{stub}", kay="", lea="")
    hand_in(klass, max="def line(x\n", ned="def line(x\n")
    grade = ["--course", str(course.root), "grade", str(klass), "--assignment", "only", "--out", str(out)]
    assert main(grade) == 0
    assert rows(out / "alike.csv") == [
        ("01_line", "ada; cleo", "identical", "10"),
        ("01_line", "eve; finn", "identical", "1"),
        ("01_line", "max; ned", "identical", ""),
        ("01_line", "ada; bob; cleo", "same after renaming", "10"),
    ]
    assert "alike.csv: 4 groups of students" in " ".join(capsys.readouterr().out.split())
    told = [path for path in (out / "students").rglob("*") if path.is_file() and path.parent.name != "cleo"]
    assert len(told) == 26
    assert not [path for path in told if b"cleo" in path.read_bytes() or b"renaming" in path.read_bytes()]
    points = lines.points_of(out)
    assert (points["ada"], points["bob"], points["eve"]) == ("3", "3", "3")
    hand_in(klass, bob=LONG.replace("> 5", "> 6"), cleo="", finn="", ned="x = (")
    assert main(grade) == 0
    assert not (out / "alike.csv").exists(), "what is true no more is gone"


def test_a_groups_one_hand_in_is_not_a_copy(tmp_path: Path) -> None:
    course = lines.make_course(tmp_path / "course")
    people = "".join(f"  - {{name: {name}, sid: {name}1}}\n" for name in ("ada", "bob"))
    other = "submission_2:\n  :submitters:\n  - {name: cleo, sid: c1}\n"
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("submission_metadata.yml", f"submission_1:\n  :submitters:\n{people}{other}")
        archive.writestr("submission_1/line.py", LONG)
        archive.writestr("submission_2/line.py", SHORT)
    grade = ["--course", str(course.root), "grade", str(tmp_path / "class.zip"), "--class", "--assignment", "only"]
    assert main([*grade, "--out", str(tmp_path / "out")]) == 0
    assert set(lines.points_of(tmp_path / "out")) == {"ada", "bob", "cleo"}
    assert not (tmp_path / "out" / "alike.csv").exists()


MODULE = HandedModule("ada", "/class/ada", "01_line", "d1", Own("f", FEWEST))


@pytest.mark.parametrize(
    ("other", "how"),
    [
        (replace(MODULE, place="/b"), ["identical"]),
        (replace(MODULE), []),
        (replace(MODULE, place="/b", digest="d2"), ["same after renaming"]),
        (replace(MODULE, place="/b", digest="d2", exercise="02_double"), []),
        (replace(MODULE, place="/b", digest="d2", own=Own("g", FEWEST)), []),
        (replace(MODULE, place="/b", digest="d2", own=None), []),
    ],
)
def test_only_equal_modules_of_one_exercise_from_two_places_are_listed(
    tmp_path: Path, other: HandedModule, how: list[str]
) -> None:
    assert write_alike(tmp_path / "alike.csv", [MODULE, replace(other, student="bob")]) == len(how)
    found = rows(tmp_path / "alike.csv") if how else []
    assert [row[1:3] for row in found] == [("ada; bob", each) for each in how]


def test_few_statements_make_no_row_but_for_equal_bytes(tmp_path: Path) -> None:
    few = [
        replace(MODULE, place=place, digest=digest, own=Own("f", FEWEST - 1))
        for place, digest in (("/a", "1"), ("/b", "1"), ("/c", "2"))
    ]
    assert write_alike(tmp_path / "alike.csv", few) == 1
    assert rows(tmp_path / "alike.csv")[0][2:] == ("identical", str(FEWEST - 1))


@pytest.mark.parametrize("name", ["=1+1", "x\r\ny,z", '"', "bob; ada", "\u202eevil", "x;=cmd()", "ü\x1b[31m", "\ud800"])
def test_no_name_breaks_the_table(tmp_path: Path, name: str) -> None:
    assert write_alike(tmp_path / "alike.csv", [MODULE, replace(MODULE, student=name, place="/b")]) == 1
    ((_, students, how, _),) = rows(tmp_path / "alike.csv")
    assert (students.count(";"), how) == (1, "identical")
    assert students.isprintable()
    text = (tmp_path / "alike.csv").read_text(encoding="utf-8-sig")
    cells = [cell for mark in ",;\t" for row in csv.reader(io.StringIO(text), delimiter=mark) for cell in row]
    assert not [cell for cell in cells if cell.strip().startswith(tuple("=+-@"))]
