"""Several hand-ins of a student: which counts, when it was handed in, and what is shown of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import line_course as lines
import pytest

from autograder.cli import main
from autograder.course import Course
from autograder.errors import CourseError
from autograder.judge.fingerprint import suite_digest
from autograder.submissions.bucket import Bucket, bucket_of

LATE = "late: {penalty_per_day: 0.5, max_days: 4}\n"
RIGHT, TRIPLE, FLAT = (lines.SOURCES[name][0] for name in ("right", "triple", "flat"))
EARLY, ON_TIME, LATER = "2027-01-20T10-00-00Z", "2027-01-22T22-00Z", "2027-01-24T10_00_00"


def make_course(folder: Path, policy: str, grading: str = "") -> Path:
    course = lines.make_course(folder)
    told = (course.root / "course.yml").read_text().replace("seed: 7", f"seed: 7{grading}")
    (course.root / "course.yml").write_text(told.replace("assignments:", f"{policy}{LATE}assignments:", 1))
    return course.root


def hand_in(folder: Path, **attempts: dict[str, str]) -> Path:
    """class/STUDENT/TIME/line.py"""
    for student, tries in attempts.items():
        for when, source in tries.items():
            (folder / student / when).mkdir(parents=True)
            (folder / student / when / "line.py").write_text(source)
    return folder


def grade(course: Path, folder: Path, *options: object) -> int:
    out = folder.parent / "out"
    words = ["grade", folder, "--workers", 1, "--assignment", "only", "--out", out, *options]
    return main(["--course", str(course), *map(str, words)])


def totals(folder: Path) -> dict[str, tuple[str, str]]:
    """Points by checks and the final mark of each student."""
    rows = (folder.parent / "out" / "totals.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    return {row.split(",")[1]: (row.split(",")[2], row.split(",")[6]) for row in rows}


def told(folder: Path, student: str) -> str:
    results = json.loads((folder.parent / "out" / "students" / student / "results.json").read_text())
    return str(results["output"] + "".join(test["output"] for test in results["tests"]))


@pytest.fixture
def tries(tmp_path: Path) -> Path:
    return hand_in(
        tmp_path / "class",
        ada={EARLY: TRIPLE, ON_TIME: RIGHT, LATER[:-3].replace("_", "-") + "Z": FLAT},
        bo={ON_TIME: TRIPLE, "2027-01-23T10-00-00+0000": RIGHT},
        cy={ON_TIME: RIGHT},
    )


def test_the_latest_counts_with_its_own_lateness_and_alone_is_graded(tmp_path: Path, tries: Path) -> None:
    (tries / "ada" / EARLY / "line.py").write_bytes(b"\xff\xfe broken")
    assert grade(make_course(tmp_path / "course", "attempts: latest\n"), tries) == 0
    assert totals(tries) == {"ada": ("0", "0"), "bo": ("3", "1.5"), "cy": ("3", "3")}
    assert "attempt 3 of 3 counts: it is the latest" in told(tries, "ada")
    assert "attempt" not in told(tries, "cy")


def test_the_best_counts_less_its_penalty(tmp_path: Path, tries: Path) -> None:
    assert grade(make_course(tmp_path / "course", "attempts: best\n"), tries) == 0
    assert totals(tries) == {"ada": ("3", "3"), "bo": ("3", "1.5"), "cy": ("3", "3")}
    assert "attempt 2 of 3 counts: it is the best" in told(tries, "ada")
    late = (tries.parent / "out" / "late.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [row.split(",")[1] for row in late] == [
        "2027-01-22T22:00:00+00:00",
        "2027-01-23T10:00:00+00:00",
        "2027-01-22T22:00:00+00:00",
    ]


def test_an_attempt_that_could_not_be_graded_is_told_and_counts_only_alone(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "class", ada={EARLY: TRIPLE}, bo={EARLY: TRIPLE})
    for student in ("ada", "bo"):
        (folder / student / ON_TIME).mkdir()
        (folder / student / ON_TIME / "work.rar").write_bytes(b"Rar!")
    (folder / "bo" / EARLY / "line.py").rename(folder / "bo" / EARLY / "work.rar")
    assert grade(make_course(tmp_path / "course", "attempts: best\n"), folder) == 1
    assert totals(folder) == {"ada": ("1", "1"), "bo": ("", "")}
    assert "attempt 2 could not be graded" in told(folder, "ada")


def test_a_list_tells_attempts_whatever_the_folders_are_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course, folder = make_course(tmp_path / "course", "attempts: latest\n"), tmp_path / "uploads"
    folder.mkdir()
    for name, source in {"1.py": FLAT, "2.py": RIGHT, "3.py": TRIPLE}.items():
        (folder / name[0]).mkdir()
        (folder / name[0] / "line.py").write_text(source)
    roster, listed = tmp_path / "roster.csv", tmp_path / "attempts.csv"
    roster.write_text("student,id\nAda Lovelace,a1\nBo,b2\nCy,c3\n")
    rows = "a1,2,2027-01-22T20:00+00:00\nAda Lovelace,1,2027-01-20T20:00+00:00\nb2,3,2027-01-21T20:00+00:00\n"
    listed.write_text(f"student,path,submitted\n{rows}")
    assert grade(course, folder, "--attempts", listed, "--roster", roster) == 0
    assert totals(folder) == {"Ada Lovelace": ("3", "3"), "Bo": ("1", "1"), "Cy": ("0", "0")}
    for row, said in {
        "a1,../roster.csv,2027-01-20T20:00+00:00": "path: '../roster.csv' is nothing below",
        "a1,9,2027-01-20T20:00+00:00": "path: '9' is nothing below",
        "zz,1,2027-01-20T20:00+00:00": "student: 'zz' is nobody",
        "a1,1,2027-01-20T20:00": "has no time zone",
        "a1,1,soon": "'soon' is no time",
    }.items():
        listed.write_text(f"student,path,submitted\n{row}\n")
        assert grade(course, folder, "--attempts", listed, "--roster", roster) == 2
        error = capsys.readouterr().err
        assert said in error
        assert "attempts.csv:2" in error


def test_a_file_beside_folders_of_times_is_refused_and_a_link_is_no_attempt(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "class", ada={EARLY: RIGHT}, bo={EARLY: RIGHT}, cy={EARLY: RIGHT})
    (folder / "ada" / "line.py").write_text(FLAT)
    (folder / "bo" / ON_TIME).symlink_to(folder / "cy" / EARLY)
    assert grade(make_course(tmp_path / "course", "attempts: latest\n"), folder) == 1
    assert totals(folder) == {"ada": ("", ""), "bo": ("", ""), "cy": ("3", "3")}


def test_a_time_without_an_offset_is_one_of_the_courses_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = hand_in(tmp_path / "class", ada={"2027-01-20T10-00-00": FLAT, "2027-01-22 19-30": RIGHT})
    assert grade(make_course(tmp_path / "course", "attempts: latest\n"), folder) == 2
    assert "has no time zone. Add Z or an offset, or a time_zone to course.yml." in capsys.readouterr().err
    zoned = make_course(tmp_path / "zoned", "attempts: latest\ntime_zone: America/New_York\n")
    assert grade(zoned, folder) == 0
    late = (folder.parent / "out" / "late.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert late.startswith("ada,2027-01-23T00:30:00+00:00,2027-01-22T23:59:00+00:00,")
    assert totals(folder) == {"ada": ("3", "1.5")}


def test_without_the_key_folders_of_times_are_no_attempts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = hand_in(tmp_path / "class", ada={EARLY: FLAT, ON_TIME: RIGHT})
    course = make_course(tmp_path / "course", "")
    assert grade(course, folder) == 1
    assert "two files are line.py, and they differ" in capsys.readouterr().err
    assert grade(course, folder, "--attempts", tmp_path / "none.csv") == 2
    assert "add `attempts: latest`, or best" in capsys.readouterr().err


def test_counterexamples_come_from_the_second_attempt_on(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "class", ada={EARLY: TRIPLE}, bo={EARLY: FLAT, ON_TIME: TRIPLE})
    course = make_course(tmp_path / "course", "attempts: latest\n", ", counterexamples_from: 2")
    assert grade(course, folder) == 0
    waits = "what breaks it is shown from version 2 on; this is version 1 of the module"
    assert waits in told(folder, "ada")
    assert "It rises by 2." in told(folder, "ada"), "which law does not hold is told"
    assert waits not in told(folder, "bo")
    assert "Call:" in told(folder, "bo")
    finish = ["--course", str(course), "finish", str(folder.parent / "out"), "--assignment", "only"]
    assert main(finish) == 0
    assert waits in told(folder, "ada")
    assert waits not in told(folder, "bo")
    (folder / "ada" / ON_TIME).mkdir()
    (folder / "ada" / ON_TIME / "line.py").write_text(TRIPLE + "# again\n")
    assert grade(course, folder) == 0
    assert waits not in told(folder, "ada")


def test_without_a_token_a_hand_in_is_graded_and_told_when_the_next_one_comes(tmp_path: Path) -> None:
    """Two tokens, one back after twelve hours: the third hand-in within an hour has none, one a day later has."""
    times = ("2027-01-20T10-00Z", "2027-01-20T10-20Z", "2027-01-20T10-40Z")
    folder = hand_in(tmp_path / "class", ada=dict.fromkeys(times, TRIPLE), bo={times[0]: TRIPLE, times[2]: TRIPLE})
    tokens = ", tokens: {most: 2, refill_hours: 12}"
    course = make_course(tmp_path / "course", "attempts: latest\ntime_zone: Europe/Berlin\n", tokens)
    assert grade(course, folder) == 0
    waits = "what breaks it is not shown: hand in again from 2027-01-20 23:00 CET on, and it is"
    assert waits in told(folder, "ada")
    assert "It rises by 2." in told(folder, "ada")
    assert "Call:" not in told(folder, "ada")
    assert "Call:" in told(folder, "bo")
    assert totals(folder)["ada"] == totals(folder)["bo"] == ("1", "1")
    assert main(["--course", str(course), "finish", str(folder.parent / "out"), "--assignment", "only"]) == 0
    assert waits in told(folder, "ada"), "what the journal tells is the same"
    hand_in(folder, ada={"2027-01-20T22-00Z": TRIPLE})
    assert grade(course, folder) == 0
    assert "Call:" in told(folder, "ada")


def test_tokens_decide_on_what_is_shown_and_regrade_nobody(tmp_path: Path) -> None:
    course = Course.load(make_course(tmp_path / "course", ""))
    before = suite_digest(course, course.exercises[0])
    told = (course.root / "course.yml").read_text().replace("seed: 7", "seed: 7, tokens: {most: 1, refill_hours: 0.5}")
    (course.root / "course.yml").write_text(told)
    with_tokens = Course.load(course.root)
    assert bucket_of(with_tokens) == Bucket(1, timedelta(minutes=30))
    assert bucket_of(course) is None
    assert suite_digest(with_tokens, with_tokens.exercises[0]) == before
    (course.root / "course.yml").write_text(told.replace("most: 1", "most: 0"))
    with pytest.raises(CourseError, match=r"tokens.*most"):
        Course.load(course.root)
