"""Nothing released holds a solution, a hidden check or a mutant, however it is dressed up."""

import json
import re
import zipfile
from pathlib import Path

import mini_course as mini
import pytest

from autograder.course import Course
from autograder.errors import CourseError
from autograder.release.bundle import check_points, course_file, refuse_leaks, write_parts
from autograder.release.leaks import Secrets, collect, leaks
from autograder.suite import read_mutants


@pytest.fixture(scope="module")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return mini.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def secrets(mini_course: Course) -> Secrets:
    return collect(mini_course.exercises)


def test_nothing_in_any_exercise_folder_leaks(course: Course) -> None:
    found = collect(course.exercises)
    assert len(found.prints) > 1000
    assert leaks(course.root / "exercises", found) == []


@pytest.mark.parametrize("slug", [mini.CODE, mini.PROSE])
def test_what_is_released_of_an_assignment_is_an_exercise_without_its_answers(
    mini_course: Course, secrets: Secrets, tmp_path: Path, slug: str
) -> None:
    assignment = mini_course.assignment(mini.ASSIGNMENT)
    write_parts(mini_course, assignment, check_points(assignment), tmp_path)
    assert leaks(tmp_path, secrets) == []
    folder = tmp_path / "exercises" / mini_course.exercise(slug).id
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        ["README.md", "HINTS.md", f"{slug}.py", "picture.py", f"test_{slug}.py"]
    )
    bundle = Course.load(tmp_path)
    assert bundle.is_bundle
    assert bundle.exercise(slug).points == 4
    assert bundle.assignment(mini.ASSIGNMENT).due == assignment.due


def test_the_students_course_file_holds_nothing_of_how_marks_are_made(mini_course: Course) -> None:
    text = course_file(mini_course, mini_course.assignment("demo"), {e.id: 4.0 for e in mini_course.exercises})
    assert "seed" not in text
    assert "grading" not in text


# -- planted ----------------------------------------------------------------------------------------


def solution(course: Course) -> str:
    """The reference of the exercise with code, without its markers."""
    return re.sub(r" *### .*\n", "", mini.references(course)[mini.CODE])


def dressed_up(source: str) -> str:
    """Other names, other line breaks, comments, another function name."""
    for old, new in (("betas", "zs"), ("num_timesteps", "n"), ("def alpha_bars", "def renamed")):
        source = re.sub(rf"\b{old}\b" if "def" not in old else old, new, source)
    return source.replace("\n    return", "\n    # a comment\n\n    return")


@pytest.mark.parametrize(
    "plant",
    [
        lambda text: ("extra.py", text),
        lambda text: ("extra.py", dressed_up(text)),
        lambda text: ("notes.md", f"# Notes\n\n```python\n{text}\n```\n"),
        lambda text: ("extra.py", f"code = {text!r}\n"),
        lambda text: ("n.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [text], "outputs": []}]})),
    ],
    ids=["plain", "renamed", "markdown", "string", "notebook"],
)
def test_a_solution_is_found_however_it_is_dressed(
    mini_course: Course, secrets: Secrets, tmp_path: Path, plant: object
) -> None:
    name, text = plant(solution(mini_course))  # type: ignore[operator]
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert any("the solution of 04_schedules" in leak for leak in leaks(tmp_path, secrets))


def test_an_archive_is_looked_into(mini_course: Course, secrets: Secrets, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "autograder-1.whl", "w") as archive:
        archive.writestr("a/b.py", solution(mini_course))
    assert any(leak.startswith("autograder-1.whl:a/b.py: the solution") for leak in leaks(tmp_path, secrets))


def test_a_hidden_check_is_found_by_its_law_and_by_its_name(
    mini_course: Course, secrets: Secrets, tmp_path: Path
) -> None:
    hidden = mini_course.exercise(mini.CODE).hidden_checks.read_text(encoding="utf-8")
    (tmp_path / "a.py").write_text(re.sub(r"def test_\w+", "def other", hidden), encoding="utf-8")
    (tmp_path / "b.txt").write_text(" ".join(re.findall(r"test_\w+", hidden)))
    found = leaks(tmp_path, secrets)
    assert any(leak.startswith("a.py: the hidden check") for leak in found)
    assert any(leak.startswith("b.txt: the hidden check") for leak in found)


def test_a_mutant_is_found(mini_course: Course, secrets: Secrets, tmp_path: Path) -> None:
    mutant = read_mutants(mini_course.exercise(mini.CODE))[0]
    (tmp_path / "a.py").write_text(mutant.source, encoding="utf-8")
    (tmp_path / "b.md").write_text(f"Some believe that {mutant.misconception}.", encoding="utf-8")
    found = leaks(tmp_path, secrets)
    assert any(leak.startswith("a.py: the mutant") for leak in found)
    assert f"b.md: the mutant {mutant.name} of 04_schedules" in found


def test_a_short_solution_is_found_by_the_name_of_its_function(secrets: Secrets, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def network_calls(T):\n    return T\n")
    (tmp_path / "b.py").write_text("def something_else(T):\n    return T\n")
    assert leaks(tmp_path, secrets) == ["a.py: the solution of 21_explain_slowness"]


def test_the_references_prose_is_found(mini_course: Course, secrets: Secrets, tmp_path: Path) -> None:
    source = mini.references(mini_course)[mini.PROSE]
    prose = " ".join(re.findall(r'^    "(.*)"$', source, re.MULTILINE)[:4])
    (tmp_path / "a.md").write_text(re.sub(" +", " ", prose), encoding="utf-8")
    assert leaks(tmp_path, secrets) == ["a.md: the reference's EXPLANATION of 21_explain_slowness"]


@pytest.mark.parametrize("name", ["mutants.yml", "test_schedules_hidden.py"])
def test_a_file_for_instructors_is_known_by_its_name(secrets: Secrets, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert leaks(tmp_path, secrets) == [f"{name}: the file itself is for instructors only"]


def test_a_leak_stops_the_release(mini_course: Course, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("### BEGIN SOLUTION\n")
    with pytest.raises(CourseError, match=r"not released, 1 leaks:\na\.py: the marker"):
        refuse_leaks(tmp_path, mini_course)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"def f(:\n", b"(" * 10_000])
def test_a_file_that_is_no_python_is_scanned_as_text(secrets: Secrets, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert leaks(tmp_path, secrets) == []
