"""A judge that ends: whose fault it is, what it costs, and that the class behind it is graded all the same."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

import line_course as lines
import pytest
from rich.console import Console

from autograder.batch import local_judges
from autograder.batch.batch import MAX_TRIES, Batch, Local
from autograder.batch.ledger import Ledger
from autograder.batch.progress import Progress
from autograder.cli import main
from autograder.course import Course
from autograder.results import ExerciseResult, Outcome, Report
from autograder.submissions.submission import find_submissions

#: A check with a weakness, as a library or an operator of numpy's may have one: a value decides how the judge ends.
WEAK = '''
import ctypes
import os
import signal
from pathlib import Path

@check(points=1, hint="None.")
def test_line_of_seven(submission):
    """At seven it is 15."""
    got = submission.line(7.0)
    if got == 139:
        ctypes.string_at(0)
    if got == 3:
        os._exit(3)
    if got == 9:
        os.kill(os.getpid(), signal.SIGKILL)
    while got == 14:
        pass
    if got == 1 and not Path("@ONCE@").exists():
        Path("@ONCE@").touch()
        ctypes.string_at(0)
    assert_close(got, 1.0 if got == 1 else 15.0)
'''
HURTS_ALL = '''
import ctypes

@check(points=1, hint="None.")
def test_line_of_seven(submission):
    """The grader's own fault."""
    ctypes.string_at(int(submission.line(7.0)) * 0)
'''
RIGHT = "def line(x):\n    return 2 * x + 1.0\n"
ENDS = "def line(x):\n    return {} if isinstance(x, float) and x == 7.0 else 2 * x + 1.0\n"


def weak_course(folder: Path, checks: str = WEAK, limits: str = "") -> Course:
    course = lines.make_course(folder)
    with course.exercises[0].hidden_checks.open("a") as file:
        file.write(checks.replace("@ONCE@", str(folder.parent / "once")))
    text = (folder / "course.yml").read_text()
    (folder / "course.yml").write_text(text.replace("memory_mib: 256", f"memory_mib: 256{limits}"))
    return Course.load(folder)


def write_class(folder: Path, **ends: object) -> Path:
    """A student for each way to end a judge, between two who did well."""
    for name, source in [("a_right", RIGHT), *((n, ENDS.format(v)) for n, v in ends.items()), ("z_right", RIGHT + "#")]:
        (folder / name).mkdir(parents=True)
        (folder / name / "line.py").write_text(source)
    return folder


def grade(course: Course, *options: object) -> int:
    return main(["--course", str(course.root), "grade", *map(str, options)])


def test_a_module_that_ends_its_judge_fails_with_a_flag_and_the_class_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, klass = weak_course(tmp_path / "course"), write_class(tmp_path / "class", crash=139, leave=3)
    for workers in (1, 2):
        assert grade(course, klass, "--out", tmp_path / f"out{workers}", "--workers", workers) == 0
    assert lines.outputs(tmp_path / "out1") == lines.outputs(tmp_path / "out2")
    assert lines.points_of(tmp_path / "out1") == {"a_right": "4", "crash": "0", "leave": "0", "z_right": "4"}
    flags = (tmp_path / "out1" / "flags.csv").read_text(encoding="utf-8-sig")
    assert "the module ended its judge twice (SIGSEGV, then SIGSEGV)" in flags
    assert "the module ended its judge twice (exit code 3, then exit code 3)" in flags
    told = json.loads((tmp_path / "out1" / "students" / "crash" / "results.json").read_text())
    assert told["score"] == 0
    monkeypatch.setattr(Local, "submit", None)  # that is the result: the next run asks nobody
    assert grade(course, klass, "--out", tmp_path / "out1", "--workers", 1) == 0


def test_one_module_alone_is_graded_in_a_process_of_its_own_too(tmp_path: Path) -> None:
    course, klass = weak_course(tmp_path / "course"), write_class(tmp_path / "class", crash=139)
    for path in (klass / "crash", klass / "crash" / "line.py"):
        assert grade(course, path, "--out", tmp_path / path.name) == 0
        (points,) = lines.points_of(tmp_path / path.name).values()
        assert points == "0"


def test_a_judge_that_ends_but_once_costs_nothing(tmp_path: Path) -> None:
    course, klass = weak_course(tmp_path / "course"), write_class(tmp_path / "class", unlucky=1)
    assert grade(course, klass, "--out", tmp_path / "out", "--workers", 1) == 0
    assert lines.points_of(tmp_path / "out") == {"a_right": "4", "unlucky": "4", "z_right": "4"}
    assert not (tmp_path / "out" / "flags.csv").exists()


def test_a_check_that_ends_the_judge_at_the_reference_too_is_the_grader_s_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course, klass = weak_course(tmp_path / "course", HURTS_ALL), write_class(tmp_path / "class")
    assert grade(course, klass, "--out", tmp_path / "out", "--workers", 1) == 1
    assert set(lines.points_of(tmp_path / "out").values()) == {""}
    assert "the judge ends at the reference as well (SIGSEGV)" in capsys.readouterr().err


def results(course: Course, klass: Path, workers: int = 1) -> dict[str, ExerciseResult]:
    """The line's results, by student, from a batch that this process leads."""
    with Ledger(None) as ledger, Progress(0, Console(stderr=True)) as progress:
        batch = Batch(course, course.exercises[:1], ledger)
        entries = find_submissions(klass, ["line"], "class").entries
        batch.grade(entries, lambda: Local(course, workers), progress)
        reports: list[Report] = list(batch.reports)
    return {report.student: report.exercises[0] for report in reports}


def test_a_judge_that_is_killed_from_outside_costs_no_student_points(tmp_path: Path) -> None:
    """Nobody can tell from outside which module it was at; after some tries a person looks."""
    course, klass = weak_course(tmp_path / "course"), write_class(tmp_path / "class", killed=9)
    found = results(course, klass)
    assert (found["killed"].outcome, found["killed"].points) == (Outcome.ERROR, None)
    assert found["killed"].message == "a judge died: SIGKILL"
    assert found["a_right"].points == found["z_right"].points == 4
    assert MAX_TRIES > 2


def counting() -> Callable[[], int]:
    """A kernel that ends somebody for want of memory all the time."""
    counter = itertools.count()
    return lambda: next(counter)


def test_a_judge_that_the_kernel_ends_for_want_of_memory_was_ended_by_the_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_judges, "oom_kills", counting())
    course, klass = weak_course(tmp_path / "course"), write_class(tmp_path / "class", hungry=9)
    found = results(course, klass)
    assert (found["hungry"].outcome, found["hungry"].points) == (Outcome.FAILED, 0)
    assert found["hungry"].flags == ("the module ended its judge twice (SIGKILL, then SIGKILL)",)
    assert found["a_right"].points == found["z_right"].points == 4


def test_the_kernel_says_how_many_it_ended() -> None:
    assert isinstance(local_judges.oom_kills(), int)


def test_a_judge_that_never_comes_back_is_ended(tmp_path: Path) -> None:
    course = weak_course(tmp_path / "course", limits=", total_seconds: 2")
    klass = write_class(tmp_path / "class", stuck=14)
    found = results(course, klass)
    assert found["stuck"].flags == ("the module ended its judge twice (SIGALRM, then SIGALRM)",)
    assert found["a_right"].points == found["z_right"].points == 4


def test_a_judge_is_ended_sooner_than_who_leads_when_memory_is_short() -> None:
    with local_judges.Judges(1) as judges:
        assert judges.submit(Path.read_text, Path("/proc/self/oom_score_adj")).result().strip() == "500"
    assert int(Path("/proc/self/oom_score_adj").read_text()) <= 500


def test_a_retry_meets_a_judge_that_has_done_nothing_else(tmp_path: Path) -> None:
    with local_judges.Judges(1) as judges:
        first = judges.submit(os.getpid).result()
        assert judges.submit(os.getpid).result() == first
        assert judges.submit_alone(os.getpid).result() != first
