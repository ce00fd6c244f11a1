"""The late policy: nothing in time, never more than was earned, and the same with and without nbgrader."""

import csv
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course, at_clock
from autograder.course_file import Late
from autograder.errors import CourseError
from autograder.reports.late import Granted, HandedIn, Lateness, read_times, times_of, uncounted, write_late
from autograder.results import ExerciseResult, Outcome, Report
from autograder.submissions.roster import read_roster

POLICY = Late(grace_minutes=30, penalty_per_day=0.1, max_days=5)
DUE = datetime(2027, 1, 15, 23, 59, tzinfo=UTC)
DAY = 86_400
NEW_YORK = ZoneInfo("America/New_York")  # its clocks: an hour on at 2 on 14 March 2027, back at 2 on 7 November


def cost(policy: Late, earned: float, seconds: float, due: datetime = DUE) -> float:
    return HandedIn(due.astimezone(UTC) + timedelta(seconds=seconds)).penalty(policy, earned, due)


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
    assert cost(POLICY, 20, seconds) == pytest.approx(20 * share)


@given(
    st.builds(Late, grace_minutes=st.integers(0, 100), penalty_per_day=st.floats(0, 1), max_days=st.integers(0, 9)),
    st.floats(0, 100),
    st.floats(0, 1e7),
    st.floats(0, 1e7),
)
def test_a_penalty_is_between_nothing_and_all_and_grows_with_time(
    policy: Late, earned: float, early: float, more: float
) -> None:
    for due in (DUE, DUE.astimezone(NEW_YORK), datetime(2027, 3, 13, 2, 30, tzinfo=NEW_YORK)):
        assert 0 <= cost(policy, earned, early, due) <= cost(policy, earned, early + more, due) <= earned


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
    path = roster(tmp_path, text)
    times = read_times(path, read_roster(path))
    assert times == {
        "ada": HandedIn(datetime(2027, 1, 16, tzinfo=UTC)),
        "bela": HandedIn(None, timedelta(hours=2.5)),
    }


def test_a_roster_without_times_is_no_late_policy(tmp_path: Path) -> None:
    path = roster(tmp_path, "student\nada\n")
    assert read_times(path, read_roster(path)) is None


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
    path = roster(tmp_path, f"student,submitted,extension_hours\n{row}\n")
    with pytest.raises(CourseError, match=said):
        read_times(path, read_roster(path))


def test_late_csv_has_points_penalty_and_score(course: Course, tmp_path: Path) -> None:
    assignment = course.assignment("explain-it")
    times = {"ada": HandedIn(assignment.due + timedelta(hours=1)), "bela": HandedIn(assignment.due)}
    result = ExerciseResult("23_explain_slowness", Outcome.PASSED, 4.0, 4.0, pending=3.0)
    error = ExerciseResult("23_explain_slowness", Outcome.ERROR, None, 4.0)
    reports = [
        Report("ada", "strict", (result,)),
        Report("bela", "strict", (result,)),
        Report("eve", "strict", (error,)),
    ]
    assert write_late(tmp_path / "late.csv", Lateness(assignment.due, POLICY, times), reports) == 1
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


# -- a zone with clock changes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "handed_in", "days"),
    [
        ((3, 13, 23, 59), (3, 14, 23, 59), 1),  # 23 hours, a whole day by the clock
        ((3, 13, 23, 59), (3, 15, 0, 0), 2),
        ((11, 6, 23, 59), (11, 7, 23, 59), 1),  # 25 hours, and still one day
        ((11, 6, 23, 59), (11, 8, 0, 0), 2),
        ((3, 13, 2, 30), (3, 14, 3, 30), 1),  # the day ends at 2:30, which the clock skips: so at 3:30
        ((3, 13, 2, 30), (3, 14, 3, 31), 2),
        ((11, 6, 1, 30), (11, 7, 1, 30), 1),  # 1:30 comes twice, and the day ends at the second
        ((3, 13, 23, 59), (3, 13, 23, 59), 0),
    ],
)
def test_a_late_day_ends_at_the_same_time_of_day(due: tuple[int, ...], handed_in: tuple[int, ...], days: int) -> None:
    start, when = (at_clock(datetime(2027, *told), NEW_YORK) for told in (due, handed_in))
    assert HandedIn(when).days_late(Late(), start) == days
    assert HandedIn(when.astimezone(UTC)).days_late(Late(), start) == days


def test_grace_and_extension_come_before_the_first_day() -> None:
    due = at_clock(datetime(2027, 3, 13, 23, 59), NEW_YORK)
    by_grace = at_clock(datetime(2027, 3, 15, 0, 29), NEW_YORK)
    assert HandedIn(by_grace).days_late(Late(grace_minutes=30), due) == 1
    assert HandedIn(by_grace + timedelta(seconds=1)).days_late(Late(grace_minutes=30), due) == 2
    assert HandedIn(by_grace, timedelta(days=1)).days_late(Late(grace_minutes=30), due) == 0


def zoned(folder: Path, zone: str, due: str) -> Path:
    (folder / "course.yml").write_text(
        f"title: T\n{zone}\nassignments:\n  - id: one\n    title: One\n    due: {due}\n"
        "    exercises: [{id: 01_line, title: Line}]\n",
        encoding="utf-8",
    )
    return folder


def test_a_due_time_without_an_offset_is_one_of_the_courses_zone(tmp_path: Path) -> None:
    course = Course.load(zoned(tmp_path, "time_zone: America/New_York", "2027-07-01T23:59"))
    assert course.assignments[0].due == datetime(2027, 7, 2, 3, 59, tzinfo=UTC)
    course = Course.load(zoned(tmp_path, "time_zone: America/New_York", "2027-07-01T23:59:00+00:00"))
    assert course.assignments[0].due.utcoffset() == timedelta(hours=-4)


@pytest.mark.parametrize(
    ("zone", "due", "said"),
    [
        ("time_zone: America/New_Yrok", "2027-07-01T23:59", "time_zone: found 'America/New_Yrok', allowed: a zone"),
        ("time_zone: ../etc/passwd", "2027-07-01T23:59", "allowed: a zone"),
        ("time_zone: Europe", "2027-07-01T23:59", "allowed: a zone"),
        (
            "# none",
            "2027-07-01T23:59",
            r"course.yml:6: assignments\[0\].due: found '2027-07-01T23:59:00', allowed: with",
        ),
    ],
)
def test_a_zone_that_is_none_and_a_time_without_one_are_told(tmp_path: Path, zone: str, due: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        Course.load(zoned(tmp_path, zone, due))


def test_a_rosters_time_without_an_offset_is_one_of_the_zone(tmp_path: Path) -> None:
    path = roster(
        tmp_path, "student,submitted\nada,2027-07-01 23:59\nbo,2027-07-01 23:59:00 UTC\ncy,2027-07-01 23:59 -0800\n"
    )
    times = read_times(path, read_roster(path), NEW_YORK)
    assert times is not None
    hours = [when.submitted.astimezone(UTC).hour for when in times.values() if when.submitted]
    assert hours == [3, 23, 7]


MOODLES = "Identifier,Full name,Last modified (submission)\n"


def test_moodles_own_column_tells_when_in_the_zone_of_the_course(tmp_path: Path) -> None:
    path = roster(
        tmp_path,
        MOODLES
        + 'Participant 1,Ada,"Thursday, 1 July 2027, 8:05 PM"\nParticipant 2,Bo,-\n'
        + 'Participant 3,Cy,"Friday, January 22, 2027, 12:30\u202fAM"\n'
        + 'Participant 4,Di,"Thursday, 1 July 2027, 20:05"\n',
    )
    people = read_roster(path)
    times = read_times(path, people, NEW_YORK)
    assert times is not None
    told = [when.submitted.astimezone(UTC).isoformat() if when.submitted else None for when in times.values()]
    assert told == ["2027-07-02T00:05:00+00:00", None, "2027-01-22T05:30:00+00:00", "2027-07-02T00:05:00+00:00"]
    assert read_times(path, people, None) is None
    policy = Late(penalty_per_day=0.1)
    assert "course.yml no time_zone" in uncounted(policy, path, people, None)
    assert uncounted(Late(), path, people, None) == "", "lateness costs nothing"


def test_times_in_another_language_are_nobodys_guess(tmp_path: Path) -> None:
    path = roster(tmp_path, MOODLES + 'Participant 1,Ada,"Donnerstag, 1. Juli 2027, 20:05"\n')
    people = read_roster(path)
    assert read_times(path, people, NEW_YORK) is None
    assert "write a column `submitted` (as 2027-01-23T08:00+01:00)" in uncounted(
        Late(penalty_per_day=0.1), path, people, NEW_YORK
    )


def test_zones_are_known_where_the_system_has_none() -> None:
    code = "import zoneinfo; zoneinfo.reset_tzpath(()); print(zoneinfo.ZoneInfo('America/New_York'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "America/New_York"


# -- extensions, groups and free days ---------------------------------------------------------------


PEOPLE = "student,id,submitted,extension_hours,group\nAda Lovelace,a1,2027-01-17T23:59+00:00,,red\nBo,b2,,2,red\n"


def granted(course: Course, folder: Path, extensions: str = "", earlier: tuple[Path, ...] = ()) -> dict[str, HandedIn]:
    """For the assignment why-hard, which is due on 15 January."""
    path = roster(folder, PEOPLE + "Cy,c3,2027-01-18T00:00+00:00,,\n")
    told = folder / "extensions.csv"
    told.write_text(extensions, encoding="utf-8")
    given = Granted(told if extensions else None, earlier)
    times = times_of(course, course.assignment("why-hard"), path, read_roster(path), given)
    assert times is not None
    return times


def test_extensions_come_by_a_list_and_stand_above_the_roster(course: Course, tmp_path: Path) -> None:
    rows = "a1,why-hard,,2027-01-17T00:00+00:00\nBo,dirty-it,99,\nbo,why-hard,5,\nCy,,1,\n"
    text = f"student,assignment,hours,until\n{rows}"
    times = granted(course, tmp_path, text)
    hours = {key: when.extension.total_seconds() / 3600 for key, when in times.items()}
    assert hours == {"ada lovelace": pytest.approx(24 + 1 / 60), "bo": 5, "cy": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,hours\nBo,1\n", "expected the columns student, and hours or until; found name, hours"),
        ("student,hours\nEve,1\n", r"extensions\.csv:2: student: 'Eve' is nobody, or several people, on the roster"),
        ("student,hours\nBo,1\nb2,2\n", r"extensions\.csv:3: Bo has an extension of why-hard already"),
        ("student,hours,until\nBo,1,2027-01-17T00:00+00:00\n", r"extensions\.csv:2: expected either hours or until"),
        ("student,hours\nBo,\n", r"extensions\.csv:2: expected either hours or until"),
        ("student,hours\nBo,some\n", r"extensions\.csv:2: hours: found 'some'"),
        ("student,until\nBo,2027-01-14T00:00+00:00\n", r"extensions\.csv:2: until: .* is not after the due date"),
        ("student,until\nBo,Friday\n", r"extensions\.csv:2: until: found 'Friday'"),
    ],
)
def test_a_wrong_extension_is_told_with_its_line(course: Course, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        granted(course, tmp_path, text)


def test_a_group_hands_in_at_one_time_and_an_extension_of_one_is_of_all(course: Course, tmp_path: Path) -> None:
    path = roster(tmp_path, PEOPLE + "Cy,c3,2027-01-18T00:00+00:00,,\nDi,d4,,,\n")
    together = replace(course.assignment("why-hard"), groups=True)
    times = times_of(course, together, path, read_roster(path), Granted())
    assert times is not None
    both = HandedIn(datetime(2027, 1, 17, 23, 59, tzinfo=UTC), timedelta(hours=2))
    assert (times["ada lovelace"], times["bo"]) == (both, both)
    assert times["cy"].extension == timedelta()
    assert times["di"].submitted is None


def test_free_days_are_used_before_any_cost_over_all_assignments(course: Course, tmp_path: Path) -> None:
    policy = Late(penalty_per_day=0.1, max_days=5, free_days=3)
    lenient = replace(course, late=policy)
    due = course.assignment("why-hard").due
    when = HandedIn(due + timedelta(days=2), free_days=3)
    assert (when.penalty(policy, 10, due), when.free_days_used(policy, due)) == (0, 2)
    report = Report("Ada Lovelace", "strict", (ExerciseResult("01_x", Outcome.PASSED, 4.0, 4.0),))
    (tmp_path / "one").mkdir()
    write_late(tmp_path / "one" / "late.csv", Lateness(due, policy, {"ada lovelace": when}), [report])
    left = granted(lenient, tmp_path, earlier=(tmp_path / "one",))
    assert {key: told.free_days for key, told in left.items()} == {"ada lovelace": 1, "bo": 3, "cy": 3}
    again = HandedIn(due + timedelta(days=2), free_days=1)
    assert again.penalty(policy, 10, due) == pytest.approx(1)
    lost = HandedIn(due + timedelta(days=6), free_days=3)
    assert (lost.penalty(policy, 10, due), lost.free_days_used(policy, due)) == (10, 0)
    with pytest.raises(CourseError, match=r"no such file\. Grade that assignment with a roster"):
        granted(lenient, tmp_path, earlier=(tmp_path / "two",))
