"""What results become in nbgrader's gradebook: never a point for prose, never a mark of a human's lost."""

import csv
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import mini_course as mini
import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader import api, utils
from sqlalchemy import event

from autograder.batch import command as batch_command
from autograder.batch.batch import Local, Reports
from autograder.cli import main
from autograder.course import Course
from autograder.course_file import Late
from autograder.errors import CourseError
from autograder.judge.mutants import read_mutants
from autograder.nbgrader import coursedir, gradebook, preprocessors
from autograder.nbgrader.gradebook import CourseFolder
from autograder.nbgrader.notebook import fill, prose
from autograder.results import ExerciseResult, Outcome, Report
from autograder.submissions.prose import explanation

POINTS = {"04_schedules": 4.0, "23_explain_slowness": 4.0}
WRITTEN = f"{mini.PROSE}-explanation"
NEVER_HOLDS = '''

@check(points=1, hint="None.")
def test_new(submission):
    """Never holds."""
    assert False, "it never holds"
'''
NASTY = [
    "",
    "Replace this sentence with your own explanation of why sampling is slow.",
    "auto_score: 3",
    "3.0",
    "</pre><script>alert(1)</script>",
    "### BEGIN SOLUTION",
    "needs_manual_grade = False",
    "\x00\x1b[31m\ud800",
    "```\n# heading\n$x^2$ ![](http://example.org/a.png)",
]


@pytest.fixture(scope="module")
def made(generated: tuple[Course, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Course, Path]]:
    """The mini course, and nbgrader's course directory with what three students handed in."""
    base = tmp_path_factory.mktemp("gradebook")
    course, directory = generated
    shutil.copytree(directory, base / "nbgrader")
    for student in ("ada", "bela", "chidi"):
        mini.hand_in(base / "nbgrader", course, student, {})
    yield course, base / "nbgrader"
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def folder(made: tuple[Course, Path], tmp_path: Path) -> CourseFolder:
    """A fresh copy of that directory, three students' submissions in it."""
    course, directory = made
    shutil.copytree(directory, tmp_path / "nbgrader")
    url = f"sqlite:///{tmp_path / 'nbgrader' / 'gradebook.db'}"
    return CourseFolder(course, course.assignment(mini.ASSIGNMENT), tmp_path / "nbgrader" / "submitted", url)


def report(student: str, text: str | None = "my words", points: float | None = 4.0) -> Report:
    code = ExerciseResult("04_schedules", Outcome.ERROR if points is None else Outcome.PASSED, points, 4.0)
    written = ExerciseResult("23_explain_slowness", Outcome.PASSED, 2.5, 4.0, pending=3.0, written=text)
    return Report(student, "strict", (code, written))


def rows(folder: CourseFolder) -> mini.Rows:
    return mini.grades(folder.submitted.parent / "gradebook.db")


def database(folder: CourseFolder) -> Path:
    return folder.submitted.parent / "gradebook.db"


def autograded(folder: CourseFolder, student: str) -> Path:
    return folder.submitted.parent / "autograded" / student / mini.ASSIGNMENT


# -- prose ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def manual_cell(made: tuple[Course, Path]) -> Any:
    """The released cell for EXPLANATION, with the checksum by which nbgrader knows it untouched."""
    notebook = nbformat.read(made[1] / "release" / mini.ASSIGNMENT / mini.NOTEBOOK, 4)
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == WRITTEN)


@pytest.mark.slow
def test_nbgrader_itself_gives_an_untouched_manual_cell_0_without_review(manual_cell: Any) -> None:
    assert utils.determine_grade(manual_cell) == (0, 3)


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(text=st.sampled_from(NASTY) | st.text(max_size=300))
def test_no_text_leaves_the_manual_cell_untouched(manual_cell: Any, text: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(manual_cell)])
    fill(notebook, {}, {WRITTEN: report("ada", text).exercises[1]})
    assert utils.determine_grade(notebook.cells[0]) == (None, 3)


@settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.sampled_from(NASTY) | st.text(max_size=300))
def test_no_text_awards_a_point_or_clears_what_waits(folder: CourseFolder, text: str) -> None:
    source = f"EXPLANATION = {text!a}\n".encode()
    with gradebook.opened(folder.url) as book:
        submitted = folder._rows(book, ["ada"])["ada"]
        for grade in submitted.grades:
            grade.needs_manual_grade = False
        gradebook.record(submitted, report("ada", explanation(source)), folder.assignment)
        found = {grade.cell.name: (grade.auto_score, grade.needs_manual_grade) for grade in submitted.grades}
        book.db.rollback()
    assert found == {mini.CODE: (4.0, False), mini.PROSE: (2.5, False), WRITTEN: (None, True)}


@pytest.mark.parametrize("text", NASTY)
def test_prose_is_shown_as_text_only(text: str) -> None:
    shown = prose(text).removeprefix("**From the module:**\n\n")
    inside = shown[shown.index(">") + 1 : shown.rindex("<")]
    assert re.fullmatch(r"(&#\d+;|[\w ,;:?])*", inside.replace("_", "<")), inside


def test_evidence_stands_below_the_answer_as_text_and_a_humans_comment_stays(folder: CourseFolder) -> None:
    folder.write([report("ada", "Give me full marks. <b>Now</b>")], POINTS)
    mini.change(database(folder), "update comment set manual_comment = 'well done'")
    folder.write([report("ada", "Give me full marks. <b>Then</b>")], POINTS)
    assert "talks to the grader: “Give me full marks.”" in mini.evidence(folder.submitted.parent, "ada")
    assert "<b>" not in (autograded(folder, "ada") / mini.NOTEBOOK).read_text(encoding="utf-8")
    with gradebook.opened(folder.url) as book:
        comments = [c.comment for c in book.db.query(api.Comment) if c.cell.name == WRITTEN]
    assert comments == ["well done"]


def test_evidence_that_others_change_flags_no_mark(folder: CourseFolder) -> None:
    words = "Two hundred steps wait for each other, one by one, and none may begin before the last is done."
    folder.write([report("ada", words)], POINTS)
    mini.mark(database(folder), "ada", WRITTEN, 2.0)
    folder.write([report("ada", words), report("bela", words)], POINTS)
    assert "the answer of another student (100%)" in mini.evidence(folder.submitted.parent, "ada")
    assert rows(folder)["ada", WRITTEN]["needs_manual_grade"] == 0


# -- points -----------------------------------------------------------------------------------------


def test_points_go_in_and_the_formgrader_finds_notebook_and_timestamp(folder: CourseFolder) -> None:
    folder.write([report("ada"), report("bela", points=1.5)], POINTS)
    found = rows(folder)
    assert found["ada", mini.CODE]["auto_score"] == 4
    assert found["bela", mini.CODE]["auto_score"] == 1.5
    assert found["ada", mini.CODE]["timestamp"].startswith("2027-01-15 20:00:00")
    notebook = nbformat.read(autograded(folder, "bela") / mini.NOTEBOOK, 4)
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == mini.CODE)
    assert utils.determine_grade(cell) == (1.5, 4)
    assert autograded(folder, "ada").joinpath("timestamp.txt").read_text() == mini.IN_TIME


def test_a_grade_cell_that_a_kernel_ran_all_the_same_earns_nothing(made: tuple[Course, Path]) -> None:
    notebook = nbformat.read(made[1] / "release" / mini.ASSIGNMENT / mini.NOTEBOOK, 4)
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") in (mini.CODE, mini.PROSE)]
    for cell in cells:
        assert utils.determine_grade(cell) == (4, 4)  # nbgrader: no output is full marks
        with redirect_stderr(StringIO()) as said:
            exec(cell.source, {})
        cell.outputs = [nbformat.v4.new_output("stream", name="stderr", text=said.getvalue())]
        assert utils.determine_grade(cell) == (0, 4)


def test_writing_twice_changes_nothing(folder: CourseFolder) -> None:
    reports = [report("ada"), report("bela", None, 0.0)]
    folder.write(reports, POINTS)
    first, notebook = rows(folder), (autograded(folder, "ada") / mini.NOTEBOOK).read_bytes()
    folder.write(reports, POINTS)
    assert rows(folder) == first
    assert (autograded(folder, "ada") / mini.NOTEBOOK).read_bytes() == notebook


def test_a_humans_marks_and_extra_credit_survive_a_regrade_and_are_flagged(folder: CourseFolder) -> None:
    folder.write([report("ada"), report("bela")], POINTS)
    for student in ("ada", "bela"):
        mini.mark(database(folder), student, WRITTEN, 2.0, extra=0.5)
        mini.mark(database(folder), student, mini.CODE, 3.5)
    folder.write([report("ada", "my words, changed", points=1.0), report("bela")], POINTS)
    found = rows(folder)
    for student, flagged in (("ada", 1), ("bela", 0)):  # of bela's nothing changed, so nobody need look again
        assert found[student, WRITTEN]["manual_score"] == 2
        assert found[student, WRITTEN]["extra_credit"] == 0.5
        assert found[student, mini.CODE]["manual_score"] == 3.5
        assert found[student, WRITTEN]["needs_manual_grade"] == flagged
        assert found[student, mini.CODE]["needs_manual_grade"] == flagged
    assert found["ada", mini.CODE]["auto_score"] == 1


def test_an_error_takes_the_old_score_back_and_waits_for_a_human(folder: CourseFolder) -> None:
    folder.write([report("ada")], POINTS)
    folder.write([report("ada", points=None)], POINTS)
    found = rows(folder)
    assert (found["ada", mini.CODE]["auto_score"], found["ada", mini.CODE]["needs_manual_grade"]) == (None, 1)
    assert found["ada", mini.PROSE]["auto_score"] == 2.5
    assert not autograded(folder, "ada").exists()


def test_rows_that_nbgrader_never_made_are_added(folder: CourseFolder) -> None:
    folder.write([report("ada")], POINTS)
    mini.change(database(folder), "delete from grade")
    mini.change(database(folder), "delete from comment")
    folder.write([report("ada")], POINTS)
    assert {cell: row["auto_score"] for (_, cell), row in rows(folder).items()} == {
        mini.CODE: 4,
        mini.PROSE: 2.5,
        WRITTEN: None,
    }


def test_a_class_takes_few_commits(folder: CourseFolder) -> None:
    commits = []
    with gradebook.opened(folder.url) as book:
        event.listen(book.engine, "commit", commits.append)
        reports = [report("ada"), report("bela"), report("chidi")]
        folder._write_chunk(book, reports, [])
    assert len(commits) == 1


def test_what_a_killed_run_left_behind_goes(folder: CourseFolder) -> None:
    left = autograded(folder, "ada").parent / ".grading-dead"
    (left / "new").mkdir(parents=True)
    folder.write([report("ada")], POINTS)
    assert not left.exists()
    assert gradebook.finished(autograded(folder, "ada") / mini.NOTEBOOK)


# -- late, extensions, roster -----------------------------------------------------------------------


def test_late_penalty_and_extension_are_those_of_the_gradebook(folder: CourseFolder) -> None:
    for student in ("ada", "bela"):
        place = folder.submitted / student / mini.ASSIGNMENT / "timestamp.txt"
        place.write_text(mini.A_DAY_AND_A_HALF_LATE)
    folder.write([report("ada"), report("bela"), report("chidi")], POINTS)
    with gradebook.opened(folder.url) as book:
        book.grant_extension(mini.ASSIGNMENT, "bela", days=2)
    folder.write([report("ada"), report("bela"), report("chidi")], POINTS)
    found = rows(folder)
    assert found["ada", mini.CODE]["penalty"] == pytest.approx(0.2 * 6.5)
    assert found["bela", mini.CODE]["penalty"] is None
    assert found["chidi", mini.CODE]["penalty"] is None


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
@pytest.mark.parametrize(("zone", "days"), [(UTC, 1), (ZoneInfo("America/New_York"), 2)])
def test_a_late_day_ends_by_the_courses_clock(course: Course, tmp_path: Path, zone: tzinfo, days: int) -> None:
    """Due at midnight of the night in which New York's clocks go on: 23 and a half hours later is the second day."""
    due = datetime(2027, 3, 14, 4, 59)
    with gradebook.opened(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        book.add_assignment("explain-it", duedate=due)
        book.add_student("ada")
        submitted = book.add_submission("explain-it", "ada", timestamp=due + timedelta(hours=23, minutes=30))
        told = replace(course, time_zone=zone, late=Late(penalty_per_day=0.1))
        assert gradebook.penalty(submitted, told, 10.0) == pytest.approx(days)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
def test_free_late_days_are_spent_in_the_order_of_due_dates(course: Course, tmp_path: Path) -> None:
    """Three: two for the first, one for the second's two days after its extension, none left for the third."""
    told = replace(course, time_zone=UTC, late=Late(penalty_per_day=0.1, free_days=3))
    dues = {name: datetime(2027, 3, day) for name, day in (("why-hard", 1), ("dirty-it", 8), ("explain-it", 15))}
    with gradebook.opened(f"sqlite:///{tmp_path / 'gradebook.db'}") as book:
        for name in reversed(dues):  # whatever the order in which they came in
            book.add_assignment(name, duedate=dues[name])
        book.add_assignment("none-of-ours", duedate=datetime(2027, 2, 1))
        book.add_student("ada")
        days = {"none-of-ours": 20, "explain-it": 1, "dirty-it": 9, "why-hard": 2}
        for name, late in days.items():
            due = dues.get(name, datetime(2027, 2, 1))
            book.add_submission(name, "ada", timestamp=due + timedelta(days=late, minutes=-1))
        book.grant_extension("dirty-it", "ada", days=7)
        costs = {name: gradebook.penalty(book.find_submission(name, "ada"), told, 10.0) for name in dues}
    assert costs == pytest.approx({"why-hard": 0.0, "dirty-it": 1.0, "explain-it": 1.0})


def test_those_who_dropped_the_course_or_handed_in_nothing_have_no_rows(folder: CourseFolder) -> None:
    settings = "c = get_config()\nc.CourseDirectory.student_id_exclude = 'bela'\n"
    (folder.submitted.parent / "my_config.py").write_text(settings)
    folder.write([report("ada"), report("bela"), report("on_the_roster_only")], POINTS)
    assert {student for student, _ in rows(folder)} == {"ada"}


def test_a_timestamp_that_is_none_is_a_problem_of_that_student(folder: CourseFolder) -> None:
    (folder.submitted / "bela" / mini.ASSIGNMENT / "timestamp.txt").write_text("yesterday evening")
    problems = {entry.student: entry.problem for entry in folder.entries()}
    assert problems["ada"] == ""
    assert "timestamp.txt: not a time that nbgrader can read" in problems["bela"]


def hostile(place: Path, kind: str) -> None:
    """Puts something in the place of a file that nbgrader's exchange writes."""
    place.unlink(missing_ok=True)
    if kind == "link":
        place.symlink_to(Path(__file__))
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "sparse":
        place.touch()
        os.truncate(place, 1 << 40)
    else:
        place.write_text(kind)


@pytest.mark.parametrize("name", gradebook.EXCHANGED)
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "sparse", "24:00" + "1" * 80, "1" * 1_200_000])
def test_a_bad_file_of_the_exchanges_concerns_its_own_student_only(
    folder: CourseFolder, capfd: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    hostile(folder.submitted / "bela" / mini.ASSIGNMENT / name, kind)
    command = ["--course", str(folder.course.root), "grade", str(folder.submitted), "--gradebook", folder.url]
    code = main([*command, "--assignment", mini.ASSIGNMENT, "--workers", "1"])
    if (name, len(kind)) == ("submission_secret.txt", 85):  # any short text may be a secret
        assert code == 0
        return
    said = capfd.readouterr().err
    assert code == 1
    assert [line for line in said.splitlines() if line.startswith("not graded: bela: ") and name in line]
    assert rows(folder)["ada", mini.CODE]["auto_score"] is not None
    assert rows(folder)["bela", mini.CODE]["auto_score"] is None
    assert autograded(folder, "ada").is_dir()
    assert not autograded(folder, "bela").exists()


@pytest.mark.parametrize("name", [b"b\xff", b"b\x1b[31m", b"b\nnot graded: ada", b" bela", "b\u202ea".encode()])
def test_a_name_that_cannot_be_written_concerns_its_own_student_only(
    folder: CourseFolder, capfd: pytest.CaptureFixture[str], tmp_path: Path, name: bytes
) -> None:
    shutil.copytree(folder.submitted / "bela", folder.submitted / os.fsdecode(name))
    command = ["--course", str(folder.course.root), "grade", str(folder.submitted), "--gradebook", folder.url]
    assert main([*command, "--assignment", mini.ASSIGNMENT, "--workers", "1", "--out", str(tmp_path / "out")]) == 1
    said = f"not graded: {os.fsdecode(name)!a}: no student can be called so. Rename the folder.\n"
    assert capfd.readouterr().err == said
    assert sorted({student for student, _ in rows(folder)}) == ["ada", "bela", "chidi"]
    assert sorted(os.listdir(tmp_path / "out" / "students")) == ["ada", "bela", "chidi"]


def test_a_hand_in_that_changes_while_it_is_graded_stops_nobody_else(folder: CourseFolder) -> None:
    def swap_and_report(student: str) -> Report:
        if student == "bela":
            hostile(folder.submitted / "bela" / mini.ASSIGNMENT / "timestamp.txt", "link")
        return report(student)

    one_by_one = Reports(partial(swap_and_report, student) for student in ("ada", "bela", "chidi"))
    (problem,) = folder.write(one_by_one, POINTS)
    assert problem.startswith("bela: handed in anew while it was graded: timestamp.txt: cannot be read")
    assert not autograded(folder, "bela").exists()
    assert autograded(folder, "chidi").is_dir()


# -- the journal ------------------------------------------------------------------------------------


def grade_again(folder: CourseFolder, *options: str) -> int:
    command = ["--course", str(folder.course.root), "grade", str(folder.submitted), "--gradebook", folder.url]
    return main([*command, "--assignment", mini.ASSIGNMENT, "--workers", "1", *options])


def test_an_unchanged_class_is_not_graded_again_and_one_new_module_alone_is(
    folder: CourseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grade_again(folder) == 0
    first = rows(folder)
    with monkeypatch.context() as nobody:
        nobody.setattr(batch_command, "crew", lambda *_: pytest.fail("somebody was hired to grade"))
        assert grade_again(folder) == 0
    assert rows(folder) == first
    mini.write_modules(folder.submitted / "bela" / mini.ASSIGNMENT, folder.course, mini.references(folder.course))
    asked = []
    monkeypatch.setattr(Local, "submit", lambda crew, task, real=Local.submit: asked.append(task) or real(crew, task))
    assert grade_again(folder) == 0
    assert sorted(task.key.exercise for task in asked) == ["04_schedules", "23_explain_slowness"]
    assert rows(folder)["bela", mini.CODE]["auto_score"] == 4


def test_what_one_road_graded_the_other_takes(folder: CourseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert grade_again(folder) == 0
    monkeypatch.setattr(preprocessors, "_crew", lambda _: pytest.fail("somebody was hired to grade"))
    for entry in folder.entries():
        told = preprocessors._judged(folder.course, folder.assignment, entry, folder.journal)
        assert told.points == 0
        assert [result.written for result in told.exercises][1]


@pytest.fixture
def of_three(folder: CourseFolder) -> CourseFolder:
    """Ada is right, bela holds a misconception, chidi handed in the stubs."""
    good = mini.references(folder.course)
    wrong = next(m.source for m in read_mutants(folder.course.exercise(mini.CODE)) if m.name == "cumprod_of_beta")
    for student, code in (("ada", good[mini.CODE]), ("bela", wrong)):
        mini.write_modules(folder.submitted / student / mini.ASSIGNMENT, folder.course, {**good, mini.CODE: code})
    return folder


def report_on(folder: CourseFolder, place: Path) -> dict[str, list[dict[str, str]]]:
    """What `report` writes: the rows of its two sheets."""
    assert main(["--course", str(folder.course.root), "report", str(place)]) == 0
    sheets = {name: folder.journal.parent / f"{name}.csv" for name in ("checks", "misconceptions")}
    return {name: list(csv.DictReader(StringIO(path.read_text("utf-8-sig")))) for name, path in sheets.items()}


def waiting(folder: CourseFolder) -> list[str]:
    """Whose answers wait, as the page says."""
    page = (folder.journal.parent / "report.html").read_text(encoding="utf-8")
    return re.findall(rf"<li>(\w+): \d\d_{mini.PROSE}, 3 points</li>", page)


def test_the_class_report_tells_checks_beliefs_and_what_waits_in_the_gradebook(of_three: CourseFolder) -> None:
    assert grade_again(of_three) == 0
    told = report_on(of_three, of_three.submitted.parent)
    assert [row["students"] for row in told["misconceptions"]] == ["bela"]
    assert {(row["tried"], row["passed"]) for row in told["checks"]} >= {("3", "2"), ("3", "1")}
    assert waiting(of_three) == ["ada", "bela", "chidi"]
    mini.mark(database(of_three), "ada", WRITTEN, 2.0)
    assert report_on(of_three, of_three.journal.parent) == told
    assert waiting(of_three) == ["bela", "chidi"]


def test_a_regrade_renews_the_class_report(of_three: CourseFolder) -> None:
    assert grade_again(of_three) == 0
    report_on(of_three, of_three.submitted.parent)
    mini.write_modules(of_three.submitted / "bela" / mini.ASSIGNMENT, of_three.course, mini.references(of_three.course))
    assert grade_again(of_three) == 0
    assert len((of_three.journal.parent / "misconceptions.csv").read_text(encoding="utf-8-sig").splitlines()) == 1


def test_a_directory_in_which_nothing_was_graded_is_told_so(
    folder: CourseFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--course", str(folder.course.root), "report", str(folder.submitted.parent)]) == 2
    assert "nothing was graded here yet. Give `autograder grade submitted" in capsys.readouterr().err


def test_what_a_changed_check_would_do_is_told_and_nothing_written(
    of_three: CourseFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = shutil.copytree(of_three.course.root, tmp_path / "course")
    course = Course.load(own)
    mine = replace(of_three, course=course, assignment=course.assignment(mini.ASSIGNMENT))
    assert grade_again(mine) == 0
    before = rows(mine)
    checks = course.exercise(mini.CODE).hidden_checks
    text = checks.read_text(encoding="utf-8")
    checks.write_text(text + NEVER_HOLDS, encoding="utf-8")
    capsys.readouterr()
    assert grade_again(mine, "--explain-changes") == 0
    said = capsys.readouterr().out
    assert "ada: 04_schedules: 4/4 → 4/5 (test_new: not there → failed)" in said
    assert said.endswith("3 results would change. Nothing was written.\n")
    assert rows(mine) == before


def test_those_who_share_the_directory_share_the_journal(folder: CourseFolder) -> None:
    settings = "c = get_config()\nc.CourseDirectory.groupshared = True\n"
    (folder.submitted.parent / "my_config.py").write_text(settings)
    assert [oct(path.stat().st_mode & 0o7777) for path in (folder.journal, folder.journal.parent)] == [
        "0o660",
        "0o2770",
    ]


# -- refusals ---------------------------------------------------------------------------------------


def test_other_points_than_the_gradebooks_are_refused(folder: CourseFolder) -> None:
    with pytest.raises(
        CourseError, match=r"schedules is worth 99 points, in the gradebook 4\. Run `autograder release"
    ):
        folder.require({**POINTS, "04_schedules": 99.0})


def test_a_cell_of_ones_own_in_our_notebook_is_refused(folder: CourseFolder) -> None:
    with gradebook.opened(folder.url) as book:
        book.add_grade_cell("mine", mini.ASSIGNMENT, mini.ASSIGNMENT, max_score=1, cell_type="code")
    with pytest.raises(CourseError, match="the cell mine is no exercise's"):
        folder.require(POINTS)


def test_a_second_notebook_is_left_to_nbgrader(folder: CourseFolder) -> None:
    with gradebook.opened(folder.url) as book:
        book.add_notebook("essay", mini.ASSIGNMENT)
    with pytest.raises(CourseError, match=r"notebooks besides its own \(essay\)"):
        folder.require(POINTS)


def test_an_assignment_that_was_never_generated_is_told_so(folder: CourseFolder, tmp_path: Path) -> None:
    empty = replace(folder, url=f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(CourseError, match=r"has no assignment demo\. Run `nbgrader generate_assignment demo`"):
        empty.require(POINTS)


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////nowhere/at/all/gradebook.db"])
def test_a_gradebook_that_cannot_be_opened_is_told_so(folder: CourseFolder, url: str) -> None:
    with pytest.raises(CourseError, match="cannot be opened"):
        replace(folder, url=url).require(POINTS)


def test_a_folder_that_is_no_submitted_folder_is_refused(folder: CourseFolder, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="--gradebook takes the submitted folder"):
        replace(folder, submitted=tmp_path)


def test_a_course_directory_in_which_nothing_was_collected_is_told_so(folder: CourseFolder) -> None:
    shutil.rmtree(folder.submitted)
    with pytest.raises(CourseError, match=r"submitted: no such folder: nobody handed in yet\. Collect first\."):
        replace(folder)


def test_somebody_elses_configuration_is_not_overwritten(made: tuple[Course, Path], tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    with pytest.raises(CourseError, match=r"is not ours, so it stays. Rename it to my_config\.py"):
        coursedir.release(made[0], made[0].assignment(mini.ASSIGNMENT), tmp_path)
    assert not (tmp_path / "source").exists()


# -- the command line -------------------------------------------------------------------------------


def test_a_gradebook_is_filled_an_assignment_at_a_time(
    folder: CourseFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--course", str(folder.course.root), "grade", str(folder.submitted), "--gradebook", folder.url]
    assert main(command) == 2
    assert "--gradebook needs --assignment ID" in capsys.readouterr().err


def test_those_who_grade_without_nbgrader_get_the_queue_and_what_lateness_costs(
    made: tuple[Course, Path], tmp_path: Path
) -> None:
    course, good = made[0], mini.references(made[0])
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / f"{mini.PROSE}.py").write_text(good[mini.PROSE], encoding="utf-8")
    roster = tmp_path / "roster.csv"
    roster.write_text("student,submitted,extension_hours\nada,2027-01-17T10:00:00Z,\n", encoding="utf-8")
    command = ["--course", str(course.root), "grade", str(tmp_path / "class"), "--class", "--workers", "1"]
    options = ["--assignment", mini.ASSIGNMENT, "--roster", str(roster), "--out", str(tmp_path / "out")]
    assert main([*command, *options]) == 0
    assert (tmp_path / "out" / "late.csv").read_text().splitlines()[1].endswith(",34.0167,4,0.8,3.2,3,2,0")
    queue = (tmp_path / "out" / "pending.csv").read_text(encoding="utf-8-sig")
    assert queue.splitlines()[1].startswith(f"{mini.PROSE},ada,,3,,,sha256:")
    assert "the reference solution (100%)" in queue
