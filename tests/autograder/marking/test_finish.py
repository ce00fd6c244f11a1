"""`autograder finish`: checks, marks by hand and lateness are one number, and the same one in every file."""

import csv
import json
import re
import shutil
import zipfile
from pathlib import Path

import line_course as lines
import marked_class
import pytest
from marked_class import Class

from autograder.course import Course
from autograder.reports.film import Film
from autograder.reports.html import drawn, write_feedback
from autograder.results import ExerciseResult, Outcome, Report

ADA, BELA, CHIDI = marked_class.TEXTS
SHEET = f"student,exercise,points,comment,marker\n{ADA},double,2.5,Say <b>why</b>.,kim\n{BELA},double,4,,kim\n"
#: Bela is a day and a half late, which is two days begun, and Chidi too late for anything.
ROSTER = f"""\
student,id,submitted
{ADA},a1,2027-01-22T20:00+00:00
{BELA},b2,2027-01-24T10:00+00:00
{CHIDI},c3,2027-03-01T10:00+00:00
"""
FINALS = {ADA: 8.5, BELA: 8.0, CHIDI: 0.0}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return marked_class.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def graded(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graded")
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    assert Class(folder, course).grade("--roster", folder / "roster.csv") == 0
    return folder


@pytest.fixture
def klass(course: Course, graded: Path, tmp_path: Path) -> Class:
    shutil.copytree(graded, tmp_path, dirs_exist_ok=True)
    return Class(tmp_path, course)


def finish(klass: Class, *options: object) -> int:
    return klass.run("finish", klass.out, "--assignment", "only", *options)


def page_of(klass: Class, student: str) -> str:
    return (klass.out / "students" / student / "feedback.html").read_text(encoding="utf-8")


def numbers(klass: Class) -> dict[str, dict[str, float | None]]:
    """The mark of each student in every file that tells one."""
    found: dict[str, dict[str, float | None]] = {}
    for name, column in (("final.csv", "final"), ("totals.csv", "final"), ("late.csv", "score")):
        found[name] = {row["student"]: float(row[column]) if row[column] else None for row in klass.rows(name)}
    found["grades.csv"] = sums(klass)
    found["feedback.html"], found["results.json"], found["report.html"] = {}, {}, {}
    report = (klass.out / "report.html").read_text(encoding="utf-8")
    for student in marked_class.TEXTS:
        told = re.search(r"Final mark: ([\d.]+) of 10 points", page_of(klass, student))
        found["feedback.html"][student] = float(told[1]) if told else None
        results = klass.out / "students" / student / "results.json"
        found["results.json"][student] = json.loads(results.read_text(encoding="utf-8"))["score"]
        row = re.search(rf"<tr><td>(?:<a [^>]*>)?{student}.*?</tr>", report)
        cells = re.findall(r'data-value="([-\d.]+)"', row[0]) if row else []
        assert cells[1::2] == ["6.0", "10.0"]
        found["report.html"][student] = float(cells[2])
    return found


def sums(klass: Class) -> dict[str, float | None]:
    """What grades.csv gives a student by checks, and final.csv by hand, less what that says of lateness."""
    found: dict[str, float | None] = {}
    for row in klass.rows("grades.csv"):
        found[row["student"]] = (found.get(row["student"]) or 0) + float(row["points"])
    rest = {r["student"]: float(r["by_hand"] or 0) - float(r["late_penalty"] or 0) for r in klass.rows("final.csv")}
    return {student: round((earned or 0) + rest[student], 4) for student, earned in found.items()}


def test_the_whole_story_ends_with_one_number_in_every_file(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    """Graded, finished too early, marked, handed in anew, graded again, marked again, finished."""
    assert klass.run("report", klass.out) == 0
    assert finish(klass) == 1
    assert f"waits: {ADA}: 02_double: 4 points by hand" in capsys.readouterr().err
    assert {r["student"]: (r["final"], r["waits_for"]) for r in klass.rows("final.csv")} == {
        ADA: ("", "02_double: 4 points by hand"),
        BELA: ("", "02_double: 4 points by hand"),
        CHIDI: ("0", ""),
    }
    assert "6 of 10 points so far (6 of 6 by checks); up to 4 more" in page_of(klass, ADA)

    assert klass.marks(SHEET) == 0
    klass.hand_in(BELA, "It is x and x again.")
    assert klass.grade("--roster", klass.folder.parent / "roster.csv") == 0
    assert not (klass.out / "final.csv").exists(), "it was true of the earlier grading"
    assert finish(klass) == 1
    assert klass.rows("final.csv")[0]["final"] == "8.5"
    assert klass.rows("final.csv")[1]["waits_for"] == "02_double: 4 points by hand"
    assert klass.marks(f"student,exercise,points,answer\n{BELA},double,4,{klass.waiting()[BELA]['answer']}\n") == 0

    assert finish(klass) == 0
    told = numbers(klass)
    assert {name: told[name] for name in told} == dict.fromkeys(told, FINALS)
    assert klass.rows("final.csv")[1] == {
        "id": "b2",
        "student": BELA,
        "by_checks": "6",
        "by_hand": "4",
        "late_penalty": "2",
        "final": "8",
        "out_of": "10",
        "waits_for": "",
    }
    assert klass.waiting() == {}
    assert "6 of 6 by checks, 4 of 4 by hand, 2 lost by lateness" in page_of(klass, BELA)
    assert "Say &lt;b&gt;why&lt;/b&gt;." in page_of(klass, ADA)


GROUPED = f"""\
Identifier,Full name,Group,Grade,Maximum Grade
Participant 101,{ADA},g1,,10.00
Participant 102,{BELA},g1,,10.00
Participant 103,{CHIDI},,,10.00
"""


def test_a_group_with_several_attempts_has_one_number_in_every_file_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The best of three attempts, late as it is, counts for both; they are marked apart, and one has more time."""
    course = marked_class.make_course(tmp_path / "course")
    settings = course.root / "course.yml"
    told = settings.read_text(encoding="utf-8").replace("assignments:", "attempts: best\nassignments:")
    settings.write_text(told.replace("title: Only\n", "title: Only\n    groups: true\n"), encoding="utf-8")
    klass = Class(tmp_path, Course.load(course.root), {})
    in_time, late, too_late = "2027-01-22T20-00Z", "2027-01-24T10-00Z", "2027-02-24T10-00Z"
    klass.hand_in(f"g1/{in_time}", "Twice.", lines.SOURCES["triple"][0])
    klass.hand_in(f"g1/{late}", "It doubles.")
    klass.hand_in(f"g1/{too_late}", "Better still.")
    klass.hand_in(f"{CHIDI}/{late}", None)
    (tmp_path / "worksheet.csv").write_text(GROUPED, encoding="utf-8")
    roster = ("--roster", tmp_path / "worksheet.csv")
    assert klass.grade(*roster) == 0
    assert klass.run("report", klass.out) == 0
    assert klass.marks(f"student,exercise,points\n{ADA},double,2.5\n{BELA},double,4\n") == 0
    capsys.readouterr()
    assert finish(klass, *roster, "--moodle", tmp_path / "worksheet.csv") == 0
    finals = {ADA: 6.8, BELA: 8.0, CHIDI: 2.4}
    found = numbers(klass)
    assert {name: found[name] for name in found} == dict.fromkeys(found, finals)
    assert len(found) == 7
    assert [row["Grade"] for row in klass.rows("upload-moodle.csv")] == [f"{finals[name]:g}" for name in finals]
    assert "attempt 2 of 3 counts: it is the best" in page_of(klass, BELA)
    assert {row["student"]: row["submitted"] for row in klass.rows("late.csv")} == dict.fromkeys(
        finals, "2027-01-24T10:00:00+00:00"
    )
    with zipfile.ZipFile(klass.out / "moodle-feedback.zip") as packed:
        pages = {name: packed.read(name).decode() for name in packed.namelist()}
    assert sorted(re.findall(r"Final mark: ([\d.]+) of 10", "".join(pages.values()))) == ["2.4", "6.8", "8"]


def test_a_finish_changes_nothing_that_is_finished(klass: Class) -> None:
    assert klass.marks(SHEET) == 0
    assert finish(klass) == 0
    before = {path: path.read_bytes() for path in klass.out.rglob("*.*") if path.is_file()}
    assert finish(klass) == 0
    assert {path: path.read_bytes() for path in klass.out.rglob("*.*") if path.is_file()} == before


def test_what_grading_wrote_is_written_again_from_the_journal_alone(klass: Class) -> None:
    """Also what no journal row has: problems, and exercises that could not be graded."""
    (klass.folder / ADA / "notes.ipynb").write_text("{}", encoding="utf-8")
    (klass.folder / BELA / "double.py").unlink()
    for place in ("a", "b"):
        (klass.folder / BELA / place).mkdir()
        (klass.folder / BELA / place / "double.py").write_text(f"# {place}\n{marked_class.DOUBLE}", encoding="utf-8")
    assert klass.grade("--roster", klass.folder.parent / "roster.csv", "--format", "junit") == 1
    names = ("grades.csv", "totals.csv", "late.csv", "pending.csv")
    files = [klass.out / name for name in names] + [
        klass.out / "students" / student / name
        for student in (ADA, BELA)
        for name in ("feedback.html", "results.json", "junit.xml")
    ]
    before = {path: path.read_bytes() if path.is_file() else None for path in files}
    shutil.rmtree(klass.folder)
    assert finish(klass) == 1
    assert {path: path.read_bytes() if path.is_file() else None for path in files} == before
    assert klass.rows("final.csv")[1]["waits_for"] == "02_double: could not be graded; 02_double: 4 points by hand"
    assert klass.rows("final.csv")[1]["by_checks"] == ""


def test_what_was_drawn_stays(klass: Class) -> None:
    path = klass.out / "students" / ADA / "feedback.html"
    picture = b"\x89PNG\r\n\x1a\n" + bytes(20)
    results = tuple(ExerciseResult(name, Outcome.PASSED, 3.0, 3.0) for name in ("01_line", "02_double"))
    report = Report(ADA, "basic", results)
    shown = ({"02_double": picture}, {"02_double": picture}, {"02_double": Film(("first", "last"), picture)})
    write_feedback(path, report, {}, *shown)
    assert klass.marks(SHEET) == 0
    assert finish(klass) == 0
    assert "Final mark: 8.5 of 10" in page_of(klass, ADA)
    assert drawn(path, report) == shown


def test_a_roster_of_today_grants_what_that_of_the_grading_did_not(
    klass: Class, capsys: pytest.CaptureFixture[str]
) -> None:
    assert klass.marks(SHEET) == 0
    roster = klass.folder.parent / "later.csv"
    roster.write_text(
        "name,sid,submitted,extension_hours\n"
        + "".join(
            f"{name},{sid},{when},48\n"
            for name, sid, when in (("Lovelace Ada", 7, ""), (BELA, 8, "2027-01-24T10:00Z"), ("Eve", 9, ""))
        ),
        encoding="utf-8",
    )
    assert finish(klass, "--roster", roster) == 1
    told = capsys.readouterr().err
    assert f"graded, and not in later.csv: {CHIDI}" in told
    assert "in later.csv, and not graded: Eve" in told
    assert finish(klass, "--roster", roster, "--allow-unmatched") == 0
    assert [(r["id"], r["final"]) for r in klass.rows("final.csv")] == [("7", "8.5"), ("8", "10"), ("", "3")]


BUDGET = "late: {penalty_per_day: 0.1, max_days: 5, free_days: 3}"


def test_late_days_are_one_budget_over_two_assignments_and_finish_spends_none_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ada is two days late in each of two assignments, and has more time in the second for one of them."""
    course = marked_class.make_course(tmp_path / "course")
    settings = course.root / "course.yml"
    text = re.sub("late: .*", BUDGET, settings.read_text(encoding="utf-8"))
    settings.write_text(text, encoding="utf-8")
    klass = Class(tmp_path, Course.load(course.root))
    late = tmp_path / "late.csv"
    late.write_text(
        f"student,submitted\n{ADA},2027-01-24T10:00Z\n{BELA},\n{CHIDI},2027-01-23T10:00Z\n", encoding="utf-8"
    )
    more = tmp_path / "more.csv"
    more.write_text(f"student,hours\n{CHIDI},24\n", encoding="utf-8")
    assert klass.grade("--roster", late) == 0
    assert klass.marks(SHEET) == 0
    assert finish(klass) == 0
    assert [(r["final"], r["late_penalty"]) for r in klass.rows("final.csv")] == [("8.5", "0"), ("10", "0"), ("3", "0")]
    assert [row["free_days_used"] for row in klass.rows("late.csv")] == ["2", "0", "1"]
    first = shutil.move(klass.out, tmp_path / "first")

    given = ("--roster", late, "--earlier", first, "--extensions", more)
    assert klass.grade(*given) == 0, "as if it were the next assignment"
    assert klass.marks(SHEET) == 0
    finals = [("7.65", "0.85"), ("10", "0"), ("3", "0")]
    for options in ((), given):
        assert finish(klass, *options) == 0
        assert [(r["final"], r["late_penalty"]) for r in klass.rows("final.csv")] == finals
        assert [row["free_days_used"] for row in klass.rows("late.csv")] == ["1", "0", "0"]
    capsys.readouterr()
    assert finish(klass, *given[:2], *given[4:]) == 2
    assert f"{ADA} had 1 free late days left when the class was graded, and 3 now" in capsys.readouterr().err
    assert finish(klass, *given[:4]) == 2
    assert f"{CHIDI} had 24 hours more time when the class was graded, and 0 now" in capsys.readouterr().err
    assert [(r["final"], r["late_penalty"]) for r in klass.rows("final.csv")] == finals, "nothing was written"


def test_a_roster_without_times_takes_no_penalty_away(klass: Class) -> None:
    assert klass.marks(SHEET) == 0
    roster = klass.folder.parent / "names.csv"
    roster.write_text(f"student\n{ADA}\n{BELA}\n{CHIDI}\n", encoding="utf-8")
    assert finish(klass, "--roster", roster) == 0
    assert [float(row["final"]) for row in klass.rows("final.csv")] == list(FINALS.values())


def test_each_command_names_the_next_one_as_it_is_to_be_typed(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    folder = tmp_path / "week 1"
    klass = Class(folder, course)
    assert klass.grade() == 0
    assert f"mark them: autograder mark '{klass.out}'" in capsys.readouterr().out
    assert klass.marks(SHEET) == 0
    assert f"next: autograder finish '{klass.out}' --assignment only" in capsys.readouterr().out
    assert klass.grade() == 0
    assert "mark them" not in capsys.readouterr().out, "nothing waits"


def test_that_nobody_is_counted_late_is_told_with_the_remedy(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    klass = Class(tmp_path, course)
    roster = tmp_path / "names.csv"
    roster.write_text(f"student\n{ADA}\n{BELA}\n{CHIDI}\n", encoding="utf-8")
    told = "no late penalty: names.csv has no column `submitted` (as 2027-01-23T08:00+01:00; empty: in time)"
    assert klass.grade("--roster", roster) == 0
    assert told in capsys.readouterr().out
    assert klass.marks(SHEET) == 0
    assert finish(klass, "--roster", roster) == 0
    assert told in capsys.readouterr().out


def test_another_assignment_is_refused(klass: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert klass.run("finish", klass.out, "--assignment", "none") == 2
    other = marked_class.make_course(tmp_path / "other")
    text = (other.root / "course.yml").read_text(encoding="utf-8")
    (other.root / "course.yml").write_text(text[: text.index("      - {id: 02_double")], encoding="utf-8")
    klass.course = Course.load(other.root)
    capsys.readouterr()
    assert finish(klass) == 2
    assert "graded were 01_line, 02_double, not the exercises of only" in capsys.readouterr().err


def test_who_waits_is_told_for_twenty_and_counted_beyond(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    klass = Class(tmp_path, course, {f"student {i:02}": "The same." for i in range(23)})
    assert klass.grade() == 0
    capsys.readouterr()
    assert finish(klass) == 1
    told = capsys.readouterr()
    assert not (klass.out / "marks.csv").exists(), "nobody marked anything"
    assert len(told.err.splitlines()) == 21
    assert told.err.splitlines()[-1] == "3 more wait: see waits_for in final.csv"
    assert "no late penalty: no roster said when anybody handed in" in told.out
    with (klass.out / "final.csv").open(newline="", encoding="utf-8-sig") as file:
        assert sum(bool(row["waits_for"]) for row in csv.DictReader(file)) == 23
