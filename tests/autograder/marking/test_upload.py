"""A platform's own sheet, filled in: the grade column is new, and all else is as it was, byte by byte."""

import csv
import io
import shutil
import zipfile
from pathlib import Path

import marked_class
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_class import Class

from autograder.course import Course
from autograder.submissions.roster import read_roster
from autograder.submissions.sheets import Sheet, read_sheet

ADA, BELA, CHIDI = marked_class.TEXTS
MARKS = f"student,exercise,points\n{ADA},double,2.5\n{BELA},double,4\n"
FINALS = ("8.5", "10", "3")
#: What each platform exports, in any order of the students; `{…}` is where a mark goes.
SHEETS = {
    "moodle": """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)
Participant 102,"Bela Bartók",b@uni.example,"Submitted
for grading",{1},10.00,Yes,-
Participant 101,Ada Lovelace,a@uni.example,Submitted,{0},10.00,Yes,-
Participant 103,"Okoye, Chidi",c@uni.example,No submission,{2},10.00,Yes,"Friday, 22 January 2027, 8:00 AM"
Participant 104,Eve Nobody,e@uni.example,Submitted,,10.00,Yes,-
""",
    "canvas": """\
Student,ID,SIS User ID,SIS Login ID,Section,Other (10),Only (11),Current Score,Only (read only)
,,,,,,Manual Posting,,
    Points Possible,,,,,5,10,(read only),(read only)
"Bartók, Bela",5502,u2,b2,A,4,{1},80,
"Lovelace, Ada",5501,u1,a1,A,5,{0},100,
"Okoye, Chidi",5503,u3,c3,"A ""and"" B",,{2},,
"Student, Test",5599,,x9,A,,,,
""",
    "brightspace": """\
OrgDefinedId,Username,Last Name,First Name,Only Points Grade <Numeric MaxPoints:10 Weight:5>,End-of-Line Indicator
#2,#b2,Bartók,Bela,{1},#
#1,#a1,Lovelace,Ada,{0},#
#3,#c3,Okoye,Chidi,{2},#
""",
    "blackboard": """\
"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Other [Total Pts: 5 Score] |41"\t"Only [Total Pts: 10 Score] |42"
"Bartók"\t"Bela"\t"b2"\t"2"\t"1"\t"{1}"
"Lovelace"\t"Ada"\t"a1"\t"1"\t""\t"{0}"
"Okoye"\t"Chidi"\t"c3"\t"3"\t""\t"{2}"
""",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return marked_class.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def graded(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graded")
    klass = Class(folder, course)
    assert klass.grade() == 0
    assert klass.marks(MARKS) == 0
    return folder


@pytest.fixture
def klass(course: Course, graded: Path, tmp_path: Path) -> Class:
    shutil.copytree(graded, tmp_path, dirs_exist_ok=True)
    return Class(tmp_path, course)


def finish(klass: Class, platform: str, data: bytes, *options: object, suffix: str = ".csv") -> int:
    """Finish with this sheet of a platform's."""
    path = klass.folder.parent / f"from-{platform}{suffix}"
    path.write_bytes(data)
    return klass.run("finish", klass.out, "--assignment", "only", f"--{platform}", path, *options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("platform", SHEETS)
def test_only_the_grade_column_changes(klass: Class, platform: str, encoding: str) -> None:
    def data(*marks: str) -> bytes:
        text = SHEETS[platform].format(*marks).replace("\n", "\r\n")
        return text.encode(encoding) if encoding != "utf-16-be" else b"\xfe\xff" + text.encode(encoding)

    assert finish(klass, platform, data("", "1", "")) == 0
    assert (klass.out / f"upload-{platform}.csv").read_bytes() == data(*FINALS)


def test_who_waits_keeps_the_cell_that_is_there(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    klass.hand_in(ADA, "Something else.")
    assert klass.grade() == 0
    assert finish(klass, "moodle", SHEETS["moodle"].format("7", "", "").encode()) == 1
    assert (klass.out / "upload-moodle.csv").read_text(encoding="utf-8") == SHEETS["moodle"].format("7", "10", "3")
    told = capsys.readouterr().out
    assert "upload-moodle.csv: 2 marks; moodle-feedback.zip beside it" in told
    assert "from-moodle.csv: left as they are, not graded: Eve Nobody" in told
    with zipfile.ZipFile(klass.out / "moodle-feedback.zip") as archive:
        assert not [name for name in archive.namelist() if ADA in name]


def test_moodle_gets_each_page_in_a_folder_that_it_knows(klass: Class) -> None:
    """What stands before the first `_` is a name, before the second the participant's number."""
    sheet = SHEETS["moodle"].format("", "", "").replace("Ada Lovelace", "A'da_Lovelace")
    assert finish(klass, "moodle", sheet.encode()) == 0
    with zipfile.ZipFile(klass.out / "moodle-feedback.zip") as archive:
        assert archive.namelist() == [
            "Ada Lovelace_101_assignsubmission_file_/feedback.html",
            "Bela Bartók_102_assignsubmission_file_/feedback.html",
            "Chidi Okoye_103_assignsubmission_file_/feedback.html",
        ]
        page = (klass.out / "students" / ADA / "feedback.html").read_bytes()
        assert archive.read(archive.namelist()[0]) == page
        assert b"Final mark: 8.5 of 10" in page


def test_who_is_not_in_the_sheet_is_told(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    lines = SHEETS["brightspace"].format("", "", "").splitlines(keepends=True)
    assert finish(klass, "brightspace", "".join(lines[:2] + lines[3:]).encode()) == 1
    assert f"from-brightspace.csv: not there: {ADA}, who has 8.5" in capsys.readouterr().err


def test_students_are_found_by_an_id_of_the_roster(klass: Class) -> None:
    roster = klass.folder.parent / "roster.csv"
    roster.write_text(f"student,id\n{ADA},a1\n{BELA},b2\n{CHIDI},c3\n", encoding="utf-8")
    sheet = SHEETS["brightspace"].format("", "", "").replace("Lovelace,Ada", "Byron,Augusta")
    assert finish(klass, "brightspace", sheet.encode(), "--roster", roster) == 0
    assert "#1,#a1,Byron,Augusta,8.5,#" in (klass.out / "upload-brightspace.csv").read_text(encoding="utf-8")


def test_another_maximum_on_the_platform_is_told(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    for platform, text in SHEETS.items():
        other = text.replace("10.00", "100").replace("5,10,", "5,100,").replace("MaxPoints:10", "MaxPoints:100")
        other = other.replace("Only [Total Pts: 10", "Only [Total Pts: 100")
        assert finish(klass, platform, other.format("", "", "").encode()) == 1
        told = f"from-{platform}.csv: the assignment has 100 points there, the final marks are of 10."
        assert told in capsys.readouterr().err


@pytest.mark.parametrize("platform", ["canvas", "brightspace", "blackboard"])
def test_the_column_is_found_by_its_title_or_named(
    klass: Class, capsys: pytest.CaptureFixture[str], platform: str
) -> None:
    sheet = SHEETS[platform].replace("Only (11)", "Essay (11)").replace("Only Points", "Essay Points")
    data = sheet.replace("Only [", "Essay [").format("", "", "").encode()
    (klass.out / "final.csv").write_text("as it was")
    assert finish(klass, platform, data) == 2
    said = capsys.readouterr().err
    assert f"from-{platform}.csv: no column with the grades of Only or only as {platform} has them." in said
    assert "Say which with --column; grades are in: " in said
    assert "“Essay”" in said
    assert (klass.out / "final.csv").read_text() == "as it was", "nothing was written"
    assert finish(klass, platform, data, "--column", "Essay") == 0


def test_two_columns_of_one_title_are_told_apart_by_their_whole_heading(
    klass: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    data = SHEETS["canvas"].replace("Other (10)", "Only (10)").format("", "", "").encode()
    assert finish(klass, "canvas", data) == 2
    assert "several columns with the grades of Only" in capsys.readouterr().err
    assert finish(klass, "canvas", data, "--column", "Only (11)") == 0


def test_a_sheet_of_another_platform_is_refused(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(klass, "moodle", SHEETS["canvas"].format("", "", "").encode()) == 2
    assert "no column with the grades of Only or only as moodle has them." in capsys.readouterr().err


def test_a_sheet_that_was_filled_in_may_be_given_again(klass: Class) -> None:
    assert finish(klass, "blackboard", SHEETS["blackboard"].format("", "", "").encode("utf-16"), suffix=".xls") == 0
    filled = klass.out / "upload-blackboard.xls"
    before = filled.read_bytes()
    assert klass.run("finish", klass.out, "--assignment", "only", "--blackboard", filled) == 0
    assert filled.read_bytes() == before
    assert klass.grade() == 0
    assert not filled.exists(), "graded anew, it is true no more"


def test_canvas_row_about_posting_is_nobody(tmp_path: Path) -> None:
    path = tmp_path / "canvas.csv"
    path.write_text(SHEETS["canvas"].format("", "", ""), encoding="utf-8")
    assert [(person.name, person.line) for person in read_roster(path)] == [(BELA, 4), (ADA, 5), (CHIDI, 6)]


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=6)


def tables() -> st.SearchStrategy[list[list[str]]]:
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=5)
    )


def sheet_of(text: str, separator: str) -> Sheet:
    return Sheet(Path("sheet.csv"), text, "utf-8", b"", "", separator)


def written(rows: list[list[str]], separator: str, quoting: int, ends: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, quoting=quoting, lineterminator=ends).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


@given(
    tables(),
    st.sampled_from(",;\t"),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.data(),
)
def test_a_cell_of_any_table_is_replaced_alone(
    rows: list[list[str]], separator: str, quoting: int, ends: str, data: st.DataObject
) -> None:
    sheet = sheet_of(written(rows, separator, quoting, ends), separator)
    assert sheet.filled({}) == sheet.text.encode()
    found = list(sheet.rows())
    if not found:
        return
    number = data.draw(st.integers(0, len(found) - 1))
    line, row = found[number]
    column = data.draw(st.integers(0, len(row)))
    after = [row for _, row in sheet_of(sheet.filled({(line, column): "8.5"}).decode(), separator).rows()]
    expected = [row for _, row in found]
    expected[number] = [*row[:column], "8.5", *row[column + 1 :]]
    assert after == expected


def test_a_line_that_names_the_separator_stays(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes("sep=;\r\na;b\r\né;\r\n".encode("cp1252"))
    sheet = read_sheet(path, 100, "sheet")
    assert list(sheet.rows()) == [(2, ["a", "b"]), (3, ["é", ""])]
    assert sheet.filled({(3, 1): "2"}) == "sep=;\r\na;b\r\né;2\r\n".encode("cp1252")
