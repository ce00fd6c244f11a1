"""The late policy of course.yml, for nbgrader's gradebook and for those who grade without it.

Without nbgrader the roster says when each student handed in: the column `submitted` (ISO 8601 with time zone, as in
`2027-01-23T08:00:00+01:00`; empty: in time) and, if wanted, `extension_hours` (a number; empty: none).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import Assignment, Late
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.reports.table import csv_text
from autograder.results import Report
from autograder.submissions.roster import Person, has_times, read_roster
from autograder.submissions.students import student_key

DAY = 86_400


@dataclass(frozen=True)
class HandedIn:
    """When one student handed in, and the extension that was granted."""

    submitted: datetime | None
    extension: timedelta = timedelta()

    def seconds_late(self, due: datetime) -> float:
        """Seconds after the due date and extension; 0 when in time."""
        return 0.0 if self.submitted is None else max(0.0, (self.submitted - due - self.extension).total_seconds())


def penalty(policy: Late, earned: float, seconds_late: float) -> float:
    """Points that lateness costs, 0 to `earned`. After the grace every day begun costs; after max_days, all is lost."""
    over = seconds_late - 60 * policy.grace_minutes
    if over <= 0 or earned <= 0:
        return 0.0
    days = math.ceil(over / DAY)
    share = 1.0 if days > policy.max_days else min(1.0, days * policy.penalty_per_day)
    return earned * share


def read_times(path: Path) -> dict[str, HandedIn] | None:
    """When each student of a roster handed in, by `student_key`; None when the roster has no column `submitted`.

    CourseError, naming the line: no time zone, not a date, not a number of hours.
    """
    people = read_roster(path)
    if not has_times(path):
        return None
    return {student_key(person.name): _handed_in(f"{path}:{person.line}", person) for person in people}


def _handed_in(where: str, person: Person) -> HandedIn:
    told = re.sub(r" ([+-]\d\d):?(\d\d)$", r"\1:\2", person.submitted.removesuffix(" UTC") + _offset(person.submitted))
    try:
        submitted = datetime.fromisoformat(told) if person.submitted else None
    except ValueError:
        raise CourseError(
            f"{where}: submitted: found {person.submitted!r}, allowed: as 2027-01-23T08:00+01:00"
        ) from None
    if submitted is not None and submitted.tzinfo is None:
        raise CourseError(f"{where}: submitted: {person.submitted!r} has no time zone. Add one, as in +01:00.")
    text = person.extension or "0"
    try:
        hours = float(text)
        return HandedIn(submitted, timedelta(hours=hours))
    except (ValueError, OverflowError):
        raise CourseError(f"{where}: extension_hours: found {text!r}, allowed: a number of hours") from None


def _offset(text: str) -> str:
    """Gradescope writes `2027-01-23 08:00:00 UTC`."""
    return "+00:00" if text.endswith(" UTC") else ""


def write_late(
    path: Path, assignment: Assignment, policy: Late, times: Mapping[str, HandedIn], reports: Sequence[Report]
) -> int:
    """Write late.csv and return how many were late. CourseError: the folder cannot be written.

    Columns `student,submitted,due,hours_late,points,penalty,score,pending`, times in UTC with the extension counted;
    points, penalty and score are empty where the grader failed. RFC 4180.
    """
    rows, count = [], 0
    for report in reports:
        when = times.get(student_key(report.student), HandedIn(None))
        seconds = when.seconds_late(assignment.due)
        cost = penalty(policy, report.points, seconds)
        scores = [None] * 3 if report.has_error else [report.points, cost, report.points - cost]
        shown = "" if when.submitted is None else _utc(when.submitted)
        due = _utc(assignment.due + when.extension)
        rows.append([report.student, shown, due, seconds / 3600, *scores, report.pending])
        count += seconds > 0
    write_file(path, csv_text("student submitted due hours_late points penalty score pending".split(), rows))
    return count


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).isoformat()
