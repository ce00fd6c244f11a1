"""`grade`, from its options to its files."""

import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import line_course as lines
import pytest

from autograder.cli import main
from autograder.reports.formats import EXTRA_FORMATS, FORMATS


@pytest.mark.parametrize("name", EXTRA_FORMATS)
def test_another_format_is_written_where_it_is_asked_for_and_goes_where_it_is_not(tmp_path: Path, name: str) -> None:
    course = lines.make_course(tmp_path / "course")
    for student in ("zoe", "eve"):
        (tmp_path / "class" / student).mkdir(parents=True)
    (tmp_path / "class" / "zoe" / "line.py").write_text(lines.SOURCES["triple"][0])
    (tmp_path / "class" / "eve.zip").write_bytes(b"PK no zip")
    (tmp_path / "class" / "eve").rmdir()
    grade = ["--course", str(course.root), "grade", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    written = {student: tmp_path / "out" / "students" / student for student in ("zoe", "eve")}
    assert main([*grade, "--format", name]) == 1, "eve was not graded"
    assert {path.name for path in written["zoe"].iterdir()} == {"feedback.html", "results.json", FORMATS[name].file}
    assert {path.name for path in written["eve"].iterdir()} == {"feedback.html", FORMATS[name].file}
    assert main(grade) == 1
    assert {path.name for path in written["zoe"].iterdir()} == {"feedback.html", "results.json"}


def test_junit_tells_what_failed_and_what_was_not_graded(tmp_path: Path) -> None:
    course = lines.make_course(tmp_path / "course")
    (tmp_path / "line.py").write_text(lines.SOURCES["triple"][0])
    grade = ["--course", str(course.root), "grade", str(tmp_path / "line.py"), "--out", str(tmp_path / "out")]
    assert main([*grade, "--no-pictures", "--format", "junit"]) == 0
    suites = ET.parse(tmp_path / "out" / "students" / "line" / "junit.xml").getroot()
    told = {suite.get("name"): (suite.get("tests"), suite.get("failures"), suite.get("errors")) for suite in suites}
    assert told == {"01_line": ("2", "1", "0"), "02_double": ("1", "1", "0")}


def test_what_an_earlier_grading_left_is_named_or_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    course = lines.make_course(tmp_path / "course")
    for student in ("zoe", "eve"):
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "line.py").write_text(lines.SOURCES["right"][0])
    roster = tmp_path / "roster.csv"
    roster.write_text("student,submitted\nzoe,2027-01-24T00:00+00:00\neve,\n")
    grade = ["--course", str(course.root), "grade", str(tmp_path / "class"), "--assignment", "only"]
    grade += ["--out", str(tmp_path / "out")]
    assert main([*grade, "--roster", str(roster)]) == 0
    assert (tmp_path / "out" / "late.csv").is_file()
    shutil.rmtree(tmp_path / "class" / "eve")
    capsys.readouterr()
    assert main(grade) == 0
    assert "of an earlier grading, and not renewed: students/eve. Remove them" in capsys.readouterr().out
    assert not (tmp_path / "out" / "late.csv").exists()


def test_an_out_within_the_class_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The next grading would take it for a student's folder."""
    course = lines.make_course(tmp_path / "course")
    (tmp_path / "class" / "zoe").mkdir(parents=True)
    (tmp_path / "class" / "zoe" / "line.py").write_text(lines.SOURCES["right"][0])
    grade = ["--course", str(course.root), "grade", str(tmp_path / "class")]
    assert main([*grade, "--out", str(tmp_path / "class" / "graded")]) == 2
    assert "lies in the class that is graded. Give a folder beside" in capsys.readouterr().err
    assert not (tmp_path / "class" / "graded").exists()
