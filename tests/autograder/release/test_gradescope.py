"""`release --gradescope`: its zip, run as Gradescope runs it; whatever is handed in, results.json says what to do."""

from __future__ import annotations

import json
import stat
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import containers
import line_course as lines
import pytest

from autograder.batch.on_gradescope import grade_submission, read_metadata
from autograder.cli import main
from autograder.course import Course
from autograder.errors import GraderError

LATE = "late: {grace_minutes: 30, penalty_per_day: 0.1, max_days: 5}\n"
BOTH = {"line.py": lines.SOURCES["right"][0], "double.py": "def double(x):\n    return x + x\n"}
ENDS = "def line(x):\n    return {} if isinstance(x, float) else 2 * x + 1.0\n"
#: A value decides how the judge ends, as a library's weakness might.
WEAK = '''
import ctypes
import os
import signal

@check(points=1, hint="None.")
def test_line_of_seven(submission):
    """At seven it is 15."""
    got = submission.line(7.0)
    if got == 139:
        ctypes.string_at(0)
    if got == 9:
        os.kill(os.getpid(), signal.SIGKILL)
    assert_close(got, 15.0)
'''


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("gradescope")
    course = lines.make_course(base / "course")
    with course.exercises[0].hidden_checks.open("a") as file:
        file.write(WEAK)
    told = (course.root / "course.yml").read_text().replace("seed: 7", "seed: 7, counterexamples: 2")
    (course.root / "course.yml").write_text(told.replace("assignments:", f"{LATE}assignments:"))
    assert main(["--course", str(course.root), "release", "only", "--gradescope", str(base / "up.zip")]) == 0
    return base / "up.zip"


@pytest.fixture
def root(packed: Path, tmp_path: Path) -> Path:
    return containers.lay_out(packed, tmp_path / "autograder")


@pytest.fixture(scope="module")
def home(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = containers.lay_out(packed, tmp_path_factory.mktemp("image") / "autograder")
    return containers.set_up(root, root.parent / "home")


def hand_in(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / "submission" / name).write_text(text, encoding="utf-8")


def the_rules_of_the_specification(results: dict[str, Any], scored: bool) -> None:
    """A score that is a number, or none anywhere; text that is there; words that are known."""
    tests = results["tests"]
    assert ("score" in results) == scored
    assert all(("score" in test) == scored for test in tests)
    assert results["output"]
    assert results["output_format"] == "text"
    assert results["stdout_visibility"] == "hidden"
    assert all(test["name"] and test.get("visibility", "visible") in ("visible", "after_published") for test in tests)
    assert all(test["status"] in ("passed", "failed") for test in tests)


def test_the_zip_has_what_the_specification_wants_at_its_top_and_the_whole_course(packed: Path) -> None:
    archive = zipfile.ZipFile(packed)
    for name in ("setup.sh", "run_autograder"):
        assert stat.S_IMODE(archive.getinfo(name).external_attr >> 16) == 0o755
        assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")
        subprocess.run(["bash", "-n"], input=archive.read(name), check=True, timeout=30)
    within = {name.removeprefix("course/") for name in archive.namelist() if name.startswith("course/")}
    assert {"course.yml", "solutions/01_line.py", "tests/exercises/02_double/mutants.yml"} <= within
    assert {"exercises/01_line/test_line.py", "tests/exercises/01_line/test_line_hidden.py"} <= within


def test_at_autograder_in_a_mount_namespace_a_late_pair_gets_points_less_the_penalty(
    packed: Path, tmp_path: Path
) -> None:
    if not containers.can_have_namespaces():
        pytest.skip("NOT TRIED: no mount namespace may be made here; run the tests as root to try /autograder itself")
    root = containers.lay_out(packed, tmp_path / "autograder")
    home = containers.set_up(root, tmp_path / "home", Path("/opt/autograder"))
    hand_in(root, BOTH)
    users = [{"email": "a@example.org", "id": 1, "name": "Ada Lovelace"}, {"email": "b@x.org", "id": 2, "name": "Bo"}]
    containers.tell(root, "2027-01-24T02:00:00.000000-08:00", users=users)
    results = containers.run_in_namespace(root, home)
    the_rules_of_the_specification(results, scored=True)
    assert results["score"] == pytest.approx(7 * 0.8), results["printed"]
    assert "Handed in late, 2 days begun after 2027-01-22 23:59 UTC: 1.4 points less." in results["output"]
    assert "Final mark: 5.6 of 7 points" in results["output"]
    extra = results["extra_data"]
    assert (extra["students"], extra["days_late"], extra["lockdown"]) == (["Ada Lovelace", "Bo"], 2, "basic")
    assert sum(test["score"] for test in results["tests"]) == 7
    assert "worth 6 points here, 7 in course.yml; not scaled" in results["printed"]
    assert not Path("/autograder").exists(), "it was there in the namespace only"


def test_an_extension_that_gradescope_grants_counts(root: Path, home: Path) -> None:
    hand_in(root, BOTH)
    extended = {"name": "Ada", "assignment": {"due_date": "2027-01-25T23:59:00.000000+00:00"}}
    containers.tell(root, "2027-01-24T10:00:00.000000+00:00", users=[{"name": "Bo"}, extended])
    results = containers.run(root, home)
    assert (results["score"], results["extra_data"]["days_late"]) == (7, 0)
    assert "late" not in results["output"]


@pytest.mark.parametrize(
    ("files", "score", "said"),
    [
        ({}, 0, "To hand in, and not there or not read: line.py, double.py."),
        ({"line.py": "def line(x)\n"}, 0, "SyntaxError"),
        pytest.param({**BOTH, "line.py": "def line(x):\n    while True: pass\n"}, 3, "CPU", marks=pytest.mark.slow),
        ({**BOTH, "notes.ipynb": "{}"}, 7, "7 of 7"),
        ({"line.ipynb": "{}"}, 0, "It counts 0 until you hand in again."),
        ({**BOTH, "line.py": ENDS.format(139)}, 3, "ended twice"),
    ],
    ids=["nothing", "broken", "endless", "a stray notebook", "unread", "ends the judge"],
)
def test_whatever_is_handed_in_has_a_score_and_is_told(
    root: Path, home: Path, files: dict[str, str], score: float, said: str
) -> None:
    hand_in(root, files)
    results = containers.run(root, home)
    the_rules_of_the_specification(results, scored=True)
    assert results["score"] == score, results["printed"]
    assert said in results["output"] + "".join(test["output"] for test in results["tests"])


def test_a_judge_that_is_killed_again_and_again_gives_no_score_and_says_whose_turn_it_is(
    root: Path, home: Path
) -> None:
    hand_in(root, {**BOTH, "line.py": ENDS.format(9)})
    results = containers.run(root, home)
    the_rules_of_the_specification(results, scored=False)
    assert "for no reason that you can mend: 01_line." in results["output"]
    assert "nothing to hand in again" in results["output"]
    assert any(test["name"].startswith("02_double") for test in results["tests"]), "what was graded is told"
    assert "SIGKILL" in results["printed"]


def test_a_run_that_takes_too_long_and_one_without_a_grader_say_so(root: Path, home: Path, tmp_path: Path) -> None:
    hand_in(root, {**BOTH, "line.py": "def line(x):\n    while True: pass\n"})
    results = containers.run(root, home, AUTOGRADER_SECONDS="1")
    the_rules_of_the_specification(results, scored=False)
    assert "not graded within 1 seconds" in results["printed"]
    results = containers.run(root, tmp_path / "no-home")
    the_rules_of_the_specification(results, scored=False)
    assert "The grader did not come to an end" in results["output"]


def test_a_machine_that_cannot_lock_down_gives_no_score(root: Path, home: Path) -> None:
    """A level that this course does not name stands for one that the machine lacks: both are the course's fault."""
    hand_in(root, BOTH)
    told = root / "source" / "course" / "course.yml"
    told.write_text(told.read_text().replace("level: basic", "level: strictest"))
    results = containers.run(root, home)
    the_rules_of_the_specification(results, scored=False)
    assert "strictest" in results["printed"]
    assert "strictest" not in json.dumps({**results, "printed": ""})


@pytest.mark.slow
def test_after_so_many_attempts_no_counterexample_is_shown(root: Path, home: Path) -> None:
    hand_in(root, {"line.py": lines.SOURCES["triple"][0]})
    shown = "".join(test["output"] for test in containers.run(root, home)["tests"])
    containers.tell(root, previous_submissions=[{"submission_time": containers.DUE, "score": 0.0, "results": {}}] * 2)
    third = "".join(test["output"] for test in containers.run(root, home)["tests"])
    assert "Call:" in shown
    assert "this is version 3 of the module, the course shows it for 2" in third


def test_without_a_token_no_counterexample_is_shown_there_either(tmp_path: Path) -> None:
    """Attempts at which the grader itself failed took none."""
    course = lines.make_course(tmp_path / "course")
    text = (course.root / "course.yml").read_text()
    (course.root / "course.yml").write_text(text.replace("seed: 7", "seed: 7, tokens: {most: 1, refill_hours: 2}"))
    root = tmp_path / "autograder"
    (root / "submission").mkdir(parents=True)
    hand_in(root, {"line.py": lines.SOURCES["triple"][0]})
    earlier = {"submission_time": "2027-01-22T19:30:00+00:00", "score": 0.0, "results": {}}
    outputs = []
    for more in ({}, {"autograder_error": True}):
        containers.tell(root, previous_submissions=[earlier | more])
        assert grade_submission(Course.load(course.root), "only", root, 60) == 0
        results = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
        assert results["score"] == 1.0
        outputs.append("".join(test["output"] for test in results["tests"]))
    assert "hand in again from 2027-01-22 21:30 UTC on" in outputs[0]
    assert "Call:" not in outputs[0]
    assert "Call:" in outputs[1]


@pytest.mark.parametrize(
    "text", ["", "[]", '{"created_at": "2027-01-22"}', '{"assignment": null, "users": []}', "{" * 9]
)
def test_metadata_of_another_form_is_the_graders_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "submission_metadata.json").write_text(text)
    with pytest.raises(GraderError, match="not as Gradescope documents it"):
        read_metadata(tmp_path / "submission_metadata.json")


def test_only_a_zip_is_written(tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--course", str(course.root), "release", "why-hard", "--gradescope", str(tmp_path / "up")]) == 2
    assert "ends in .zip" in capsys.readouterr().err
