"""`autograder marks`: a sheet is read line by line, taken whole or not at all, and outlives a regrade."""

import shutil
import sqlite3
from pathlib import Path

import marked_class
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marked_class import Class

from autograder.batch.ledger import NAME, Ledger
from autograder.course import Course
from autograder.errors import CourseError
from autograder.reports.by_hand import Mark, answer_digest

ADA, BELA, CHIDI = marked_class.TEXTS
HEADER = "student,exercise,points,comment,marker,answer\n"
BOTH = f"{HEADER}{ADA},double,2.5,Say why.,kim,\n{BELA},double,1,,kim,\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return marked_class.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def graded(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graded")
    assert Class(folder, course).grade() == 0
    return folder


@pytest.fixture
def klass(course: Course, graded: Path, tmp_path: Path) -> Class:
    shutil.copytree(graded, tmp_path, dirs_exist_ok=True)
    return Class(tmp_path, course)


def kept(klass: Class) -> list[Mark]:
    with Ledger(klass.out / NAME) as ledger:
        return ledger.marks()


def test_pending_csv_has_empty_points_and_the_digest_of_each_answer(klass: Class) -> None:
    waiting = klass.waiting()
    assert {*waiting} == {ADA, BELA}, "who handed in nothing waits for nobody"
    assert waiting[ADA]["answer"] == answer_digest(marked_class.TEXTS[ADA])
    assert (waiting[ADA]["points"], waiting[ADA]["out_of"]) == ("", "4")
    assert klass.run("marks", klass.out, klass.out / "pending.csv") == 0
    assert kept(klass) == [], "a sheet that nobody filled in marks nothing"


def test_pending_csv_filled_in_is_a_sheet(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    text = (klass.out / "pending.csv").read_text(encoding="utf-8-sig")
    assert klass.marks(text.replace(f"double,{ADA},,4,,,", f"double,{ADA},3.5,4,Good,kim,")) == 0
    digest = answer_digest(marked_class.TEXTS[ADA])
    assert kept(klass) == [Mark(ADA, "02_double", 3.5, 4.0, digest, "Good", "kim")]
    assert "1 marks taken; 1 answers wait" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_sheet_is_taken_in_every_encoding_and_with_every_separator(
    klass: Class, encoding: str, separator: str
) -> None:
    rows = [("Student", "EXERCISE", "Points"), (ADA, "double", "2.5"), (BELA.upper(), "02_double", "4")]
    assert klass.marks("\r\n".join(separator.join(row) for row in rows), encoding=encoding) == 0
    assert [(mark.student, mark.points) for mark in kept(klass)] == [(ADA, 2.5), (BELA, 4.0)]


def test_rows_without_points_are_left_for_later(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert klass.marks(f"{HEADER}{ADA},double, ,,,\n{BELA},double,,Well said.,,\nEve,double,,,,\n") == 0
    assert kept(klass) == []
    assert "sheet.csv: 1 rows have a comment and no points: skipped" in capsys.readouterr().out


def test_a_comma_is_a_decimal_point_where_semicolons_separate(klass: Class) -> None:
    assert klass.marks(f"student;exercise;points\n{ADA};double;2,5\n") == 0
    assert [mark.points for mark in kept(klass)] == [2.5]


WRONG = {
    "unknown student": ("Eve,double,1", "no student 'Eve' in this class"),
    "no student": (",double,1", "no student '' in this class"),
    "unknown exercise": (f"{ADA},triple,1", "no exercise 'triple' with prose in what was graded. There are: double."),
    "without prose": (f"{ADA},line,1", "no exercise 'line' with prose"),
    "not a number": (f"{ADA},double,good", "points: found 'good', not a number; allowed: 0 to 4."),
    "infinite": (f"{ADA},double,inf", "points: found 'inf', not a number"),
    "no digits": (f"{ADA},double,٣", "points: found '٣', not a number"),
    "below 0": (f"{ADA},double,-0.5", "points: found -0.5, below 0; allowed: 0 to 4."),
    "above the maximum": (f"{ADA},double,4.5", "points: found 4.5, above the maximum; allowed: 0 to 4."),
    "marked twice": (f"{BELA},02_double,1", f"{BELA}, 02_double: already marked in line 2. Keep one of the two."),
    "answer changed": (f"{ADA},double,1,,,sha256:000000000000", f"{ADA}, 02_double: the answer was changed since"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_line_is_told_with_its_place_and_nothing_is_taken(
    klass: Class, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    row, said = WRONG[name]
    assert klass.marks(f'{HEADER}{BELA},double,3,"one\ntwo",kim,\n{row}\n') == 1
    told = capsys.readouterr()
    assert f"sheet.csv:4: {said}" in told.err, "the second row starts on line 4"
    assert "Nothing was taken" in told.err
    assert kept(klass) == []
    assert not (klass.out / "marks.csv").exists()


def test_all_wrong_lines_are_told_at_once(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert klass.marks(HEADER + "".join(f"{row}\n" for row, _ in WRONG.values())) == 1
    assert len(capsys.readouterr().err.splitlines()) == len(WRONG) - 1 + 1, "one mark of Bela's is right alone"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "sheet.csv:1: no column student or exercise or points"),
        ("student,exercise\n", "sheet.csv:1: no column points"),
        ("student,exercise,points,Points\n", "sheet.csv:1: two columns points. Keep one."),
        ('student,exercise,points\n"Ada', "not CSV"),
    ],
)
def test_what_is_no_sheet_is_told(klass: Class, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    assert klass.marks(text) == 2
    assert said in capsys.readouterr().err


def test_what_was_not_graded_is_told(course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    klass = Class(tmp_path, course)
    klass.out.mkdir()
    assert klass.marks(BOTH) == 2
    assert "no such file. Give the folder that `grade --out` wrote." in capsys.readouterr().err
    Ledger(klass.out / NAME).close()
    assert klass.marks(BOTH) == 2
    assert "graded by an earlier version. Give the same `grade` again" in capsys.readouterr().err


def test_an_earlier_mark_is_changed_with_replace_only(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert klass.marks(BOTH) == 0
    assert klass.marks(BOTH) == 0, "the same marks again are no change"
    assert "0 marks taken, 2 as before" in capsys.readouterr().out
    assert klass.marks(BOTH.replace("2.5", "3")) == 1
    told = f"sheet.csv:2: {ADA}, 02_double: has 2.5 points already, 3 here. Give --replace to change it."
    assert told in capsys.readouterr().err
    assert klass.marks(BOTH.replace("Say why.", "Fine.")) == 1
    assert "has another comment already" in capsys.readouterr().err
    assert klass.marks(BOTH.replace("2.5", "3"), "--replace") == 0
    assert [(row["student"], row["points"]) for row in klass.rows("marks.csv")] == [(ADA, "3"), (BELA, "1")]
    assert len(kept(klass)) == 3, "what was given before stays in the journal"


def test_marks_outlive_a_regrade_and_wait_again_where_the_answer_changed(
    klass: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    assert klass.marks(BOTH) == 0
    assert klass.grade() == 0
    assert klass.waiting() == {}
    klass.hand_in(ADA, "Another text.")
    capsys.readouterr()
    assert klass.grade() == 0
    assert f"marked before, and changed since: {ADA}." in " ".join(capsys.readouterr().out.split())
    waiting = klass.waiting()
    assert {*waiting} == {ADA}
    assert waiting[ADA]["evidence"].endswith(
        "Marked before: 2.5 points, for another answer or other points. Mark it again."
    )
    assert [row["student"] for row in klass.rows("marks.csv")] == [BELA]
    page = (klass.out / "students" / ADA / "feedback.html").read_text(encoding="utf-8")
    assert "Marked before" not in page
    assert klass.marks(f"{HEADER}{ADA},double,4,,,{waiting[ADA]['answer']}\n") == 0, "no earlier mark is changed"
    klass.hand_in(ADA, marked_class.TEXTS[ADA])
    assert klass.grade() == 0
    assert [(r["student"], r["points"]) for r in klass.rows("marks.csv")] == [(ADA, "2.5"), (BELA, "1")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_what_somebody_wrote_into_pending_csv_is_not_written_over(
    klass: Class, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    path = klass.out / "pending.csv"
    text = path.read_text(encoding="utf-8-sig")
    assert klass.grade() == 0
    assert not list(klass.out.glob("pending-*")), "nobody wrote into it"
    for number in (1, 2):
        path.write_bytes(text.replace(f"double,{ADA},,4", f"double,{ADA},{number},4").encode(encoding, "replace"))
        assert klass.grade() == 0
        assert f"pending.csv was filled in: it is pending-filled-{number}.csv" in " ".join(
            capsys.readouterr().out.split()
        )
    assert {*klass.waiting()} == {ADA, BELA}
    assert klass.run("marks", klass.out, klass.out / "pending-filled-2.csv") == 0
    assert [mark.points for mark in kept(klass)] == [2.0]


def test_other_code_beside_the_same_answer_keeps_its_mark(klass: Class) -> None:
    assert klass.marks(BOTH) == 0
    double = klass.folder / ADA / "double.py"
    double.write_text(double.read_text(encoding="utf-8").replace("2 * x", "x + x"), encoding="utf-8")
    assert klass.grade() == 0
    assert klass.waiting() == {}


def test_a_marked_answer_that_is_gone_waits_for_a_person(klass: Class) -> None:
    assert klass.marks(BOTH) == 0
    (klass.folder / ADA / "double.py").unlink()
    assert klass.grade() == 0
    assert {*klass.waiting()} == {ADA}


def test_a_marked_student_who_is_gone_is_named(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert klass.marks(BOTH) == 0
    (klass.folder / ADA).rename(klass.folder / "Augusta Byron")
    capsys.readouterr()
    assert klass.grade() == 0
    assert f"marked, and not in this class any more: {ADA}." in " ".join(capsys.readouterr().out.split())
    assert {*klass.waiting()} == {"Augusta Byron"}
    (klass.folder / "Augusta Byron").rename(klass.folder / ADA)
    assert klass.grade() == 0
    assert klass.waiting() == {}


def test_a_mark_of_other_points_is_in_force_no_more(klass: Class, tmp_path: Path) -> None:
    assert klass.marks(BOTH) == 0
    klass.course = marked_class.make_course(tmp_path / "other")
    text = (klass.course.root / "course.yml").read_text(encoding="utf-8")
    (klass.course.root / "course.yml").write_text(text.replace("by_hand: 4", "by_hand: 2"), encoding="utf-8")
    assert klass.grade() == 0
    assert {*klass.waiting()} == {ADA, BELA}


def test_the_class_report_lists_what_waits_and_no_more(klass: Class) -> None:
    assert klass.marks(BOTH) == 0
    klass.hand_in(BELA, "New.")
    assert klass.grade() == 0
    assert klass.run("report", klass.out) == 0
    page = (klass.out / "report.html").read_text(encoding="utf-8")
    waits = page[page.index("4 points") - 60 : page.index("4 points")]
    assert page.count("4 points") == 1
    assert BELA in waits


@settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(comment=st.text(max_size=60), marker=st.text(max_size=20), points=st.floats(0, 4))
def test_marks_csv_is_a_sheet_that_changes_nothing(klass: Class, comment: str, marker: str, points: float) -> None:
    cells = [cell.encode("utf-8", "replace").decode().replace('"', '""') for cell in (comment, marker)]
    assert klass.marks(f'{HEADER}{ADA},double,{points:.9f},"{cells[0]}","{cells[1]}",\n', "--replace") == 0
    before = kept(klass)
    assert klass.run("marks", klass.out, klass.out / "marks.csv") == 0
    assert kept(klass) == before


def test_a_mark_that_is_gone_from_the_journal_is_told(klass: Class) -> None:
    assert klass.marks(BOTH) == 0
    with sqlite3.connect(klass.out / NAME) as db:
        db.execute("DELETE FROM notes WHERE kind = 'mark' AND number = 1")
    db.close()
    with pytest.raises(CourseError, match=r"the journal is damaged: a row is gone\. .* marks\.csv: give it to `marks`"):
        kept(klass)


def test_a_mark_that_was_changed_in_the_journal_is_told(klass: Class) -> None:
    assert klass.marks(BOTH) == 0
    with sqlite3.connect(klass.out / NAME) as db:
        db.execute("UPDATE notes SET note = replace(note, '2.5', '3.5') WHERE kind = 'mark'")
    db.close()
    with pytest.raises(CourseError, match="a row is not what was written"):
        kept(klass)
