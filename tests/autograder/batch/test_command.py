"""`grade`, from its options to its files."""

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
