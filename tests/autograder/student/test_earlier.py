"""An exercise that builds on a piece of an earlier assignment: at home, and in what is released."""

from pathlib import Path

import courses
import pytest
from desk import make_desk, solve

from autograder.cli import main
from autograder.course import EARLIER, Course
from autograder.student.notes import used_module
from autograder.student.selfcheck import check_exercise

COURSE = """\
title: Two steps
late: {{grace_minutes: 30, penalty_per_day: 0.1, max_days: 5}}
assignments:
  - id: clean-it
    title: Clean it
    due: {due}-01-15T23:59:00+00:00
    exercises: [{{id: 11_reverse_step, title: One step}}]
  - id: why-it-won
    title: Why it won
    due: 2097-01-15T23:59:00+00:00
    exercises: [{{id: 18_edit_inpaint, title: Editing, uses: [reverse_step]}}]
"""
BROKEN = "def reverse_mean_var(x_t, eps, t, betas):\n    return x_t, 0.0\n"


@pytest.fixture
def desks(tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch) -> tuple[Course, Course]:
    """Two releases that one student has opened; the second builds on the first."""
    both = make_desk(tmp_path / "clean-it", course, "clean-it"), make_desk(tmp_path / "won", course, "why-it-won")
    (tmp_path / "folders").write_text("".join(f"{desk.root}\n" for desk in both))
    monkeypatch.setenv("AUTOGRADER_FOLDERS", str(tmp_path / "folders"))
    return both


def test_a_piece_is_the_students_own_where_its_checks_hold(desks: tuple[Course, Course], course: Course) -> None:
    earlier, desk = desks
    given = desk.root / EARLIER / "reverse_step.py"
    assert desk.earlier == ("reverse_step",)
    assert used_module(desk, "reverse_step") == given
    solve(earlier, course, "reverse_step")
    own = earlier.exercise("reverse_step").stub
    assert used_module(desk, "reverse_step") == given  # not checked yet
    assert main(["--course", str(earlier.root), "check", "reverse_step"]) == 0
    assert used_module(desk, "reverse_step") == own
    own.write_text(BROKEN)
    assert used_module(desk, "reverse_step") == given
    assert main(["--course", str(earlier.root), "check", "reverse_step"]) == 1
    assert used_module(desk, "reverse_step") == given


def test_a_piece_that_is_not_written_yet_is_what_comes_next(
    tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = make_desk(tmp_path / "desk", course, "clean-it")
    solve(desk, course, "ddpm_sampler")
    assert main(["--course", str(desk.root), "check", "ddpm_sampler"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "reverse_mean_var in exercises/11_reverse_step/reverse_step.py is not written yet" in said
    assert "next: write reverse_mean_var in exercises/11_reverse_step/reverse_step.py, which it asks for" in said
    solve(desk, course, "reverse_step")
    assert main(["--course", str(desk.root), "check", "ddpm_sampler"]) == 0
    assert check_exercise(desk, desk.exercise("ddpm_sampler")).awaited == ()


def test_without_a_piece_it_is_told_and_one_put_there_is_taken(desks: tuple[Course, Course], course: Course) -> None:
    _, desk = desks
    exercise = desk.exercise("edit_inpaint")
    exercise.stub.write_text(f"from reverse_step import reverse_mean_var\n{course.exercise('18').solution.read_text()}")
    checked = check_exercise(desk, exercise)
    assert not checked.is_done
    assert any("no reverse_step.py of yours was found" in line and f"{EARLIER}/" in line for line in checked.missing)
    (desk.root / EARLIER).mkdir()
    (desk.root / EARLIER / "reverse_step.py").write_bytes(course.exercise("reverse_step").solution.read_bytes())
    checked = check_exercise(desk, exercise)
    assert checked.is_done
    assert checked.missing == ()


@pytest.mark.parametrize(("due", "is_there"), [(2020, True), (2096, False)])
def test_a_reference_is_released_when_nobody_can_hand_it_in_any_more(
    tmp_path: Path, due: int, is_there: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    made = courses.copy(tmp_path / "course", COURSE.format(due=due), ("11_reverse_step", "18_edit_inpaint"))
    to = tmp_path / "released"
    assert main(["--course", str(made.root), "release", "why-it-won", "--to", str(to)]) == 0
    said = capsys.readouterr().out
    piece = to / EARLIER / "reverse_step.py"
    assert piece.is_file() is is_there
    assert ("not in earlier/: the reference of 11_reverse_step, which can be handed in until" in said) is not is_there
    if is_there:
        assert piece.read_bytes() == made.exercise("11").solution.read_bytes()
    assert "builds on `reverse_step` (11)" in (to / "README.md").read_text(encoding="utf-8")
    assert Course.load(to).earlier == ("reverse_step",)
