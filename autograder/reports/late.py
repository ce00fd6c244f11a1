"""The late policy of course.yml, for nbgrader's gradebook and for those who grade without it.

Without nbgrader the roster says when each student handed in: the column `submitted` (ISO 8601, with an offset where
the course has no time zone, as in `2027-01-23T08:00:00+01:00`; empty: in time) and, if wanted, `extension_hours` (a
number; empty: none).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from autograder.course import at_clock
from autograder.course_file import Late
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.reports.table import csv_text
from autograder.results import Final, Report
from autograder.submissions.roster import Person
from autograder.submissions.students import student_key


@dataclass(frozen=True)
class HandedIn:
    """When one student handed in, and the extension that was granted."""

    submitted: datetime | None
    extension: timedelta = timedelta()

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
        """Points that lateness costs, 0 to `earned`. Every late day begun costs; after max_days, all is lost."""
        days = self.days_late(policy, due)
        if not days or earned <= 0:
            return 0.0
        return earned * (1.0 if days > policy.max_days else min(1.0, days * policy.penalty_per_day))


def _after(when: datetime, span: timedelta) -> datetime:
    """So much later by a stopwatch, which a zone's clock may not be."""
    return (when.astimezone(UTC) + span).astimezone(when.tzinfo)  # Python alone would add to what the clock shows


def _days_after(when: datetime, days: int) -> datetime:
    assert when.tzinfo is not None
    return when if not days else at_clock(when.replace(tzinfo=None) + timedelta(days=days), when.tzinfo)


def read_times(path: Path, people: Sequence[Person], zone: tzinfo | None = None) -> dict[str, HandedIn] | None:
    """When each student of a roster handed in, by `student_key`; None when the roster has no column `submitted`.

    A time without an offset is one of `zone`. CourseError, naming the line: no zone, not a date, not a number of hours.
    """
    if all(person.submitted is None for person in people):
        return None
    return {student_key(person.name): _handed_in(f"{path}:{person.line}", person, zone) for person in people}


def _handed_in(where: str, person: Person, zone: tzinfo | None) -> HandedIn:
    text = person.extension or "0"
    try:
        return HandedIn(_time(where, person.submitted or "", zone), timedelta(hours=float(text)))
    except (ValueError, OverflowError):
        raise CourseError(f"{where}: extension_hours: found {text!r}, allowed: a number of hours") from None


def _time(where: str, text: str, zone: tzinfo | None) -> datetime | None:
    """ISO 8601, also as Gradescope writes it: `2027-01-23 08:00:00 -0800` and `2027-01-23 08:00:00 UTC`."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text.replace(" UTC", "+00:00")))
    except ValueError:
        raise CourseError(f"{where}: submitted: found {text!r}, allowed: as 2027-01-23T08:00+01:00") from None
    if time.tzinfo is None and zone is None:
        told = "Add an offset, as in +01:00, or a time_zone to course.yml."
        raise CourseError(f"{where}: submitted: {text!r} has no time zone. {told}")
    return time.replace(tzinfo=zone) if time.tzinfo is None else time


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

    Columns `student,submitted,due,hours_late,points,penalty,score,pending`, times in UTC with the extension counted;
    points (by checks, and by hand so far), penalty and score are empty where the grader failed. RFC 4180.
    """
    rows, count = [], 0
    for report in reports:
        when, cost = lateness.of(report), lateness.cost(report)
        seconds = when.seconds_late(lateness.due)
        scores = [None] * 3 if report.has_error else [report.earned, cost, report.earned - cost]
        shown = "" if when.submitted is None else _utc(when.submitted)
        due = _utc(_after(lateness.due, when.extension))
        rows.append([report.student, shown, due, seconds / 3600, *scores, report.pending])
        count += seconds > 0
    write_file(path, csv_text("student submitted due hours_late points penalty score pending".split(), rows))
    return count


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).isoformat()
