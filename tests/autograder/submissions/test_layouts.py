"""What learning platforms give: each layout as a folder and as a zip, from made-up names, with the marks by name.

Zara's work is right (3 points), Émile's rises by 3 (1 point), Bo handed in a notebook (no points, and a person looks).
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import line_course as lines
import pytest

from autograder.submissions.layouts import owner_of
from autograder.submissions.submission import find_submissions, read_entry

RIGHT, TRIPLE = (lines.SOURCES[name][0] for name in ("right", "triple"))
OLD = "def line(x):\n    return 0 * x\n"
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
GRADESCOPE = """\
---
submission_11:
  :submitters:
  - :name: Zara Quinn
    :sid: '4401'
    :email: zara@uni.example
  - :name: Émile Roy
    :sid: '4402'
  :created_at: 2027-01-20 10:00:00 Z
submission_12:
  :submitters:
  - :name: Bo Li
    :sid: '4403'
"""
#: Files by their paths, and what each student gets; None: not graded, a person looks.
LAYOUTS: dict[str, tuple[dict[str, str], dict[str, float | None]]] = {
    "moodle": (
        {
            "Zara Quinn_101_assignsubmission_file_/only.zip:line.py": RIGHT,
            "Émile Roy_102_assignsubmission_file_/line.py": TRIPLE,
            "Émile Roy_102_assignsubmission_onlinetext_/onlinetext.html": "<p>hello</p>",
            "Bo Li_103_assignsubmission_file_/line.ipynb": NOTEBOOK,
        },
        {"Zara Quinn": 3, "Émile Roy": 1, "Bo Li": None},
    ),
    "moodle, flat": (
        {
            "Zara Quinn_101_assignsubmission_file_line.py": RIGHT,
            "Émile Roy_102_assignsubmission_file_01_line (1).py": TRIPLE,
            "Bo Li_103_assignsubmission_file_line.ipynb": NOTEBOOK,
        },
        {"Zara Quinn": 3, "Émile Roy": 1, "Bo Li": None},
    ),
    "canvas": (
        {
            "quinnzara_5501_77001_line-1.py": RIGHT,
            "royemile_LATE_5502_77002_only.zip:exercises/01_line/line.py": TRIPLE,
            "libo_5503_77003_line.ipynb": NOTEBOOK,
        },
        {"quinnzara": 3, "royemile": 1, "libo": None},
    ),
    "blackboard": (
        {
            "Lines_zquinn_attempt_2027-01-20-09-00-00_line.py": OLD,
            "Lines_zquinn_attempt_2027-01-20-09-00-00.txt": "Name: Zara Quinn (zquinn)",
            "Lines_zquinn_attempt_2027-01-20-10-00-00_line.py": RIGHT,
            "Lines_eroy_attempt_2027-01-20-10-00-01_line.py": TRIPLE,
            "Lines_bli_attempt_2027-01-20-10-00-02_line.docx": "PK",
        },
        {"zquinn": 3, "eroy": 1, "bli": None},
    ),
    "brightspace": (
        {
            "9001-31 - Zara Quinn - Jan 20, 2027 900 AM/line.py": OLD,
            "9001-31 - Zara Quinn - Jan 20, 2027 1000 PM/line.py": RIGHT,
            "9002-31 - Émile Roy - Jan 20, 2027 1000 AM/line.py": TRIPLE,
            "9003-31 - Bo Li - Jan 20, 2027 1000 AM/line.pdf": "%PDF",
            "index.html": "<html></html>",
        },
        {"Zara Quinn": 3, "Émile Roy": 1, "Bo Li": None},
    ),
    "teams": (
        {
            "Submitted files/Zara Quinn/Lines/Version 9/line.py": OLD,
            "Submitted files/Zara Quinn/Lines/Version 10/line.py": RIGHT,
            "Submitted files/Émile Roy/Lines/Version 1/line.py": TRIPLE,
            "Submitted files/Bo Li/Lines/Version 1/line.ipynb": NOTEBOOK,
        },
        {"Zara Quinn": 3, "Émile Roy": 1, "Bo Li": None},
    ),
    "gradescope": (
        {
            "submission_metadata.yml": GRADESCOPE,
            "submission_11/line.py": RIGHT,
            "submission_12/line.ipynb": NOTEBOOK,
        },
        {"Zara Quinn": 3, "Émile Roy": 3, "Bo Li": None},
    ),
    "two of one name": (
        {
            "Zara Quinn_101_assignsubmission_file_/line.py": RIGHT,
            "Zara Quinn_102_assignsubmission_file_/line.py": TRIPLE,
        },
        {"Zara Quinn (101)": 3, "Zara Quinn (102)": 1},
    ),
}


def laid_out(to: Path, files: Mapping[str, str]) -> Path:
    """The files in a folder; `a.zip:b` is the member b of a.zip."""
    for name, text in files.items():
        place, _, member = name.partition(":")
        (to / place).parent.mkdir(parents=True, exist_ok=True)
        if member:
            with zipfile.ZipFile(to / place, "a") as archive:
                archive.writestr(member, text)
        else:
            (to / place).write_text(text, encoding="utf-8")
    return to


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    lines.make_course(folder)
    return folder


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("layout", [*LAYOUTS])
def test_what_a_platform_gives_is_graded_by_name(tmp_path: Path, course: Path, layout: str, form: str) -> None:
    files, marks = LAYOUTS[layout]
    path = laid_out(tmp_path / "class", files)
    if form == "zip":
        path = Path(shutil.make_archive(str(tmp_path / "class"), "zip", path))
    done = lines.run(course, "grade", path, "--assignment", "only", "--out", tmp_path / "out", "--workers", 1)
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] == "line"]
    found = {row["student"]: float(row["points"]) if row["points"] else None for row in rows}
    assert found == marks, done.stderr
    assert {row["outcome"] for row in rows if not row["points"]} <= {"error"}
    assert done.returncode == int(None in marks.values())
    for student in (name for name, points in marks.items() if points is None):
        assert f"not graded: {student}: " in done.stderr


def test_older_attempts_are_named(tmp_path: Path) -> None:
    files, _ = LAYOUTS["blackboard"]
    listing = find_submissions(laid_out(tmp_path, files), ["line"])
    zara = next(entry for entry in listing.entries if entry.student == "zquinn")
    (note,) = read_entry(zara, ["line"]).problems
    assert "newer attempt or a file: Lines_zquinn_attempt_2027-01-20-09-00-00_line.py" in note


@pytest.mark.parametrize(
    ("form", "mine", "hers"),
    [
        ("Lines_{}_attempt_2027-01-20-10-00-00_{}", "mallory", "zquinn"),
        ("{}_5501_77001_{}", "mallorymae", "quinnzara"),
        ("1-31 - {} - Jan 20, 2027 1000 AM - {}", "Mallory", "Zara"),
        ("{}_101_assignsubmission_file_{}", "Mallory", "Zara"),
    ],
    ids="blackboard canvas brightspace moodle".split(),
)
@pytest.mark.parametrize(
    "end",
    [
        "x_{}_attempt_2037-01-01-00-00-00_line.py",
        "x_{}_attempt_2037-01-01-00-00-00.txt",
        "x_{}_assignsubmission_file_line.py",
        "x_5501_assignsubmission_file_line.py",
        "1-31 - {} - Jan 20, 2037 1000 AM - line.py",
        "{}_5501_77002_line.py",
    ],
)
def test_no_name_of_a_students_file_makes_it_anothers(
    tmp_path: Path, form: str, mine: str, hers: str, end: str
) -> None:
    """What one platform writes in front another one would read behind it, as of the student who is named there."""
    theirs = [form.format(hers, "line.py"), form.format(mine, end.format(hers))]
    listing = find_submissions(laid_out(tmp_path, dict(zip(theirs, (RIGHT, OLD), strict=True))), ["line"], "class")
    found = {entry.student: read_entry(entry, ["line"]) for entry in listing.entries}
    assert {*found} - {mine} == {hers}
    assert (found[hers].modules, found[hers].problems) == ({"line": RIGHT.encode()}, ())


def test_repositories_of_a_class_are_named_by_login(tmp_path: Path) -> None:
    for login in ("zara-q", "eroy", "bo"):
        laid_out(tmp_path / f"lines-2027-{login}", {"line.py": RIGHT, ".git/HEAD": "x"})
    listing = find_submissions(tmp_path, ["line"])
    assert [entry.student for entry in listing.entries] == ["bo", "eroy", "zara-q"]


def test_loose_work_that_is_nobodys_is_told_and_is_no_success(tmp_path: Path, course: Path) -> None:
    files, _ = LAYOUTS["moodle"]
    path = laid_out(tmp_path / "class", {**files, "my work.py": RIGHT, "notes.txt": "hello"})
    done = lines.run(course, "grade", path, "--assignment", "only", "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode == 1
    assert "not graded: my work.py: neither a folder nor a zip" in done.stderr
    assert "not graded: notes.txt" not in done.stderr


@pytest.mark.parametrize(
    ("metadata", "said"),
    [("- 1\n", "not as Gradescope writes it"), (":\n\t- x", "not as Gradescope writes it"), ("&a [*a]", "not as")],
)
def test_a_list_of_gradescope_that_cannot_be_read_is_told(
    tmp_path: Path, course: Path, metadata: str, said: str
) -> None:
    path = laid_out(tmp_path / "class", {"submission_metadata.yml": metadata, "submission_1/line.py": RIGHT})
    done = lines.run(course, "grade", path, "--assignment", "only", "--out", tmp_path / "out", "--workers", 1)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("name", ["jane", "jane_doe", "lab_2_final", "05_noisy_sample", "submission_12", "a-b - c"])
def test_ordinary_names_are_no_platforms(name: str) -> None:
    assert owner_of(name, True) is None
    assert owner_of(f"{name}.zip", False) is None


def test_who_is_late_as_canvas_says_and_not_by_the_roster_is_told(tmp_path: Path, course: Path) -> None:
    settings = course / "course.yml"
    before = settings.read_text(encoding="utf-8")
    settings.write_text(before.replace("assignments:", "late: {penalty_per_day: 0.1}\nassignments:"), encoding="utf-8")
    names = ("royemile_LATE_5502_77002", "quinnzara_LATE_5501_77001", "libo_5503_77003")
    handed = laid_out(tmp_path / "class", {f"{name}_line.py": RIGHT for name in names})
    sheet = tmp_path / "roster.csv"

    def told(roster: str) -> str:
        sheet.write_text(roster, encoding="utf-8")
        given = ("--assignment", "only", "--roster", sheet, "--out", tmp_path / "out")
        done = lines.run(course, "grade", handed, "--workers", 1, *given)
        assert done.returncode == 0, done.stderr
        return " ".join(done.stdout.split())

    both = "late, as the platform says, and not by the roster: Zara Quinn, Émile Roy."
    assert both in told("student,id\nZara Quinn,5501\nÉmile Roy,5502\nBo Li,5503\n")
    times = "student,id,submitted\nZara Quinn,5501,{}\nÉmile Roy,5502,2027-01-23T10:00Z\nBo Li,5503,\n"
    assert "not by the roster: Zara Quinn. Look" in told(times.format("2027-01-22T10:00Z"))
    assert "as the platform says" not in told(times.format("2027-01-23T10:00Z"))
    settings.write_text(before, encoding="utf-8")
