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


def test_a_pair_a_dropout_an_extension_and_free_days_in_one_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    course = lines.make_course(tmp_path / "course")
    told = (course.root / "course.yml").read_text().replace("    title: Only", "    title: Only\n    groups: true")
    late = "late: {penalty_per_day: 0.5, max_days: 4, free_days: 1}\n"
    (course.root / "course.yml").write_text(told.replace("assignments:", f"{late}assignments:"))
    for student in ("Ada", "Cy", "Di"):
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "line.py").write_text(lines.SOURCES["right"][0])
    roster, more = tmp_path / "roster.csv", tmp_path / "more.csv"
    rows = "Ada,2027-01-24T23:59+00:00,red,\nBo,,red,\nCy,2027-01-24T23:59+00:00,,\nDi,,,dropped\n"
    roster.write_text(f"student,submitted,group,status\n{rows}")
    more.write_text("student,hours\nCy,48\n")
    grade = ["--course", str(course.root), "grade", str(tmp_path / "class"), "--assignment", "only"]
    grade += ["--roster", str(roster), "--out", str(tmp_path / "out")]
    assert main([*grade, "--extensions", str(more)]) == 0
    assert "dropped the course, and not graded: Di" in capsys.readouterr().err

    def totals(name: str) -> list[str]:
        return (tmp_path / "out" / name).read_text(encoding="utf-8-sig").splitlines()[1:]

    assert totals("totals.csv") == [",Ada,3,6,0,1.5,1.5", ",Bo,3,6,0,1.5,1.5", ",Cy,3,6,0,0,3"]
    assert [row.rsplit(",", 2)[1:] for row in totals("late.csv")] == [["2", "1"], ["2", "1"], ["0", "0"]]
    assert main([*grade, "--earlier", str(tmp_path / "out")]) == 0, "as if it were another assignment"
    assert totals("totals.csv") == [",Ada,3,6,0,3,0", ",Bo,3,6,0,3,0", ",Cy,3,6,0,1.5,1.5"]
    finish = ["--course", str(course.root), "finish", str(tmp_path / "out"), "--assignment", "only"]
    assert main([*finish, "--roster", str(roster), "--extensions", str(more)]) == 2, "--earlier was forgotten"
    assert main(grade) == 0
    assert main([*finish, "--roster", str(roster), "--extensions", str(more)]) == 0
    assert [row.split(",")[5] for row in totals("final.csv")] == ["1.5", "1.5", "3"]
    assert main([*finish, "--extensions", str(more)]) == 2
    assert "need --roster" in capsys.readouterr().err
