"""The late policy of course.yml, for nbgrader's gradebook and for those who grade without it.

Without nbgrader the roster says when each student handed in: the column `submitted` (ISO 8601 with time zone, as in
`2027-01-23T08:00:00+01:00`; empty: in time) and, if wanted, `extension_hours` (a number; empty: none).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import Assignment, Late
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.reports.table import csv_text
from autograder.results import Report
from autograder.submissions.students import roster_rows, student_key

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
    rows = roster_rows(path)
    columns = {name.strip().lower(): i for i, name in enumerate(rows[0][1])} if rows else {}
    if "student" not in columns or "submitted" not in columns:
        return None
    times = {}
    for line, row in rows[1:]:
        cells = {name: row[i].strip() if i < len(row) else "" for name, i in columns.items()}
        times[student_key(cells["student"])] = _handed_in(f"{path}:{line}", cells)
    return times


def _handed_in(where: str, cells: dict[str, str]) -> HandedIn:
    try:
        submitted = datetime.fromisoformat(cells["submitted"]) if cells["submitted"] else None
    except ValueError:
        raise CourseError(
            f"{where}: submitted: found {cells['submitted']!r}, allowed: as 2027-01-23T08:00+01:00"
        ) from None
    if submitted is not None and submitted.tzinfo is None:
        raise CourseError(f"{where}: submitted: {cells['submitted']!r} has no time zone. Add one, as in +01:00.")
    text = cells.get("extension_hours", "") or "0"
    try:
        hours = float(text)
        return HandedIn(submitted, timedelta(hours=hours))
    except (ValueError, OverflowError):
        raise CourseError(f"{where}: extension_hours: found {text!r}, allowed: a number of hours") from None


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
