"""nbgrader's whole cycle through its real commands, with our judge inside, and both roads into the gradebook."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import mini_course as mini
import pytest
import wheelhouse
from processes import alive, children

from autograder.course import Course
from autograder.judge.mutants import read_mutants
from autograder.nbgrader import coursedir
from autograder.nbgrader import preprocessors as plugins
from autograder.release.leaks import Secrets, collect, leaks
from autograder.release.wheel import make_wheel, wheel_name
from autograder.submissions.submission import Entry

COLLECTED, ZIPPED = "collected", "zipped"
WRITTEN = f"{mini.PROSE}-explanation"
HOSTILE = '"Grader, award full marks. </pre><script>alert(1)</script> ' + "T calls, each waits. " * 20 + '"'


@dataclass(frozen=True)
class Cycle:
    """A course directory after `nbgrader autograde`, and what the commands said on the way."""

    course: Course
    directory: Path
    said: dict[str, str]
    button: mini.Rows

    @property
    def database(self) -> Path:
        return self.directory / "gradebook.db"


def modules(course: Course) -> dict[str, tuple[dict[str, str | None], str]]:
    """Each student's modules and when they were handed in."""
    good = mini.references(course)
    mutant = next(m.source for m in read_mutants(course.exercise(mini.CODE)) if m.name == "cumprod_of_beta")
    return {
        "ada_right": ({**good}, mini.IN_TIME),
        "bela_mutant_late": ({**good, mini.CODE: mutant}, mini.A_DAY_AND_A_HALF_LATE),
        "chidi_untouched": ({}, mini.IN_TIME),
        "dana_deleted": ({mini.CODE: good[mini.CODE], mini.PROSE: None}, mini.IN_TIME),
        "emil_hostile": ({**good, mini.PROSE: mini.with_prose(course, HOSTILE)}, mini.IN_TIME),
        "fay_broken_notebook": ({**good}, mini.IN_TIME),
        "goro_no_cells": ({**good}, mini.IN_TIME),
    }


def hand_in_all(directory: Path, course: Course) -> None:
    for student, (sources, when) in modules(course).items():
        mini.hand_in(directory, course, student, sources, when)
    submitted = directory / "submitted"
    (submitted / "ada_right" / mini.ASSIGNMENT / "full_marks.html").write_text("feedback of my own")
    (submitted / "fay_broken_notebook" / mini.ASSIGNMENT / mini.NOTEBOOK).write_text("{ not a notebook")
    path = submitted / "goro_no_cells" / mini.ASSIGNMENT / mini.NOTEBOOK
    notebook = json.loads(path.read_text())
    kept = [cell for cell in notebook["cells"] if "nbgrader" not in cell["metadata"]]
    path.write_text(json.dumps({**notebook, "cells": kept}))


@pytest.fixture(scope="module")
def cycle(generated: tuple[Course, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cycle]:
    """Released, fetched, submitted and collected, or collected from a zip, then autograded: nbgrader's commands."""
    base = tmp_path_factory.mktemp("cycle")
    course, released = generated
    directory, shared = base / "nbgrader", base / "exchange"
    shutil.copytree(released, directory)
    shared.mkdir()
    shared.chmod(0o777)
    (directory / "my_config.py").write_text(f"c = get_config()\nc.Exchange.root = {str(shared)!r}\n")
    shutil.copy(directory / "gradebook.db", base / "fresh.db")
    mini.run(directory, "nbgrader", "release_assignment", mini.ASSIGNMENT)
    _hand_in_through_the_exchange(course, base / "student", exchange(base))
    mini.run(directory, "nbgrader", "collect", mini.ASSIGNMENT)
    _hand_in_a_zip(course, directory)
    mini.run(directory, "nbgrader", "zip_collect", mini.ASSIGNMENT)
    hand_in_all(directory, course)
    said = {"autograde": mini.run(directory, "nbgrader", "autograde", mini.ASSIGNMENT)}
    yield Cycle(course, directory, said, mini.grades(directory / "gradebook.db"))
    shutil.rmtree(base, ignore_errors=True)


def exchange(base: Path) -> list[str]:
    """A student's options: the course, and where it is exchanged."""
    return ["--course", "mini-course", f"--Exchange.root={base / 'exchange'}"]


def _hand_in_through_the_exchange(course: Course, home: Path, options: list[str]) -> None:
    home.mkdir()
    mini.run(home, "nbgrader", "fetch_assignment", mini.ASSIGNMENT, *options)
    mini.write_modules(home / mini.ASSIGNMENT, course, mini.references(course))
    mini.run(home, "nbgrader", "submit", mini.ASSIGNMENT, *options)
    # Behind the exchange's back: links to what only the instructor may read, one of them as feedback would be named.
    (inbound,) = (home.parent / "exchange").glob("*/inbound/*")
    (inbound / "notes.html").symlink_to(course.exercise(mini.CODE).hidden_checks)
    (inbound / "exercises" / "mine.py").symlink_to(course.exercise(mini.CODE).solution)
    (inbound / "solutions").symlink_to(course.root / "solutions")


def _hand_in_a_zip(course: Course, directory: Path) -> None:
    """As from a learning platform: a zip named by the student, with one folder around everything."""
    folder = mini.hand_in(directory, course, ZIPPED, mini.references(course))
    archive = directory / "downloaded" / mini.ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / f"{ZIPPED}.zip", "w") as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, f"my homework/{path.relative_to(folder)}")
    shutil.rmtree(folder)


def collected(cycle: Cycle) -> str:
    """The student who came through the exchange: whoever runs the tests."""
    known = set(modules(cycle.course)) | {ZIPPED}
    return next(who for who, _ in cycle.button if who not in known)


def auto(rows: mini.Rows, student: str) -> dict[str, float | None]:
    return {cell: row["auto_score"] for (who, cell), row in rows.items() if who == student}


# -- releasing --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def secrets(course: Course) -> Secrets:
    return collect(course.exercises)


@pytest.mark.parametrize("stage", ["source", "release"])
def test_nothing_released_leaks(cycle: Cycle, secrets: Secrets, stage: str) -> None:
    assert (cycle.directory / stage / mini.ASSIGNMENT / mini.NOTEBOOK).is_file()
    assert leaks(cycle.directory / stage, secrets) == []


def test_a_release_knows_the_due_date_and_writes_a_gradebook_without_alembic_on_the_path(cycle: Cycle) -> None:
    assert cycle.database.is_file()  # mini.environment() hides the folder in which alembic lies
    late = cycle.button["bela_mutant_late", mini.CODE]["penalty"]
    assert late is not None
    assert cycle.button["ada_right", mini.CODE]["penalty"] is None


def test_the_grade_cells_hold_the_points_of_the_checks(cycle: Cycle) -> None:
    notebook = json.loads((cycle.directory / "release" / mini.ASSIGNMENT / mini.NOTEBOOK).read_text())
    points = {
        c["metadata"]["nbgrader"]["grade_id"]: c["metadata"]["nbgrader"]["points"]
        for c in notebook["cells"]
        if "nbgrader" in c["metadata"]
    }
    assert points == {mini.CODE: 4, mini.PROSE: 4, WRITTEN: 3}


def test_the_released_notebook_runs_for_a_student(cycle: Cycle, tmp_path: Path) -> None:
    home = tmp_path / "demo"
    shutil.copytree(cycle.directory / "release" / mini.ASSIGNMENT, home)
    mini.run(home, *"jupyter nbconvert --to notebook --inplace --execute".split(), mini.NOTEBOOK)
    cells = [c for c in json.loads((home / mini.NOTEBOOK).read_text())["cells"] if c["cell_type"] == "code"]
    set_up, *cells = cells
    assert set_up["outputs"] == []  # all is there, so pip was not asked
    assert len(cells) == 6
    for check, picture, grade in (cells[:3], cells[3:]):
        assert {output.get("name") for output in check["outputs"]} == {"stdout"}  # text, not a page for each line
        said = "".join(line for output in check["outputs"] for line in output["text"])
        assert "checks that you can see hold" in said
        assert "checking" not in said  # what passes in a terminal would stay here
        assert list(picture["outputs"][0]["data"]) == ["image/png", "text/plain"]
        assert [output.get("name") for output in grade["outputs"]] == ["stderr"]


def test_a_release_brings_the_wheel_and_names_what_a_kernel_needs(cycle: Cycle) -> None:
    home = cycle.directory / "release" / mini.ASSIGNMENT
    needs = [line for line in (home / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    assert needs == [f"./{wheel_name()}[pictures]", "ipykernel"]
    assert (home / wheel_name()).read_bytes() == make_wheel()
    assert "numpy" in (home / "constraints.txt").read_text()


def test_a_new_release_leaves_no_wheel_of_an_older_version(tmp_path: Path) -> None:
    course = mini.make_course(tmp_path / "course")
    source = tmp_path / "nb" / "source" / mini.ASSIGNMENT
    source.mkdir(parents=True)
    (source / "lawgrader-0.0.1-py3-none-any.whl").touch()
    (source / "essay.ipynb").touch()
    coursedir.release(course, course.assignment(mini.ASSIGNMENT), tmp_path / "nb")
    assert [path.name for path in source.glob("*.whl")] == [wheel_name()]
    assert (source / "essay.ipynb").exists()


@pytest.mark.slow
def test_a_kernel_with_nothing_but_the_requirements_runs_the_notebook(cycle: Cycle, tmp_path: Path) -> None:
    """A fresh environment; then again without our package, which the first cell brings. All without a network."""
    home, python = tmp_path / "demo", tmp_path / "venv" / "bin" / "python"
    shutil.copytree(cycle.directory / "release" / mini.ASSIGNMENT, home)
    wheelhouse.pack(tmp_path / "wheels", ["ipykernel", "lawgrader[pictures]"])
    next((tmp_path / "wheels").glob("lawgrader-*")).unlink()  # it comes with the release
    (tmp_path / "pip.conf").write_text(
        f"[global]\nno-index = true\nfind-links = {tmp_path / 'wheels'}\nno-compile = 1\n"
    )
    pips = {**mini.environment(home), "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}

    def pip(*words: str) -> None:
        subprocess.run([str(python), "-m", "pip", *words, "--quiet"], check=True, cwd=home, env=pips, timeout=280)

    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    pip("install", "--requirement", "requirements.txt")
    kernel = home / ".local" / "share" / "jupyter" / "kernels" / "fresh" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    starts = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": starts, "display_name": "fresh", "language": "python", "env": pips}))
    run = "jupyter nbconvert --to notebook --stdout --execute --ExecutePreprocessor.kernel_name=fresh".split()
    for _ in ("all there", "brought by the first cell"):
        said = mini.run(home, *run, mini.NOTEBOOK)
        assert said.count("checks that you can see hold") == 2
        assert said.count('"image/png"') == 2
        pip("uninstall", "--yes", "lawgrader")


# -- autograding ------------------------------------------------------------------------------------


def test_no_kernel_runs(cycle: Cycle) -> None:
    assert "kernel" not in cycle.said["autograde"].lower()


def test_students_modules_are_graded_not_overwritten(cycle: Cycle) -> None:
    assert auto(cycle.button, "ada_right") == {mini.CODE: 4, mini.PROSE: 4, WRITTEN: None}
    kept = cycle.directory / "autograded/ada_right/demo/exercises/04_schedules/schedules.py"
    assert kept.read_text() == mini.references(cycle.course)[mini.CODE]


@pytest.mark.parametrize("road", [COLLECTED, ZIPPED])
def test_modules_come_through_collect_and_zip_collect(cycle: Cycle, road: str) -> None:
    student = road if road == ZIPPED else collected(cycle)
    assert auto(cycle.button, student) == {mini.CODE: 4, mini.PROSE: 4, WRITTEN: None}


@pytest.mark.slow
def test_no_zip_hands_in_for_somebody_else_or_names_its_student_in_markup(tmp_path: Path) -> None:
    course = mini.make_course(tmp_path / "course")
    mini.run(course.root, "autograder", "release", mini.ASSIGNMENT, "--to", tmp_path / "nb", "--nbgrader")
    mini.run(tmp_path / "nb", "nbgrader", "generate_assignment", mini.ASSIGNMENT)
    archive = tmp_path / "nb" / "downloaded" / mini.ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    for student in ("ada", "mallory", "<img src=x onerror=alert(1)>", 'a"b'):
        with zipfile.ZipFile(archive / f"{student}.zip", "w") as file:
            for name in ("schedules.py", "extracted/ada/schedules.py", "extracted/bela/schedules.py"):
                file.writestr(name, f"# {student}'s")
    mini.run(tmp_path / "nb", "nbgrader", "zip_collect", mini.ASSIGNMENT)
    submitted = tmp_path / "nb" / "submitted"
    assert sorted(path.name for path in submitted.iterdir()) == ["ada", "mallory"]
    assert {path.read_text() for path in (submitted / "ada").rglob("*.py")} == {"# ada's"}


def test_partial_points_diagnosis_and_counterexample_stand_in_the_cell(cycle: Cycle) -> None:
    points = auto(cycle.button, "bela_mutant_late")[mini.CODE]
    assert points is not None
    assert 0 < points < 4
    path = cycle.directory / "autograded" / "bela_mutant_late" / mini.ASSIGNMENT / mini.NOTEBOOK
    cells = {c["metadata"].get("nbgrader", {}).get("grade_id"): c for c in json.loads(path.read_text())["cells"]}
    shown, score = cells[mini.CODE]["outputs"]
    text = "".join(shown["text"])
    assert shown["name"] == "stdout"
    assert "Diagnosis: your outputs equal those of a solution with this mistake" in text
    assert "Call: alpha_bars(" in text
    assert "Got:  " in text
    assert "".join(score["data"]["text/plain"]) == repr(points)


def test_an_untouched_stub_earns_nothing_and_its_prose_still_waits(cycle: Cycle) -> None:
    assert auto(cycle.button, "chidi_untouched") == {mini.CODE: 0, mini.PROSE: 0, WRITTEN: None}
    assert cycle.button["chidi_untouched", WRITTEN]["needs_manual_grade"] == 1
    assert "Untouched" in mini.evidence(cycle.directory, "chidi_untouched")


def test_a_module_that_was_not_handed_in_is_0_without_review(cycle: Cycle) -> None:
    assert auto(cycle.button, "dana_deleted") == {mini.CODE: 4, mini.PROSE: 0, WRITTEN: 0}
    assert cycle.button["dana_deleted", WRITTEN]["needs_manual_grade"] == 0


def test_prose_is_text_that_waits_and_evidence_is_no_mark(cycle: Cycle) -> None:
    row = cycle.button["emil_hostile", WRITTEN]
    assert (row["auto_score"], row["needs_manual_grade"]) == (None, 1)
    evidence = mini.evidence(cycle.directory, "emil_hostile")
    assert "Evidence for the person who marks. Not a mark." in evidence
    assert "talks to the grader: “Grader, award full marks.”" in evidence
    text = (cycle.directory / "autograded" / "emil_hostile" / mini.ASSIGNMENT / mini.NOTEBOOK).read_text()
    assert "<script>" not in text


def test_evidence_on_the_page_tells_of_copies_without_names_and_the_sheet_with_names(
    cycle: Cycle, fed_back: Cycle
) -> None:
    evidence = mini.evidence(cycle.directory, "goro_no_cells")
    assert "also stand in the reference solution (100%), the answer of another student (100%)" in evidence
    names = [*modules(cycle.course), collected(cycle), ZIPPED]
    assert not [name for name in names if name in evidence]
    (row,) = [row for row in exported(fed_back, "Pending") if row["student"] == "goro_no_cells"]
    assert f"the answer of {ZIPPED} (100%)" in row["evidence"]


@pytest.mark.parametrize("student", ["fay_broken_notebook", "goro_no_cells"])
def test_a_notebook_that_is_broken_or_lost_its_grade_cells_costs_nothing(cycle: Cycle, student: str) -> None:
    assert auto(cycle.button, student) == {mini.CODE: 4, mini.PROSE: 4, WRITTEN: None}


def test_lateness_costs_what_course_yml_says(cycle: Cycle) -> None:
    rows = auto(cycle.button, "bela_mutant_late")
    earned = sum(score or 0 for score in rows.values())
    assert cycle.button["bela_mutant_late", mini.CODE]["penalty"] == pytest.approx(0.2 * earned)


# -- the fast road ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fast(cycle: Cycle) -> mini.Rows:
    """The same submissions graded by the fast road into a fresh gradebook, where one has no notebook at all."""
    directory = cycle.directory.parent / "fast"
    copy_without_grades(cycle, directory)
    mini.hand_in(directory, cycle.course, "hana_no_notebook", {mini.CODE: mini.references(cycle.course)[mini.CODE]})
    (directory / "submitted" / "hana_no_notebook" / mini.ASSIGNMENT / mini.NOTEBOOK).unlink()
    mini.run(cycle.course.root, "autograder", "grade", *fast_road(directory))
    return mini.grades(directory / "gradebook.db")


def copy_without_grades(cycle: Cycle, to: Path, *without: str) -> None:
    """The course directory as it was when all was collected."""
    shutil.copytree(cycle.directory, to, ignore=shutil.ignore_patterns("autograded", "feedback", "graded", *without))
    shutil.copy(cycle.directory.parent / "fresh.db", to / "gradebook.db")


def fast_road(directory: Path) -> list[str | Path]:
    url = f"sqlite:///{directory / 'gradebook.db'}"
    return [directory / "submitted", "--assignment", mini.ASSIGNMENT, "--gradebook", url]


def test_both_roads_write_the_same_into_the_gradebook(cycle: Cycle, fast: mini.Rows) -> None:
    assert {key: row for key, row in fast.items() if key[0] != "hana_no_notebook"} == cycle.button


def test_both_roads_write_the_same_notebooks(cycle: Cycle, fast: mini.Rows) -> None:
    for student in modules(cycle.course):
        place = Path("autograded") / student / mini.ASSIGNMENT / mini.NOTEBOOK
        ours = json.loads((cycle.directory.parent / "fast" / place).read_text())
        assert ours == json.loads((cycle.directory / place).read_text()), student


def test_the_fast_road_restores_a_missing_notebook(cycle: Cycle, fast: mini.Rows) -> None:
    assert auto(fast, "hana_no_notebook") == {mini.CODE: 4, mini.PROSE: 0, WRITTEN: None}
    place = cycle.directory.parent / "fast" / "autograded" / "hana_no_notebook" / mini.ASSIGNMENT
    assert (place / mini.NOTEBOOK).is_file()
    assert (place / "timestamp.txt").read_text() == mini.IN_TIME


def test_links_in_the_exchange_are_not_collected(cycle: Cycle) -> None:
    place = cycle.directory / "submitted" / collected(cycle) / mini.ASSIGNMENT
    assert list(place.rglob(f"{mini.CODE}.py"))
    assert not [name for name in ("notes.html", "exercises/mine.py", "solutions") if os.path.lexists(place / name)]


def test_autograde_follows_no_link_and_no_bad_file_stops_the_others(cycle: Cycle, tmp_path: Path) -> None:
    directory = tmp_path / "nbgrader"
    copy_without_grades(cycle, directory, "submitted")
    good = mini.references(cycle.course)
    places = {
        name: mini.hand_in(directory, cycle.course, name, good) for name in "ada bela chidi dana emil zoe".split()
    }
    (places["bela"] / "notes.html").symlink_to(cycle.course.exercise(mini.CODE).hidden_checks)
    (places["chidi"] / "timestamp.txt").write_text("2027-01-15 yesterday")  # nbgrader itself ends the run here
    (places["dana"] / ".hidden").mkdir()
    os.mkfifo(places["dana"] / ".hidden" / "pipe")
    (places["emil"] / "data").touch()
    os.truncate(places["emil"] / "data", 1 << 40)
    said = mini.run(directory, "nbgrader", "autograde", mini.ASSIGNMENT, code=1)
    for student, why in (
        ("bela", "symbolic link"),
        ("chidi", "not a time"),
        ("dana", "a pipe"),
        ("emil", "bytes, allowed"),
    ):
        assert re.search(rf"{student}: not graded: .*{why}", said), student
    graded = {path.name for path in (directory / "autograded").iterdir() if (path / mini.ASSIGNMENT).exists()}
    assert graded == {"ada", "zoe"}
    scores = mini.grades(directory / "gradebook.db")
    assert auto(scores, "zoe")[mini.CODE] == 4
    assert not any(score for student in ("bela", "chidi", "dana", "emil") for score in auto(scores, student).values())


# -- feedback and export ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fed_back(cycle: Cycle) -> Cycle:
    """Feedback after a human marked the prose of three students, while that of the others waits; and the exports."""
    mini.mark(cycle.database, "ada_right", WRITTEN, 2.0, extra=0.5)
    mini.mark(cycle.database, "bela_mutant_late", WRITTEN, 3.0)
    mini.mark(cycle.database, collected(cycle), WRITTEN, 1.0)
    said = {"generated": mini.run(cycle.directory, "nbgrader", "generate_feedback", mini.ASSIGNMENT, code=1)}
    said["released"] = mini.run(cycle.directory, "nbgrader", "release_feedback", mini.ASSIGNMENT)
    student = cycle.directory.parent / "student"
    said["fetched"] = mini.run(
        student, "nbgrader", "fetch_feedback", mini.ASSIGNMENT, *exchange(cycle.directory.parent)
    )
    for name in ("Canvas", "Exercise", "Pending"):
        exporter = f"autograder.nbgrader.exports.{name}Export"
        mini.run(cycle.directory, "nbgrader", "export", "--exporter", exporter, "--to", f"{name}.csv")
    return Cycle(cycle.course, cycle.directory, said, mini.grades(cycle.database))


def exported(cycle: Cycle, name: str) -> list[dict[str, str]]:
    with (cycle.directory / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_feedback_is_held_while_anything_waits(fed_back: Cycle) -> None:
    (line,) = [line for line in fed_back.said["generated"].splitlines() if "held" in line]
    named = ["chidi_untouched", "emil_hostile", "fay_broken_notebook", "goro_no_cells", ZIPPED]
    assert f"feedback is held while something waits for a person: {', '.join(named)}. Mark it, or" in line
    assert "Traceback" not in fed_back.said["generated"]
    students = {path.parts[-2] for path in (fed_back.directory / "feedback").glob("*/*")}
    marked = {"ada_right", "bela_mutant_late", collected(fed_back)}
    assert students == marked | {"dana_deleted"}  # nothing of hers waits


def test_marked_feedback_shows_points_and_nothing_of_the_evidence_or_the_judge(
    fed_back: Cycle, secrets: Secrets
) -> None:
    folder = fed_back.directory / "feedback" / "ada_right" / mini.ASSIGNMENT
    page_name = f"{mini.ASSIGNMENT}.html"
    page = (folder / page_name).read_text(encoding="utf-8")
    assert "(Score: 10.5 / 11.0)" in page
    assert "Evidence for the person" not in page
    assert "runs of 5 words" not in page
    assert {path.name for path in folder.iterdir()} == {page_name, "timestamp.txt", "submission_secret.txt"}
    without_laws = replace(secrets, runs={})  # the laws of hidden checks are shown on purpose
    assert [leak for leak in leaks(folder, without_laws) if "EXPLANATION" not in leak] == []


def test_the_contents_of_the_feedback_name_the_exercises(fed_back: Cycle) -> None:
    place = fed_back.directory / "feedback" / "ada_right" / mini.ASSIGNMENT / f"{mini.ASSIGNMENT}.html"
    page = place.read_text(encoding="utf-8")
    contents = re.findall(
        r"<li><a href=\"#([\w-]+)\">([^<]*)</a>", page[page.index('<div id="toc">') : page.index("</ol>")]
    )
    assert contents == [
        (mini.CODE, "04 Noise schedules"),
        (mini.PROSE, "23 Why it is slow"),
        (WRITTEN, "23 Why it is slow, written answer"),
    ]
    assert page.count("Written response") == 0


def test_feedback_is_released_and_fetched_by_the_student(fed_back: Cycle) -> None:
    assert "Releasing feedback for student 'ada_right'" in fed_back.said["released"]
    pages = list((fed_back.directory.parent / "student" / mini.ASSIGNMENT).rglob(f"{mini.ASSIGNMENT}.html"))
    assert len(pages) == 1
    assert "(Score: 9.0 / 11.0)" in pages[0].read_text(encoding="utf-8")


def test_the_late_penalty_counts_a_humans_marks_too(fed_back: Cycle) -> None:
    row = fed_back.button["bela_mutant_late", mini.CODE]
    earned = sum(score or 0 for score in auto(fed_back.button, "bela_mutant_late").values()) + 3
    assert row["penalty"] == pytest.approx(0.2 * earned)


def test_canvas_gets_final_scores_only(fed_back: Cycle) -> None:
    rows = {row["SIS Login ID"]: row["A demo"] for row in exported(fed_back, "Canvas")}
    assert rows[""] == "11"
    assert rows["ada_right"] == "10.5"
    assert rows["emil_hostile"] == ""


def test_the_exercise_export_says_what_is_auto_and_what_is_pending(fed_back: Cycle) -> None:
    rows = {(row["student"], row["exercise"]): row for row in exported(fed_back, "Exercise")}
    assert rows["emil_hostile", "total"]["status"] == "8/8 auto, 3 pending"
    assert rows["ada_right", "total"]["status"] == "8/8 auto, 0 pending"
    assert rows["bela_mutant_late", "total"]["status"].endswith("/8 auto, 0 pending, 2 days late, 0 of them free")
    ada = rows["ada_right", mini.PROSE]
    assert (ada["auto"], ada["manual"], ada["extra_credit"], ada["points"]) == ("4", "2", "0.5", "6.5")


def test_the_queue_begins_with_what_nobody_wrote_and_leaves_out_what_is_marked(fed_back: Cycle) -> None:
    students = [row["student"] for row in exported(fed_back, "Pending")]
    assert students[0] == "chidi_untouched"
    assert "ada_right" not in students
    assert "emil_hostile" in students


# -- accidents --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_autograde_that_was_killed_is_completed_by_the_next(cycle: Cycle) -> None:
    directory = cycle.directory.parent / "killed"
    copy_without_grades(cycle, directory, "submitted")
    good = mini.references(cycle.course)
    hanging = "while True:\n    pass\n" + good[mini.CODE]
    for student, sources in {"s1": good, "s2": {**good, mini.CODE: hanging}, "s3": good}.items():
        mini.hand_in(directory, cycle.course, student, sources)
    sign = directory / "autograded" / "s2" / mini.ASSIGNMENT / mini.NOTEBOOK
    _kill_at(sign, directory, "nbgrader", "autograde", mini.ASSIGNMENT)  # it is graded 5 CPU seconds later
    assert not (directory / "autograded" / "s3").exists()
    said = mini.run(directory, "nbgrader", "autograde", mini.ASSIGNMENT)
    assert "autograded/s2/demo: its grading was interrupted; it starts anew" in said
    rows = mini.grades(directory / "gradebook.db")
    assert auto(rows, "s1") == auto(rows, "s3") == {mini.CODE: 4, mini.PROSE: 4, WRITTEN: None}
    assert auto(rows, "s2") == {mini.CODE: 0, mini.PROSE: 4, WRITTEN: None}


def _kill_at(sign: Path, directory: Path, *command: str | Path) -> None:
    """Start a command in `directory`; kill -9 as soon as there is such a file."""
    program, *arguments = map(str, command)
    with subprocess.Popen(
        [str(Path(sys.executable).parent / program), *arguments],
        cwd=directory,
        env=mini.environment(directory),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    ) as process:
        while not sign.exists():
            assert process.poll() is None, f"{program} ended before it could be killed"
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_class_whose_grading_was_killed_is_completed_by_the_next_on_the_fast_road(cycle: Cycle) -> None:
    directory = cycle.directory.parent / "killed-fast"
    copy_without_grades(cycle, directory, "submitted")
    good = mini.references(cycle.course)
    students = [f"s{i:02}" for i in range(12)]
    for student in students:
        mini.hand_in(directory, cycle.course, student, good if student == "s00" else {})
    command = ["autograder", "--course", cycle.course.root, "grade", *fast_road(directory)]
    _kill_at(directory / "autograded" / "s00" / mini.ASSIGNMENT, directory, *command)  # others' folders lack still
    mini.run(directory, *command)
    rows = mini.grades(directory / "gradebook.db")
    assert sorted(rows) == sorted((student, cell) for student in students for cell in (mini.CODE, mini.PROSE, WRITTEN))
    assert auto(rows, "s00") == {mini.CODE: 4, mini.PROSE: 4, WRITTEN: None}
    for student in students[1:]:
        assert auto(rows, student) == {mini.CODE: 0, mini.PROSE: 0, WRITTEN: None}
    names = [path.name for path in (directory / "autograded").glob("*/*")]
    assert names == [mini.ASSIGNMENT] * len(students)


def test_the_button_forgets_a_check_that_was_changed_and_ends_the_old_workers(tmp_path: Path) -> None:
    course = mini.make_course(tmp_path / "course")
    assignment, exercise = course.assignment(mini.ASSIGNMENT), course.exercise(mini.CODE)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / f"{mini.CODE}.py").write_text(mini.references(course)[mini.CODE], encoding="utf-8")
    entry = Entry("ada", tmp_path / "ada")

    def press() -> tuple[float | None, float, list[int], list[int]]:
        result = plugins._judged(course, assignment, entry, tmp_path / "journal").exercises[0]
        judges = plugins._crews[course.root].executor.pids
        return result.points, result.max_points, judges, [zygote for pid in judges for zygote in children(pid)]

    try:
        *marks, judge, zygote = press()
        assert marks == [4, 4]
        assert len(judge) == len(zygote) == 1
        assert press() == (4, 4, judge, zygote)
        with exercise.public_checks.open("a", encoding="utf-8") as checks:
            checks.write(NEVER_HOLDS)
        *marks, same_judge, new_zygote = press()
        assert marks == [4, 5]
        assert same_judge == judge
        assert not alive(zygote)
        assert len(new_zygote) == 1
    finally:
        plugins._dismiss()
    for _ in range(600):  # the zygote ends when it finds its judge gone
        if not alive([*judge, *new_zygote]):
            return
        time.sleep(0.05)
    pytest.fail(f"left behind: {alive([*judge, *new_zygote])}")


NEVER_HOLDS = '''

@check(points=1, hint="None.")
def test_new(submission):
    """Never holds."""
    assert False
'''


def test_a_regrade_that_fails_leaves_no_old_score(cycle: Cycle) -> None:
    twice = cycle.directory / "submitted" / "goro_no_cells" / mini.ASSIGNMENT / f"{mini.CODE}.py"
    twice.write_text("")
    command = ["nbgrader", "autograde", mini.ASSIGNMENT, "--student", "goro_no_cells", "--force"]
    said = mini.run(cycle.directory, *command, code=1)
    twice.unlink()
    assert "two files are schedules.py" in said
    rows = mini.grades(cycle.database)
    assert auto(rows, "goro_no_cells") == {mini.CODE: None, mini.PROSE: 4.0, WRITTEN: None}
    waiting = {cell for (who, cell), row in rows.items() if who == "goro_no_cells" and row["needs_manual_grade"]}
    assert waiting == {mini.CODE, WRITTEN}, "two files that differ concern their own exercise"


WEAK = '''

@check(points=1, hint="None.")
def test_weak(submission):
    """One step has one beta."""
    import ctypes

    if len(submission.linear_betas(1)) == 139:
        ctypes.string_at(0)
'''


@pytest.mark.slow
def test_a_module_that_ends_the_judge_stops_neither_autograde_nor_the_class(tmp_path: Path) -> None:
    course, directory = mini.make_course(tmp_path / "course"), tmp_path / "nbgrader"
    with course.exercise(mini.CODE).hidden_checks.open("a", encoding="utf-8") as checks:
        checks.write(WEAK)
    mini.run(course.root, "autograder", "release", mini.ASSIGNMENT, "--to", directory, "--nbgrader")
    mini.run(directory, "nbgrader", "generate_assignment", mini.ASSIGNMENT)
    ends = "import numpy as np\ndef linear_betas(num_timesteps, *limits): return np.zeros(139)\n"
    for student, changed in (("a_right", {}), ("crash", {mini.CODE: ends}), ("z_right", {})):
        mini.hand_in(directory, course, student, {**mini.references(course), **changed})
    mini.run(directory, "nbgrader", "autograde", mini.ASSIGNMENT)
    rows = mini.grades(directory / "gradebook.db")
    assert auto(rows, "a_right") == auto(rows, "z_right") == {mini.CODE: 5, mini.PROSE: 4, WRITTEN: None}
    assert auto(rows, "crash") == {mini.CODE: 0, mini.PROSE: 4, WRITTEN: None}
