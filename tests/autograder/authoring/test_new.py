"""`autograder new`: a course on another subject, proven, released, handed in and graded by the real commands."""

import csv
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mini_course as mini
import pytest

from autograder.authoring import new
from autograder.course import Course
from autograder.judge.mutants import read_mutants
from autograder.student.figure import draw


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("new course")  # a space, as in many a path


@pytest.fixture(scope="module")
def said(base: Path) -> str:
    return mini.run(base, "autograder", "new", "line-fits")


@pytest.fixture(scope="module")
def made(base: Path, said: str) -> Course:
    return Course.load(base / "line-fits")


@pytest.fixture(scope="module")
def released(base: Path, made: Course) -> Path:
    mini.run(base, "autograder", "--course", "line-fits", "release", "lines", "--to", "handout")
    return base / "handout"


def test_the_commands_that_it_names_can_be_pasted(base: Path, said: str) -> None:
    """The first audits the course, in whole; the second is a student's, who has written nothing yet."""
    codes, told = [], ""
    for line in re.findall(r"^  (.+)$", said, re.M):
        done = subprocess.run(
            line, shell=True, cwd=base, env=mini.environment(base), capture_output=True, text=True, timeout=300
        )
        codes.append(done.returncode)
        told += done.stdout + done.stderr
    assert codes == [0, 1, 0], told
    assert "✓ 01_line_fit: 4 points" in told
    assert "line_fit is not written yet" in told
    assert "released: lines-released" in told


def test_its_stub_is_current_its_title_the_folders_and_its_due_date_ahead(base: Path, made: Course) -> None:
    mini.run(base, "autograder", "--course", "line-fits", "stubs", "--check")
    assert made.title == "Line fits"
    left = made.assignments[0].due - datetime.now(UTC)
    assert timedelta(days=new.DAYS - 1) < left < timedelta(days=new.DAYS + 1)


def test_a_folder_that_holds_something_stays_as_it_is(base: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for target in (tmp_path, tmp_path / "mine.txt"):
        told = mini.run(base, "autograder", "new", target, code=2)
        assert told == f"autograder: {target}: is not empty, so nothing was written. Give a new folder.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_plain_pytest_runs_its_checks(made: Course) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=made.root, capture_output=True, text=True, timeout=120, check=False)
    assert "5 passed" in done.stdout, done.stdout


def test_students_get_its_vocabulary_check_draw_and_hand_in(base: Path, made: Course, released: Path) -> None:
    module = released / "exercises" / "01_line_fit" / "line_fit.py"
    assert (released / "vocabulary" / "points.py").is_file()
    assert "1. The equation needs the two means" in mini.run(released, "autograder", "hint", "01")
    module.write_text(made.exercises[0].variants[0].read_text())
    assert "2 of 2 checks that you can see hold" in mini.run(released, "autograder", "check", "01")
    theirs = Course.load(released)
    assert draw(theirs, theirs.exercises[0])[:4] == b"\x89PNG"
    mini.run(released, "autograder", "submit", "--to", base / "class" / "ada.zip")
    for name, source in mutants(made).items():
        (base / "class" / name).mkdir()
        (base / "class" / name / "line_fit.py").write_text(source)
    mini.run(base, "autograder", "--course", "line-fits", "grade", "class", "--out", "graded")
    with (base / "graded" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["ada"]["points"] == rows["ada"]["max_points"] == "4"
    assert (rows["swapped"]["outcome"], rows["swapped"]["points"]) == ("failed", "0")
    assert "the intercept is returned first" in rows["swapped"]["diagnosis"]


def mutants(course: Course) -> dict[str, str]:
    return {mutant.name: mutant.source for mutant in read_mutants(course.exercises[0]) if mutant.name == "swapped"}


@pytest.mark.slow
def test_it_goes_through_nbgrader(base: Path, made: Course) -> None:
    directory = base / "nbgrader"
    mini.run(base, "autograder", "--course", "line-fits", "release", "lines", "--to", directory, "--nbgrader")
    mini.run(directory, "nbgrader", "generate_assignment", "lines")
    assert (directory / "release" / "lines" / "vocabulary" / "points.py").is_file()
    mini.hand_in(directory, made, "ada", mini.references(made))
    mini.hand_in(directory, made, "bela", {"line_fit": mutants(made)["swapped"]})
    mini.run(directory, "nbgrader", "autograde", "lines")
    scores = {student: row["auto_score"] for (student, _), row in mini.grades(directory / "gradebook.db").items()}
    assert scores == {"ada": 4.0, "bela": 0.0}
    mini.run(directory, "nbgrader", "generate_feedback", "lines")
    assert list((directory / "feedback" / "bela").rglob("*.html"))


def test_a_students_package_which_has_no_solution_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from autograder.cli import main

    monkeypatch.setattr(new, "TEMPLATE", tmp_path / "not there")
    assert main(["new", str(tmp_path / "course")]) == 2
    assert "came with a course for students" in capsys.readouterr().err
