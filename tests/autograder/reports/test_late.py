"""The late policy: nothing in time, never more than was earned, and the same with and without nbgrader."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course, Late
from autograder.errors import CourseError
from autograder.reports.late import DAY, HandedIn, penalty, read_times, write_late
from autograder.results import ExerciseResult, Outcome, Report

POLICY = Late(grace_minutes=30, penalty_per_day=0.1, max_days=5)
DUE = datetime(2027, 1, 15, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "share"),
    [
        (0, 0),
        (1800, 0),  # the grace, to the second
        (1801, 0.1),
        (1800 + DAY, 0.1),
        (1801 + DAY, 0.2),
        (1800 + 5 * DAY, 0.5),
        (1801 + 5 * DAY, 1),  # after max_days
    ],
)
def test_after_the_grace_every_day_begun_costs(seconds: float, share: float) -> None:
    assert penalty(POLICY, 20, seconds) == pytest.approx(20 * share)


@given(
    st.builds(Late, grace_minutes=st.integers(0, 100), penalty_per_day=st.floats(0, 1), max_days=st.integers(0, 9)),
    st.floats(0, 100),
    st.floats(0, 1e7),
    st.floats(0, 1e7),
)
def test_a_penalty_is_between_nothing_and_all_and_grows_with_time(
    policy: Late, earned: float, early: float, more: float
) -> None:
    assert 0 <= penalty(policy, earned, early) <= penalty(policy, earned, early + more) <= earned


def test_an_extension_moves_the_due_date() -> None:
    when = DUE + timedelta(hours=20)
    assert HandedIn(when).seconds_late(DUE) == 20 * 3600
    assert HandedIn(when, timedelta(hours=24)).seconds_late(DUE) == 0
    assert HandedIn(None).seconds_late(DUE) == 0


def roster(folder: Path, text: str) -> Path:
    path = folder / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_roster_says_when_each_student_handed_in(tmp_path: Path) -> None:
    text = "student,submitted,extension_hours\nada,2027-01-16T01:00+01:00,\nbela,,2.5\n"
    times = read_times(roster(tmp_path, text))
    assert times == {
        "ada": HandedIn(datetime(2027, 1, 16, tzinfo=UTC)),
        "bela": HandedIn(None, timedelta(hours=2.5)),
    }


def test_a_roster_without_times_is_no_late_policy(tmp_path: Path) -> None:
    assert read_times(roster(tmp_path, "student\nada\n")) is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ada,tomorrow,", r"roster\.csv:2: submitted: found 'tomorrow'"),
        ("ada,2027-01-16T01:00,", r"roster\.csv:2: submitted: '2027-01-16T01:00' has no time zone"),
        ("ada,,soon", r"roster\.csv:2: extension_hours: found 'soon'"),
        ("ada,,1e400", r"roster\.csv:2: extension_hours"),
        ("ada,,nan", r"roster\.csv:2: extension_hours"),
    ],
)
def test_a_wrong_time_is_told_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        read_times(roster(tmp_path, f"student,submitted,extension_hours\n{row}\n"))


def test_late_csv_has_points_penalty_and_score(course: Course, tmp_path: Path) -> None:
    assignment = course.assignment("explain-it")
    times = {"ada": HandedIn(assignment.due + timedelta(hours=1)), "bela": HandedIn(assignment.due)}
    result = ExerciseResult("21_explain_slowness", Outcome.PASSED, 4.0, 4.0, pending=3.0)
    error = ExerciseResult("21_explain_slowness", Outcome.ERROR, None, 4.0)
    reports = [
        Report("ada", "strict", (result,)),
        Report("bela", "strict", (result,)),
        Report("eve", "strict", (error,)),
    ]
    assert write_late(tmp_path / "late.csv", assignment, POLICY, times, reports) == 1
    with (tmp_path / "late.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert [rows["ada"][key] for key in ("hours_late", "points", "penalty", "score", "pending")] == [
        "1",
        "4",
        "0.4",
        "3.6",
        "3",
    ]
    assert (rows["bela"]["penalty"], rows["bela"]["score"]) == ("0", "4")
    assert (rows["eve"]["points"], rows["eve"]["score"]) == ("", "")
