"""A class through the command line: the same on any number of judges, and only what changed is graded again."""

import csv
import os
import re
import resource
import sqlite3
import subprocess
import time
import zipfile
from concurrent.futures import BrokenExecutor
from pathlib import Path
from urllib.parse import unquote

import line_course as lines
import pytest
from rich.console import Console

from autograder.batch.batch import Batch, Local
from autograder.batch.ledger import NAME, Ledger
from autograder.batch.local_judges import Judges
from autograder.batch.progress import Progress
from autograder.cli import main
from autograder.errors import CourseError
from autograder.judge.suite import collect
from autograder.results import Outcome
from autograder.submissions.submission import find_submissions


class Class:
    """A course, a class and where it is graded to."""

    def __init__(self, folder: Path) -> None:
        self.course = lines.make_course(folder / "course")
        self.folder, self.out = folder / "class", folder / "out"
        self.points = lines.write_class(self.folder)

    def grade(self, *options: object, out: Path | None = None) -> int:
        where = ["grade", self.folder, "--out", out or self.out, *options]
        return main(["--course", str(self.course.root), *map(str, where)])

    def rows(self, out: Path | None = None) -> dict[tuple[str, str, str], bytes]:
        """What the journal holds, without times."""
        db = sqlite3.connect((out or self.out) / NAME)
        found = {row[:3]: lines.without_times(row[3]) for row in db.execute("SELECT * FROM results")}
        db.close()
        return found


@pytest.fixture
def klass(tmp_path: Path) -> Class:
    return Class(tmp_path)


def test_any_number_of_judges_gives_the_same_bytes(klass: Class, tmp_path: Path) -> None:
    """Also for code that draws without a seed, and for messages that hold addresses."""
    assert klass.grade("--workers", 1) == 0
    assert {s: float(p) for s, p in lines.points_of(klass.out).items()} == klass.points
    assert klass.grade("--workers", 3, out=tmp_path / "three") == 0
    assert lines.outputs(tmp_path / "three") == lines.outputs(klass.out)
    assert klass.rows(tmp_path / "three") == klass.rows()


def test_a_second_run_grades_nothing_and_writes_nothing(klass: Class) -> None:
    klass.grade("--workers", 1)
    before = {path: path.stat().st_mtime_ns for path in klass.out.rglob("*.*") if path.is_file()}
    assert klass.grade() == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before


def new_rows(klass: Class, before: set[tuple[str, str, str]]) -> list[str]:
    return sorted(key[1] for key in klass.rows() if key not in before)


def test_only_what_changed_is_graded(klass: Class) -> None:
    klass.grade("--workers", 1)
    before = set(klass.rows())
    (klass.folder / "right_0" / "line.py").write_text("def line(x): return 5 * x\n")
    klass.grade("--workers", 1)
    assert new_rows(klass, before) == ["01_line"]
    assert lines.points_of(klass.out)["right_0"] == "0"
    before = set(klass.rows())
    checks = klass.course.exercises[1].hidden_checks
    checks.write_text(checks.read_text().replace("examples=15", "examples=16"))
    klass.grade("--workers", 1)
    assert new_rows(klass, before) == ["02_double"]  # nobody handed that in: one row for all


def test_after_some_versions_what_breaks_hidden_checks_is_kept(klass: Class) -> None:
    """Counted for each student by what they handed in; points, public checks and other students stay as they are."""
    course = klass.course.root / "course.yml"
    course.write_text(course.read_text().replace("shrink_calls: 60", "shrink_calls: 60, counterexamples: 2"))
    told = []
    for factor in (3, 4, 5, 3, 5):
        (klass.folder / "triple_0" / "line.py").write_text(f"def line(x): return {factor} * x + 1\n")
        assert klass.grade("--workers", 1) == 0
        told.append((klass.out / "students" / "triple_0" / "feedback.html").read_text())
        assert lines.points_of(klass.out)["triple_0"] == "1"
    kept = ["what breaks it is no longer shown: this is version 3" in page for page in told]
    assert kept == [False, False, True, False, True]
    assert [page.count("line(") > 0 for page in told] == [True, True, False, True, False]
    assert "no longer shown" not in (klass.out / "students" / "in_part_0" / "feedback.html").read_text()
    results = (klass.out / "students" / "triple_0" / "results.json").read_text()
    assert "no longer shown" in results
    rows = len(klass.rows())
    course.write_text(course.read_text().replace("counterexamples: 2", "counterexamples: 0"))
    assert klass.grade("--workers", 1) == 0
    assert "no longer shown" in (klass.out / "students" / "in_part_0" / "feedback.html").read_text()
    assert len(klass.rows()) == rows  # nothing was graded again


def test_equal_modules_are_graded_once(klass: Class) -> None:
    for student in klass.points:
        (klass.folder / student / "line.py").write_text("def line(x): return 2 * x + 1\n")
    klass.grade("--workers", 1)
    assert len(klass.rows()) == 2
    assert set(lines.points_of(klass.out).values()) == {"3"}


def test_a_grader_s_fault_is_no_grade_and_is_graded_again(klass: Class) -> None:
    checks = klass.course.exercises[0].hidden_checks
    good = checks.read_text()
    checks.write_text(good + BROKEN_LATER)
    assert klass.grade("--workers", 1) == 1
    assert lines.points_of(klass.out)["right_0"] == ""
    assert not (klass.out / "students" / "right_0" / "results.json").exists()
    assert not [key for key, result in klass.rows().items() if key[1] == "01_line" and b"passed" in result]
    checks.write_text(good)
    assert klass.grade("--workers", 1) == 0
    assert {s: float(p) for s, p in lines.points_of(klass.out).items()} == klass.points


BROKEN_LATER = '''
@check(points=1, hint="none")
def test_line_later(submission):
    """A check with a bug that no module can pass."""
    submission.line(0.0)
    undefined_name
'''


def test_an_unreadable_submission_stops_nobody(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    (klass.folder / "zed.zip").write_bytes(b"PK\x03\x04 no zip")
    assert klass.grade("--workers", 1) == 1
    points = lines.points_of(klass.out)
    assert points.pop("zed") == ""
    assert {s: float(p) for s, p in points.items()} == klass.points
    assert "not graded: zed" in capsys.readouterr().err


def test_changes_are_told_before_they_are_made(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    klass.grade("--workers", 1)
    written, rows = lines.outputs(klass.out), klass.rows()
    capsys.readouterr()
    checks = klass.course.exercises[0].hidden_checks
    checks.write_text(checks.read_text().replace("points=2", "points=4"))
    assert klass.grade("--workers", 1, "--explain-changes") == 0
    told = capsys.readouterr().out
    assert "right_0: 01_line: 3/3 → 5/5" in told
    assert "flat_0: 01_line: 0/3 → 0/5" in told
    assert "02_double" not in told
    assert "8 results would change. Nothing was written." in told
    assert (lines.outputs(klass.out), klass.rows()) == (written, rows)
    checks.write_text(checks.read_text().replace("2 * x + 1.0", "3 * x + 1.0"))
    klass.course.exercises[0].solution.write_text("def line(x): return 3 * x + 1.0\n")
    klass.course.exercises[0].mutants.write_text("[]")
    klass.grade("--workers", 1, "--explain-changes")
    assert "triple_0: 01_line: 1/3 → 5/5 (test_line_slope: failed → passed)" in capsys.readouterr().out


def test_a_check_that_was_saved_twice_in_a_second_is_not_taken_for_unchanged(
    klass: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    checks = klass.course.exercises[0].hidden_checks
    before, saved = sum(check.info.points for check in collect(checks, False, klass.course.root)), checks.stat()
    checks.write_text(checks.read_text().replace("points=2", "points=4"))  # as long as it was
    os.utime(checks, ns=(saved.st_atime_ns, saved.st_mtime_ns))
    assert sum(check.info.points for check in collect(checks, False, klass.course.root)) == before + 2


def test_changes_need_a_folder_to_compare_with(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--course", str(klass.course.root), "grade", str(klass.folder), "--explain-changes"]) == 2
    assert "--explain-changes needs --out DIR" in capsys.readouterr().err


def test_nothing_is_shown_on_the_way_where_nobody_looks(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    klass.grade("--workers", 1)
    assert capsys.readouterr().err == ""


def test_a_course_that_changes_meanwhile_ends_the_run(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    """A result would else stand under the hash of checks that did not give it."""
    with Ledger(None) as ledger, Progress(0, Console(stderr=True)) as progress:
        batch = Batch(klass.course, klass.course.exercises, ledger)
        klass.course.exercises[0].mutants.write_text("[]")
        slugs = [exercise.slug for exercise in klass.course.exercises]
        entries = find_submissions(klass.folder, slugs).entries
        with pytest.raises(CourseError, match="01_line was changed while it was being graded"):
            batch.grade(entries, lambda: Local(klass.course, 1), progress)


# --- what goes wrong around it ------------------------------------------------------------------------------


def test_a_disk_that_fills_up_loses_nothing_and_leaves_nothing_half(klass: Class, tmp_path: Path) -> None:
    """No file may grow beyond 20 KiB: the journal does not fit."""
    klass.grade("--workers", 1, out=tmp_path / "whole")
    command = lines.command(klass.course.root, "grade", klass.folder, "--out", klass.out, "--workers", 1)

    def cap() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20 << 10, 20 << 10))

    full = subprocess.run(command, preexec_fn=cap, capture_output=True, text=True, timeout=120, check=False)
    assert full.returncode == 2
    assert "Make room" in full.stderr
    assert "Traceback" not in full.stderr
    assert [path.name for path in klass.out.iterdir() if not path.name.startswith(NAME)] == []
    assert klass.grade("--workers", 1) == 0
    assert lines.outputs(klass.out) == lines.outputs(tmp_path / "whole")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda out: (out / "grades.csv").mkdir(), "grades.csv: cannot be written"),
        (lambda out: (out / "students").write_text(""), "students: not a folder"),
        (lambda out: (out / "students").symlink_to("."), "students: not a folder"),
        (lambda out: (out / NAME).write_bytes(b"no database" * 999), "the journal is damaged"),
        (lambda out: (out / NAME).mkdir(), "cannot be written"),
    ],
)
def test_an_output_folder_that_does_not_take_it_is_told(
    klass: Class, capsys: pytest.CaptureFixture[str], spoil: object, said: str
) -> None:
    klass.out.mkdir()
    spoil(klass.out)  # type: ignore[operator]
    assert klass.grade("--workers", 1) == 2
    assert said in capsys.readouterr().err
    assert not list(klass.out.rglob("*.tmp"))


#: What grading and the report write beside the students' folders, names of devices, and names that no system takes.
NAMES = [
    *"grades.csv flags.csv alike.csv late.csv pending.csv checks.csv misconceptions.csv report.html".split(),
    ".ledger.sqlite",
    *"students con NUL.txt con.tar.gz ... dots... 李小龙 zoë 🎓 <b>&\"'; =1+1 %2e%2e".split(),
    *("x" * 255, "ü" * 127, "two  spaces ", "a\nb", "\u202eevil", "a\\b"),
]


def test_a_student_may_have_any_name(klass: Class, tmp_path: Path) -> None:
    hostile, zipped = tmp_path / "hostile", [name for name in NAMES if len(name.encode()) < 200]
    for name in NAMES:
        (hostile / name).mkdir(parents=True)
        (hostile / name / "line.py").write_text(lines.SOURCES["right"][0])
    for name in zipped:
        with zipfile.ZipFile(hostile / f"{name} too.zip", "w") as archive:
            archive.writestr("line.py", lines.SOURCES["right"][0])
    roster = tmp_path / "roster.csv"
    absent = ["..", ".", "../../up", "/etc/passwd", "C:\\x", "lpt1", "y" * 50_000]
    roster.write_text("student\n" + "".join(f"{name}\n" for name in absent))
    klass.folder = hostile
    listed = [name for name in NAMES if not name.startswith(".")] + [
        name for name in zipped if not name.startswith(".")
    ]
    assert klass.grade("--workers", 1, "--roster", roster, "--allow-unmatched") == 0
    with (klass.out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] == "line"]
    assert [row["outcome"] for row in rows].count("passed") == len(listed)
    assert [row["outcome"] for row in rows].count("missing") == len(absent)
    folders = list((klass.out / "students").iterdir())
    assert len(folders) == len(rows) == len(listed) + len(absent)
    assert all((folder / "feedback.html").is_file() and (folder / "results.json").is_file() for folder in folders)
    assert {path.name for path in klass.out.iterdir()} == {"grades.csv", "totals.csv", "alike.csv", "students", NAME}
    with (klass.out / "alike.csv").open(newline="", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert row["students"].count("; ") == len(listed) - 1
    assert main(["--course", str(klass.course.root), "report", str(klass.out)]) == 0
    pages = re.findall(r'<a href="(students/[^"]+)">', (klass.out / "report.html").read_text(encoding="utf-8"))
    assert len(pages) == len(folders) - 1  # a name of 50,000 letters is cut in grades.csv
    assert all((klass.out / unquote(page)).is_file() for page in pages)


def test_a_read_only_folder_is_told(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    assert klass.grade("--workers", 1, out=Path("/proc/sys/kernel")) == 2  # read-only for root too
    assert "cannot be written" in capsys.readouterr().err


def test_a_folder_that_another_run_grades_into_is_told(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    klass.out.mkdir()
    with Ledger(klass.out / NAME):
        assert klass.grade("--workers", 1) == 2
    assert "Another run grades into this folder" in capsys.readouterr().err


def test_a_course_error_in_a_judge_ends_the_run(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    solution = klass.course.exercises[0].solution
    solution.write_text(solution.read_text().replace("2 * x", "7 * x"))
    assert klass.grade("--workers", 2) == 2
    assert "the reference fails test_line_slope" in capsys.readouterr().err


# --- judges -------------------------------------------------------------------------------------------------


def test_a_judge_s_exception_comes_through() -> None:
    with Judges(1) as executor:
        assert executor.submit(divmod, 7, 3).result() == (2, 1)
        with pytest.raises(CourseError, match="line 3"):
            executor.submit(_raise, "line 3").result()


def test_a_run_that_is_ended_waits_for_no_judge() -> None:
    judges = Judges(1)
    asleep = judges.submit(time.sleep, 600)
    while not judges.pids:
        time.sleep(0.01)
    judges.shutdown(cancel_futures=True)
    assert isinstance(asleep.exception(), BrokenExecutor)


def _raise(text: str) -> None:
    raise CourseError(text)


def test_a_report_is_made_anew_each_time(klass: Class) -> None:
    """Reports are no list in memory: each is read back from the journal."""
    with Ledger(None) as ledger:
        batch = Batch(klass.course, klass.course.exercises, ledger)
        slugs = [exercise.slug for exercise in klass.course.exercises]
        entries = find_submissions(klass.folder, slugs).entries
        with Progress(0, Console(stderr=True)) as progress:
            batch.grade(entries, lambda: Local(klass.course, 1), progress)
        assert len(batch.reports) == len(klass.points)
        assert batch.reports[0] is not batch.reports[0]
        assert [report.student for report in batch.reports] == sorted(klass.points)
        assert {report.exercises[1].outcome for report in batch.reports} == {Outcome.MISSING}
