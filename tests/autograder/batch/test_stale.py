"""A folder that was graded before: whatever is true no more is renewed, removed or named."""

import shutil
from pathlib import Path

import line_course as lines
import marked_class
import pytest
from marked_class import Class

from autograder.course import Course

ADA, BELA, CHIDI = marked_class.TEXTS
ROSTER = f"student,id,submitted\n{ADA},a1,2027-01-24T10:00+00:00\n{BELA},b2,\n{CHIDI},c3,\n"
SHEET = f"student,exercise,points,marker\n{ADA},double,2.5,kim\n{BELA},double,4,kim\n"


@pytest.fixture
def klass(tmp_path: Path) -> Class:
    """Graded with a roster, marked, finished, reported, reviewed."""
    made = Class(tmp_path, marked_class.make_course(tmp_path / "course"))
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    assert made.grade("--roster", tmp_path / "roster.csv") == 0
    assert made.run("report", made.out) == 0
    assert made.marks(SHEET) == 0
    assert made.run("finish", made.out, "--assignment", "only") == 0
    assert made.run("review", made.out, ADA, "line") == 0
    return made


def report(klass: Class) -> str:
    return (klass.out / "report.html").read_text(encoding="utf-8")


def test_finish_renews_the_report_with_the_final_marks(klass: Class) -> None:
    told = report(klass)
    assert "<h1>Only, Lines and words: class report</h1>" in told
    assert "answers wait" not in told
    assert "4 points</li>" not in told
    assert "median final mark" in told
    assert f'{ADA}</a></td><td class="n" data-value="6.0">6</td>' in told
    assert '<td class="n" data-value="6.8">6.8</td><td class="n" data-value="10.0">10</td>' in told


def test_a_regrade_renews_removes_or_names_all_that_is_old(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(klass.folder / BELA)
    klass.hand_in(ADA, "Another answer.", lines.SOURCES["triple"][0])
    klass.hand_in("Dora", "New here.")
    for name in ("alike.html", "pairs.csv"):
        (klass.out / name).write_text("old", encoding="utf-8")
    capsys.readouterr()
    assert klass.grade() == 0
    said = " ".join(capsys.readouterr().out.split())
    told = report(klass)
    assert BELA not in told
    assert "Dora" in told
    assert "it rises by 3" in told
    assert "it rises by 3" in (klass.out / "misconceptions.csv").read_text(encoding="utf-8")
    assert "Final" not in told
    assert f"{ADA}: 02_double, 4 points" in told
    gone = ("late.csv", "final.csv", "alike.html", "pairs.csv")
    assert not [name for name in gone if (klass.out / name).exists()]
    for line in (
        "removed: final.csv. `finish` makes them anew.",
        "removed: alike.html, pairs.csv. `alike` makes them anew.",
        "renewed: report.html, with checks.csv and misconceptions.csv",
        f"not renewed: students/{BELA}.",
        "reviews: 1 pages tell of the grading that they were made of, and stay",
        "removed: late.csv, as no roster said when anybody handed in",
    ):
        assert line in said


def test_a_report_that_nobody_asked_for_is_not_made(tmp_path: Path) -> None:
    klass = Class(tmp_path, marked_class.make_course(tmp_path / "course"))
    assert klass.grade() == 0
    assert not (klass.out / "report.html").exists()


@pytest.mark.parametrize("filled_in", [True, False])
def test_what_waited_in_another_assignment_does_not_stay(
    klass: Class, filled_in: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    klass.hand_in(ADA, "Another answer.")
    assert klass.grade() == 0
    if filled_in:
        path = klass.out / "pending.csv"
        path.write_bytes(path.read_bytes().replace(b",,4,,,", b",3,4,,,"))
    settings = klass.course.root / "course.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace(", by_hand: 4", ""), encoding="utf-8")
    klass.course = Course.load(klass.course.root)
    capsys.readouterr()
    assert klass.grade() == 0
    assert not (klass.out / "pending.csv").exists()
    assert (klass.out / "pending-filled-1.csv").exists() is filled_in
    kept = "it is pending-filled-1.csv now, as it was filled in" if filled_in else "removed"
    assert f"pending.csv, of an earlier grading: {kept}" in " ".join(capsys.readouterr().out.split())
