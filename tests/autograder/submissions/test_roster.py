"""Rosters as platforms export them, and who of them handed in what."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import line_course as lines
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import CourseError
from autograder.submissions.roster import Person, matched, read_roster, shared, still_here
from autograder.submissions.submission import Entry

RIGHT = lines.SOURCES["right"][0]
#: What each exports; all of them list the same three people.
EXPORTS = {
    "canvas": """\
Student,ID,SIS User ID,SIS Login ID,Section,Lines (11)
    Points Possible,,,,,3
"Quinn, Zara",5501,u4401,zquinn,A,
"Roy, Émile",5502,u4402,eroy,A,
"Li, Bo",5503,u4403,bli,A,
"Student, Test",5599,,x9,A,
""",
    "moodle": """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (submission)
Participant 101,Zara Quinn,zquinn@uni.example,Submitted,,3,-
Participant 102,Émile Roy,eroy@uni.example,Submitted,,3,-
Participant 103,Bo Li,bli@uni.example,Submitted,,3,-
""",
    "blackboard": """\
"Last Name"\t"First Name"\t"Username"\t"Student ID"
"Quinn"\t"Zara"\t"zquinn"\t"4401"
"Roy"\t"Émile"\t"eroy"\t"4402"
"Li"\t"Bo"\t"bli"\t"4403"
""",
    "brightspace": """\
OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator
#4401,#zquinn,Quinn,Zara,zquinn@uni.example,#
#4402,#eroy,Roy,Émile,eroy@uni.example,#
#4403,#bli,Li,Bo,bli@uni.example,#
""",
    "gradescope": """\
First Name,Last Name,SID,Email,Role
Zara,Quinn,4401,zquinn@uni.example,Student
Émile,Roy,4402,eroy@uni.example,Student
Bo,Li,4403,bli@uni.example,Student
Tea,Cher,1,t@uni.example,Instructor
""",
    "nbgrader": """\
id,last_name,first_name,email,lms_user_id
zquinn,Quinn,Zara,zquinn@uni.example,5501
eroy,Roy,Émile,eroy@uni.example,5502
bli,Li,Bo,bli@uni.example,5503
""",
    "github": """\
identifier,github_username,github_id,name
Zara Quinn,zquinn,1,Zara Quinn
Émile Roy,eroy,2,Émile Roy
Bo Li,bli,3,Bo Li
""",
    "excel, semicolons": "sep=;\nstudent;login\nZara Quinn;zquinn\nÉmile Roy;eroy\nBo Li;bli\n",
}
NAMES = ("Zara Quinn", "Émile Roy", "Bo Li")


def roster(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("platform", [*EXPORTS])
def test_what_a_platform_exports_is_a_roster(tmp_path: Path, platform: str, encoding: str) -> None:
    people = read_roster(roster(tmp_path, EXPORTS[platform], encoding))
    assert tuple(person.name for person in people) == NAMES


@pytest.mark.parametrize(
    "text",
    [
        "student\nzoe\nada\n",
        "\ufeffemail,Student\nz@x,zoe\n\na@x,ada\n",
        "email;student\nz@x;zoe\na@x;ada",
        "zoe,1\nada,2\n",
        '"student"\n" zoe "\n"ada"\n',
        "id\nzoe\nada\n",
    ],
)
def test_a_list_of_ones_own_is_read_by_its_header_or_by_its_first_column(tmp_path: Path, text: str) -> None:
    assert tuple(person.name for person in read_roster(roster(tmp_path, text))) == ("zoe", "ada")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no students"),
        (b"student\n\n", "no students"),
        (b"student\nzoe\nada\nZoe\n", r"r\.csv:4: Zoe is already in line 2"),
        (b"sep=,\nstudent\nzoe\nada\nZoe\n", r"r\.csv:5: Zoe is already in line 3"),
        (b"student,id\nzoe,1\nzoe,1\n", r"r\.csv:3: zoe is already in line 2"),
        (b"email,student\n,zoe\n,,b\n", r"r\.csv:3: no student in this row"),
        (b"student\n\x81\n", "neither UTF-8 nor Windows-1252 at byte 8"),
        (b"PK\x03\x04\0\0", "not a text. Save the table as CSV"),
        (b'student\n"zoe', "not CSV"),
    ],
)
def test_a_wrong_roster_is_refused_with_its_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(data)
    with pytest.raises(CourseError, match=message):
        read_roster(path)


def test_a_roster_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


def test_two_people_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    people = read_roster(roster(tmp_path, "name,sid\nZara Quinn,1\nZara Quinn,2\n"))
    assert [person.name for person in people] == ["Zara Quinn (1)", "Zara Quinn (2)"]
    entries = [Entry("Zara Quinn (2)", tmp_path, ids=("2",)), Entry("Zara Quinn", tmp_path, ids=("1",))]
    assert [entry.student for entry in matched(entries, people).entries] == ["Zara Quinn (2)", "Zara Quinn (1)"]
    assert matched([Entry("Zara Quinn", tmp_path)], people).unknown == ("Zara Quinn",)


PEOPLE = (Person("Zara Quinn", ("4401", "zquinn@uni.example")), Person("Émile de la Roy", ("4402",)), Person("bli"))


@pytest.mark.parametrize(
    ("written", "ids", "whose"),
    [
        ("zara quinn", (), "Zara Quinn"),
        ("Quinn, Zara", (), "Zara Quinn"),
        ("quinnzara", (), "Zara Quinn"),
        ("Zara_Quinn", (), "Zara Quinn"),
        ("zquinn", (), "Zara Quinn"),
        ("4401", (), "Zara Quinn"),
        ("ZQuinn@uni.example", (), "Zara Quinn"),
        ("somebody", ("4402",), "Émile de la Roy"),
        ("E\u0301mile De La Roy", (), "Émile de la Roy"),
        ("delaroyemile", (), "Émile de la Roy"),
        ("Emile de-la Roy", (), "Émile de la Roy"),
        ("BLI", (), "bli"),
        ("nobody", (), None),
        ("zara", (), None),
    ],
)
def test_who_is_who(tmp_path: Path, written: str, ids: tuple[str, ...], whose: str | None) -> None:
    found = matched([Entry(written, tmp_path, ids=ids)], PEOPLE)
    assert found.entries[0].student == (whose or written)
    assert found.unknown == (() if whose else (written,))
    assert len(found.absent) == 3 - (whose is not None)


@given(st.lists(st.text(st.characters(categories=("L", "M", "N")), min_size=1), min_size=1, max_size=4))
def test_a_name_matches_itself_in_every_order_of_its_parts(words: list[str]) -> None:
    person = Person(" ".join(words))
    for i in range(len(words)):
        turned = " ".join(words[i:] + words[:i])
        assert not matched([Entry(turned, Path())], [person]).unknown


def test_two_who_would_be_one_person_are_left_to_a_person() -> None:
    found = matched([Entry("zquinn", Path()), Entry("Zara Quinn", Path())], PEOPLE)
    assert found.unknown == ("zquinn", "Zara Quinn")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    lines.make_course(folder)
    return folder


def rows(out: Path) -> dict[str, str]:
    with (out / "grades.csv").open(encoding="utf-8-sig") as file:
        return {row["student"]: row["points"] for row in csv.DictReader(file) if row["exercise"] == "line"}


def test_a_download_and_a_gradebook_make_one_class(tmp_path: Path, course: Path) -> None:
    """Each student once, under the name on the roster, with the lateness that it tells."""
    klass = tmp_path / "class"
    klass.mkdir()
    (klass / "quinnzara_5501_77_line.py").write_text(RIGHT)
    (klass / "royemile_5502_78_line.py").write_text(RIGHT)
    path = roster(tmp_path, EXPORTS["canvas"])
    done = lines.run(
        course, "grade", klass, "--workers", 1, "--assignment", "only", "--roster", path, "--out", tmp_path / "out"
    )
    assert (done.returncode, rows(tmp_path / "out")) == (0, {"Zara Quinn": "3", "Émile Roy": "3", "Bo Li": "0"}), done
    (klass / "eve_1_2_line.py").write_text(RIGHT)
    done = lines.run(
        course, "grade", klass, "--workers", 1, "--assignment", "only", "--roster", path, "--out", tmp_path / "out"
    )
    assert done.returncode == 1
    assert "on no roster: eve (graded under that name)" in done.stderr
    assert "handed in nothing: Bo Li" in done.stderr
    again = [
        "grade",
        klass,
        "--workers",
        1,
        "--assignment",
        "only",
        "--roster",
        path,
        "--out",
        tmp_path / "out",
        "--allow-unmatched",
    ]
    assert lines.run(course, *again).returncode == 0


def test_lateness_survives_another_form_of_the_name(tmp_path: Path) -> None:
    folder = lines.make_course(tmp_path / "course").root
    (folder / "course.yml").write_text(lines.COURSE + "late: {penalty_per_day: 0.5}\n")
    klass = tmp_path / "class" / "quinn_zara"
    klass.mkdir(parents=True)
    (klass / "line.py").write_text(RIGHT)
    path = roster(
        tmp_path, "SID,First Name,Last Name,Submitted At,Extension\nu1,Zara,Quinn,2027-01-23 08:00:00 UTC,1\n"
    )
    done = lines.run(
        folder, "grade", klass.parent, "--workers", 1, "--assignment", "only", "--roster", path, "--out", tmp_path / "o"
    )
    assert done.returncode == 0, done.stderr
    with (tmp_path / "o" / "late.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    with (tmp_path / "o" / "totals.csv").open(encoding="utf-8-sig") as file:
        (total,) = csv.DictReader(file)
    assert total == {
        "id": "u1",
        "student": "Zara Quinn",
        "total": "3",
        "out_of": "6",
        "pending": "0",
        "late_penalty": row["penalty"],
        "final": row["score"],
    }
    assert float(row["penalty"]) > 0
    assert (row["student"], float(row["hours_late"])) == ("Zara Quinn", pytest.approx(7 + 1 / 60, abs=1e-3))


def test_a_wrong_date_is_told_before_anything_is_graded(tmp_path: Path, course: Path) -> None:
    klass = tmp_path / "class" / "zara"
    klass.mkdir(parents=True)
    (klass / "line.py").write_text(RIGHT)
    path = roster(tmp_path, "student,submitted\nzara,yesterday\n")
    done = lines.run(
        course, "grade", klass.parent, "--workers", 1, "--assignment", "only", "--roster", path, "--out", tmp_path / "o"
    )
    assert done.returncode == 2
    assert "roster.csv:2: submitted: found 'yesterday'" in done.stderr
    assert not (tmp_path / "o").exists()


def test_a_class_zip_of_one_student_is_a_class_where_the_roster_says_so(tmp_path: Path, course: Path) -> None:
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as archive:
        archive.writestr("Zara Quinn/line.py", RIGHT)
    path = roster(tmp_path, EXPORTS["gradescope"])
    out = tmp_path / "out"
    grade = ["grade", tmp_path / "download.zip", "--workers", 1, "--assignment", "only", "--roster", path, "--out", out]
    done = lines.run(course, *grade)
    assert (done.returncode, rows(out)["Zara Quinn"]) == (0, "3"), done.stderr


# -- groups, and who has left ------------------------------------------------------------------------


def test_one_of_a_group_hands_in_for_those_without_a_hand_in_of_their_own(tmp_path: Path) -> None:
    rows = "Ada,red Bo,red Cy,Blue-Team Di,blue-team Ed,green Fay,green Gus,green Hal, Ida,grey".split()
    (tmp_path / "r.csv").write_text("\n".join(["student,group", *rows]))
    people = read_roster(tmp_path / "r.csv")
    entries = [Entry(name, tmp_path / name) for name in ("Ada", "blue_team", "Ed", "Fay", "Hal", "Zoe")]
    who = shared(matched(entries, people), people)
    assert [entry.student for entry in who.entries] == ["Ada", "Bo", "Cy", "Di", "Ed", "Fay", "Gus", "Hal", "Zoe"]
    by_name = {entry.student: entry for entry in who.entries}
    assert by_name["Bo"].path == tmp_path / "Ada"
    assert by_name["Bo"].notes == ("handed in for group red, by Ada",)
    assert by_name["Cy"].path == by_name["Di"].path == tmp_path / "blue_team"
    assert by_name["Di"].notes == ("handed in for group blue-team, under its name",)
    assert not by_name["Ed"].problem
    assert by_name["Gus"].problem.startswith("group green: Ed and Fay each handed in, and Gus did not.")
    assert (who.unknown, who.absent) == (("Zoe",), ("Ida",))


def test_who_has_left_is_neither_graded_nor_missed(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("student,status\nAda,Dropped\nBo,active\nCy,withdrawn\nDi,Submitted for grading\n")
    people = read_roster(tmp_path / "r.csv")
    who, gone = still_here(matched([Entry("Ada", tmp_path), Entry("Bo", tmp_path)], people), people)
    assert ([entry.student for entry in who.entries], who.absent, who.unknown, gone) == (["Bo"], ("Di",), (), ["Ada"])
