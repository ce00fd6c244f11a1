"""The late policy of course.yml, for nbgrader's gradebook and for those who grade without it.

Without nbgrader the roster says when each student handed in: the column `submitted` (ISO 8601, with an offset where
the course has no time zone, as in `2027-01-23T08:00:00+01:00`; empty: in time) and, if wanted, `extension_hours` (a
number; empty: none). Moodle's grading worksheet says it in a column of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from autograder.course import Assignment, Course, at_clock
from autograder.course_file import Late
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.reports.table import csv_text
from autograder.results import Final, Report
from autograder.submissions.roster import Person, one_person
from autograder.submissions.sheets import read_rows
from autograder.submissions.students import student_key

LATE = "late.csv"
EXTENSIONS_BYTES = 4 << 20
_EXAMPLE = "as 2027-01-23T08:00+01:00"
_MOODLES = "Friday, 22 January 2027, 8:00 PM"
_COLUMNS = "student submitted due hours_late points penalty score pending days_late free_days_used"


@dataclass(frozen=True)
class HandedIn:
    """When one student handed in, the extension that was granted, and the late days that still cost nothing.

    `is_attempts`: the time is that of the attempt that counts, which no roster knows better.
    """

    submitted: datetime | None
    extension: timedelta = timedelta()
    free_days: int = 0
    is_attempts: bool = False

    def seconds_late(self, due: datetime) -> float:
        """Seconds after the due date and extension; 0 when in time."""
        if self.submitted is None:
            return 0.0
        return max(0.0, (self.submitted.astimezone(UTC) - _after(due, self.extension)).total_seconds())

    def days_late(self, policy: Late, due: datetime) -> int:
        """Late days begun after the extension and the grace; each ends at the same time of day in `due`'s zone."""
        if self.submitted is None:
            return 0
        free = _after(due, self.extension + timedelta(minutes=policy.grace_minutes))
        days = max(0, (self.submitted.astimezone(free.tzinfo).date() - free.date()).days)
        return days + (self.submitted.astimezone(UTC) > _days_after(free, days))

    def penalty(self, policy: Late, earned: float, due: datetime) -> float:
        """Points that lateness costs, 0 to `earned`.

        Every late day begun costs, less the free ones; after max_days, all is lost.
        """
        days = self.days_late(policy, due)
        if not days or earned <= 0:
            return 0.0
        costly = days - self.free_days_used(policy, due)
        return earned * (1.0 if days > policy.max_days else min(1.0, costly * policy.penalty_per_day))

    def free_days_used(self, policy: Late, due: datetime) -> int:
        """How many of the late days cost nothing; none where all is lost anyway."""
        days = self.days_late(policy, due)
        return 0 if days > policy.max_days else min(days, self.free_days)


def _after(when: datetime, span: timedelta) -> datetime:
    """So much later by a stopwatch, which a zone's clock may not be."""
    return (when.astimezone(UTC) + span).astimezone(when.tzinfo)  # Python alone would add to what the clock shows


def _days_after(when: datetime, days: int) -> datetime:
    assert when.tzinfo is not None
    return when if not days else at_clock(when.replace(tzinfo=None) + timedelta(days=days), when.tzinfo)


def read_times(
    path: Path, people: Sequence[Person], zone: tzinfo | None = None, always: bool = False
) -> dict[str, HandedIn] | None:
    """When each student of a roster handed in, by `student_key`.

    None when the roster has no column `submitted`, unless `always`: then attempts tell their times themselves. In
    place of that column Moodle's own will do, `Last modified (submission)`, in a course with a `zone`.

    A time without an offset is one of `zone`. CourseError, naming the line: no zone, not a date, not a number of hours.
    """
    if not always and all(person.submitted is None for person in people):
        return _moodles_times(path, people, zone)
    return {student_key(person.name): _handed_in(f"{path}:{person.line}", person, zone) for person in people}


def _handed_in(where: str, person: Person, zone: tzinfo | None) -> HandedIn:
    when = _time(f"{where}: submitted", person.submitted or "", zone)
    return HandedIn(when, _hours(f"{where}: extension_hours", person.extension or "0"))


def _moodles_times(path: Path, people: Iterable[Person], zone: tzinfo | None) -> dict[str, HandedIn] | None:
    """By Moodle's column; None where it is missing, or cannot be read. CourseError: not a number of hours."""
    listed = list(people)
    if zone is None or not any(person.modified for person in listed):
        return None
    try:
        whens = [_moodles_time(person.modified, zone) for person in listed]
    except ValueError:
        return None
    more = [_hours(f"{path}:{one.line}: extension_hours", one.extension or "0") for one in listed]
    return {student_key(one.name): HandedIn(when, span) for one, when, span in zip(listed, whens, more, strict=True)}


def _moodles_time(text: str, zone: tzinfo) -> datetime | None:
    """`Friday, 22 January 2027, 8:00 PM`, as Moodle's English says it. ValueError: nothing of the kind."""
    plain = " ".join(text.split())
    if plain in ("", "-"):
        return None
    for form in ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%A, %B %d, %Y, %I:%M %p"):
        with suppress(ValueError):
            return at_clock(datetime.strptime(plain, form), zone)
    raise ValueError(text)


def uncounted(policy: Late, roster: Path, people: Iterable[Person], zone: tzinfo | None) -> str:
    """Why nobody is counted late by a roster without times, and what to do; empty where lateness costs nothing."""
    if not policy.penalty_per_day:
        return ""
    told = [person.modified for person in people if person.modified.strip("- ")]
    why = f"has no column `submitted` ({_EXAMPLE}; empty: in time)"
    if told and zone is None:
        why = "has Moodle's times, and course.yml no time_zone that says of which zone they are"
    elif told:
        why = f"has Moodle's times in other words than {_MOODLES!r}: write a column `submitted` ({_EXAMPLE})"
    return f"no late penalty: {roster.name} {why}"


def _time(where: str, text: str, zone: tzinfo | None) -> datetime | None:
    """ISO 8601, also as Gradescope writes it: `2027-01-23 08:00:00 -0800` and `2027-01-23 08:00:00 UTC`."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text.replace(" UTC", "+00:00")))
    except ValueError:
        raise CourseError(f"{where}: found {text!r}, allowed: {_EXAMPLE}") from None
    if time.tzinfo is None and zone is None:
        told = "Add an offset, as in +01:00, or a time_zone to course.yml."
        raise CourseError(f"{where}: {text!r} has no time zone. {told}")
    return time.replace(tzinfo=zone) if time.tzinfo is None else time


@dataclass(frozen=True)
class Granted:
    """What bears on lateness and stands outside the roster. `earlier`: graded folders of other assignments."""

    extensions: Path | None = None
    earlier: Sequence[Path] = ()


def times_of(
    course: Course, assignment: Assignment, roster: Path, people: Sequence[Person], granted: Granted
) -> dict[str, HandedIn] | None:
    """As `read_times`, with extensions, groups and what is left of the free late days.

    CourseError: as there; an extension of nobody; a folder without late.csv; either without a column `submitted`.
    """
    times = read_times(roster, people, course.time_zone, course.attempts is not None)
    if times is None:
        if granted.extensions or granted.earlier:
            raise CourseError(f"{roster}: has no column `submitted`, so nobody is late: --extensions does nothing")
        return None
    if granted.extensions:
        extended = read_extensions(granted.extensions, people, assignment, course.time_zone)
        times |= {key: replace(times[key], extension=span) for key, span in extended.items()}
    if assignment.groups:
        times = _as_groups(times, people)
    used = days_used(granted.earlier)
    left = course.late.free_days
    return {key: replace(when, free_days=max(0, left - used.get(key, 0))) for key, when in times.items()}


def _as_groups(times: Mapping[str, HandedIn], people: Iterable[Person]) -> dict[str, HandedIn]:
    """A member without a time of their own handed in when the last of the group did; an extension is the group's."""
    groups: dict[str, list[str]] = {}
    for person in people:
        groups.setdefault(person.group, []).append(student_key(person.name))
    made = dict(times)
    for group, members in groups.items():
        when = [told for key in members if (told := times[key].submitted) is not None]
        span = max(times[key].extension for key in members)
        for key in members if group else ():
            made[key] = HandedIn(times[key].submitted or max(when, default=None), span)
    return made


def read_extensions(
    path: Path, people: Sequence[Person], assignment: Assignment, zone: tzinfo | None
) -> dict[str, timedelta]:
    """Extensions of one assignment by `student_key`, from a CSV with the columns `student` and `hours` or `until`.

    `student` is a name, id, login or address; `assignment` may be a column too, and rows of others are passed over.
    CourseError, naming the line: no such columns, nobody's, one student twice, neither hours nor a time.
    """
    (_, heading), *rows = read_rows(path, EXTENSIONS_BYTES, "list of extensions") or [(1, [])]
    names = [cell.strip().casefold() for cell in heading]
    if "student" not in names or not {"hours", "until"} & {*names}:
        raise CourseError(f"{path}: expected the columns student, and hours or until; found {', '.join(heading)}")
    found: dict[str, timedelta] = {}
    for line, row in rows:
        told = dict(zip(names, (cell.strip() for cell in row), strict=False))
        if told.get("assignment", assignment.id) not in ("", assignment.id):
            continue
        name = told.get("student", "")
        who = one_person(name, people)
        if who is None:
            raise CourseError(f"{path}:{line}: student: {name!r} is nobody, or several people, on the roster")
        if student_key(who.name) in found:
            raise CourseError(f"{path}:{line}: {who.name} has an extension of {assignment.id} already. Keep one row.")
        found[student_key(who.name)] = _span(f"{path}:{line}", told, assignment.due, zone)
    return found


def _span(where: str, told: Mapping[str, str], due: datetime, zone: tzinfo | None) -> timedelta:
    """How much later than `due` a row allows."""
    hours, until = told.get("hours", ""), told.get("until", "")
    if bool(hours) == bool(until):
        raise CourseError(f"{where}: expected either hours or until")
    if not until:
        return _hours(f"{where}: hours", hours)
    end = _time(f"{where}: until", until, zone)
    assert end is not None
    if end <= due:
        raise CourseError(f"{where}: until: {until!r} is not after the due date, {due.isoformat()}")
    return end.astimezone(UTC) - due.astimezone(UTC)


def _hours(where: str, text: str) -> timedelta:
    try:
        return timedelta(hours=float(text))
    except (ValueError, OverflowError):
        raise CourseError(f"{where}: found {text!r}, allowed: a number of hours") from None


def days_used(folders: Iterable[Path]) -> Counter[str]:
    """Free late days used in other assignments, by `student_key`, as their late.csv tells. CourseError: none there."""
    used: Counter[str] = Counter()
    for folder in folders:
        path = folder / LATE
        if not path.is_file():
            raise CourseError(f"{path}: no such file. Grade that assignment with a roster that has `submitted`.")
        (_, heading), *rows = read_rows(path, EXTENSIONS_BYTES, "late.csv") or [(1, [])]
        if not {"student", "free_days_used"} <= {*heading}:
            raise CourseError(f"{path}: has no column free_days_used. Grade or finish that assignment again.")
        for _, row in rows:
            told = dict(zip(heading, row, strict=False))
            used[student_key(told["student"])] += int(told["free_days_used"] or 0)
    return used


@dataclass(frozen=True)
class Lateness:
    """What lateness costs in one assignment: when it was due, the policy, and when each student handed in."""

    due: datetime
    policy: Late
    times: Mapping[str, HandedIn]

    def of(self, report: Report) -> HandedIn:
        return self.times.get(student_key(report.student), HandedIn(None))

    def cost(self, report: Report) -> float:
        """Points that lateness costs this student, of checks' and marks by hand; 0 where the grader failed."""
        return 0.0 if report.has_error else self.of(report).penalty(self.policy, report.earned, self.due)


def final_of(report: Report, lateness: Lateness | None) -> Final | None:
    """The mark that counts; None while anything waits, or could not be graded. `lateness` None: nobody is late."""
    if report.has_error or report.pending:
        return None
    cost = lateness.cost(report) if lateness else 0.0
    return Final(round(report.earned - cost, 4) + 0.0, round(cost, 4) + 0.0)


def write_late(path: Path, lateness: Lateness, reports: Iterable[Report]) -> int:
    """Write late.csv and return how many were late. CourseError: the folder cannot be written.

    Columns `student,submitted,due,hours_late,points,penalty,score,pending,days_late,free_days_used`, times in UTC with
    the extension counted; points (by checks, and by hand so far), penalty and score are empty where the grader failed.
    RFC 4180.
    """
    rows, count = [], 0
    for report in reports:
        when, cost = lateness.of(report), lateness.cost(report)
        seconds = when.seconds_late(lateness.due)
        scores = [None] * 3 if report.has_error else [report.earned, cost, report.earned - cost]
        shown = "" if when.submitted is None else _utc(when.submitted)
        due = _utc(_after(lateness.due, when.extension))
        days = [told(lateness.policy, lateness.due) for told in (when.days_late, when.free_days_used)]
        rows.append([report.student, shown, due, seconds / 3600, *scores, report.pending, *days])
        count += seconds > 0
    write_file(path, csv_text(_COLUMNS.split(), rows))
    return count


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).isoformat()
