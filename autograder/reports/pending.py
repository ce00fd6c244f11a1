"""pending.csv: the answers that a person marks, for those who grade without nbgrader.

Columns `exercise,student,points,evidence,explanation`, in the order in which a person marks best: exercise by exercise,
what nobody wrote first, copies side by side. RFC 4180, UTF-8, formulas defused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course import Exercise
from autograder.files import write_file
from autograder.reports.table import csv_text
from autograder.reports.text import number, plain
from autograder.results import Report
from autograder.submissions.explanation import Answer, evidence, in_order


def write_queue(path: Path, reports: Sequence[Report], exercises: Sequence[Exercise]) -> int:
    """Write pending.csv and return how many answers wait. CourseError: the folder cannot be written."""
    by_hand = {e.slug: e for e in exercises if e.by_hand}
    slugs = {e.id: e.slug for e in by_hand.values()}
    waiting = [
        Answer(report.student, slugs[result.exercise], result.written or "")
        for report in reports
        for result in report.exercises
        if result.pending and result.exercise in slugs
    ]
    rows = []
    for answer in in_order(waiting, by_hand):
        exercise = by_hand[answer.exercise]
        told = evidence(answer, exercise, [a for a in waiting if a.exercise == answer.exercise])
        rows.append(
            (answer.exercise, answer.student, number(exercise.by_hand), plain(told), plain(answer.text, 20_000))
        )
    write_file(path, csv_text("exercise student points evidence explanation".split(), rows))
    return len(waiting)
