"""The command line: one clear line for what is wrong, the right exit code, one verdict everywhere."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course import Course

ROOT = Path(__file__).resolve().parents[2]
SLOW = pytest.mark.slow


def run(*arguments: str | Path) -> int:
    return main(["--course", str(ROOT), *map(str, arguments)])


def test_a_missing_path_is_one_line_and_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("grade", tmp_path / "nowhere") == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "nowhere: no such file or folder" in error


def test_an_empty_class_is_one_line_and_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("grade", tmp_path) == 2
    assert "holds no submissions" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "audit"])
def test_an_unknown_exercise_is_told_what_there_is(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, "99") == 2
    error = capsys.readouterr().err
    assert "no exercise '99' in “Principles of Diffusion Models” (" in error
    assert "course.yml); there are: 01_image_space" in error


def test_an_unknown_assignment_is_told_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "decay.py").write_text("")
    assert run("grade", tmp_path, "--assignment", "nothing") == 2
    error = capsys.readouterr().err
    assert "no assignment 'nothing' in “Principles of Diffusion Models” (" in error
    assert "course.yml); there are: why-hard" in error


def test_a_wrong_course_is_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "course.yml").write_text("title: 3\n")
    assert main(["--course", str(tmp_path), "stubs"]) == 2
    assert "course.yml:1: title: found 3" in capsys.readouterr().err


def test_an_unreadable_zip_of_one_student_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "eve.zip").write_bytes(b"PK no zip at all")
    assert run("grade", tmp_path / "eve.zip", "--assignment", "dirty-it") == 1
    assert "eve.zip" in capsys.readouterr().err


def test_one_module_one_folder_and_one_zip_give_the_same_points(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], course: Course
) -> None:
    source = course.exercise("05").solution.read_bytes().replace(b"return np.sqrt(alpha_bar) * x0", b"return x0")
    (tmp_path / "eve" / "deep").mkdir(parents=True)
    for path in (tmp_path / "noisy_sample.py", tmp_path / "eve" / "deep" / "noisy_sample.py"):
        path.write_bytes(source)
    with zipfile.ZipFile(tmp_path / "eve.zip", "w") as archive:
        archive.writestr("noisy_sample.py", source)
    said = set()
    for path, options in [("noisy_sample.py", []), ("eve", ["--student"]), ("eve.zip", ["--student"])]:
        assert run("grade", tmp_path / path, "--assignment", "dirty-it", *options) == 0
        said.add(next(line for line in capsys.readouterr().out.splitlines() if "05_noisy_sample" in line))
    assert len(said) == 1
    assert "of 5 points" in said.pop()


def verdict_by_pytest(course: Course, slug: str, submission: Path | None) -> dict[str, bool]:
    """Passed or not, by check, from plain pytest on the exercise's two files."""
    exercise = course.exercise(slug)
    option = [] if submission is None else ["--submission", str(submission)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", *option]
    done = subprocess.run(
        [*command, str(exercise.public_checks), str(exercise.hidden_checks)], capture_output=True, text=True, cwd=ROOT
    )
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith(("PASSED ", "FAILED "))]
    return {words[1].split("::")[1]: words[0] == "PASSED" for words in lines}


@SLOW
@pytest.mark.parametrize("name", ["x0_sign", "negative_wraps", "x0_in_place"])
def test_pytest_and_grade_give_one_verdict(name: str, tmp_path: Path, course: Course) -> None:
    from autograder.judge.grader import Grader
    from autograder.judge.mutants import read_mutants
    from autograder.submissions.submission import Submission

    exercise = course.exercise("noisy_sample")
    source = next(mutant.source for mutant in read_mutants(exercise) if mutant.name == name)
    path = tmp_path / "noisy_sample.py"
    path.write_text(source)
    with Grader(course, [exercise]) as grader:
        report = grader.grade(Submission("eve", {"noisy_sample": source.encode()}))
    graded = {check.name: check.outcome == "passed" for check in report.exercises[0].checks}
    assert graded == verdict_by_pytest(course, "noisy_sample", path)
    assert not all(graded.values())


def test_plain_pytest_runs_the_checks_on_the_reference(course: Course) -> None:
    verdict = verdict_by_pytest(course, "noisy_sample", None)
    assert len(verdict) == 13
    assert all(verdict.values())


def test_the_lessons_rows_come_out_of_the_reference(course: Course) -> None:
    """Seed 42, x0 = 1, .5, -.5, -1: the five rows that the lesson prints, at 3 decimals."""
    import numpy as np

    from autograder.sources import load_reference

    rows = [
        [0.899, 0.372, -0.27, -0.495],
        [0.673, 0.251, 0.099, -0.243],
        [0.444, 0.309, -0.013, -0.287],
        [0.404, -0.135, -0.355, -0.342],
        [0.12, -0.045, -0.466, -0.556],
    ]
    np.random.seed(42)
    chain = load_reference(course.exercise("02")).forward_chain(np.array([1, 0.5, -0.5, -1]))
    assert np.round(chain[1:], 3).tolist() == np.float32(rows).tolist()


def test_stale_stubs_are_named_with_the_command_that_repairs_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("stubs", "--check") == 0, capsys.readouterr().out


def test_the_doctor_tells_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("doctor") == 0
    assert capsys.readouterr().out.startswith("level: ")
