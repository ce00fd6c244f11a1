"""pending.csv: the answers that a person marks, for those who grade without nbgrader; and the sheet to mark them in.

Columns `exercise,student,points,out_of,comment,marker,answer,evidence,explanation`, in the order in which a person
marks best: exercise by exercise, what nobody wrote first, copies side by side. `points`, `comment` and `marker` are
empty, for the person to fill in; `answer` is the `answer_digest` by which `autograder marks` knows what was read.
marks.csv has what was marked, in the same columns without the last two. RFC 4180, UTF-8, formulas defused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path

from autograder.course import Exercise
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.reports.by_hand import Mark, answer_digest
from autograder.reports.table import csv_text
from autograder.reports.text import number, plain
from autograder.results import Report
from autograder.submissions.explanation import Answer, evidence, in_order
from autograder.submissions.sheets import read_rows

MARKS = "marks.csv"
PENDING_BYTES = 64 << 20
#: Of every sheet of marks.
COLUMNS = ("exercise", "student", "points", "out_of", "comment", "marker", "answer")


def write_queue(path: Path, reports: Sequence[Report], exercises: Sequence[Exercise]) -> int:
    """Write pending.csv and return how many answers wait. CourseError: the folder cannot be written."""
    by_hand = {e.slug: e for e in exercises if e.by_hand}
    slugs = {e.id: e.slug for e in by_hand.values()}
    waiting, earlier = [], {}
    for report in reports:
        for result in report.exercises:
            if result.pending and result.exercise in slugs:
                waiting.append(Answer(report.student, slugs[result.exercise], result.written or ""))
                if given := report.by_hand.get(result.exercise):
                    earlier[waiting[-1]] = given.earlier
    rows = []
    for answer in in_order(waiting, by_hand):
        exercise = by_hand[answer.exercise]
        told = evidence(answer, exercise, [a for a in waiting if a.exercise == answer.exercise])
        if (was := earlier.get(answer)) is not None:
            told = f"{told}\nMarked before: {number(was)} points, for another answer or other points. Mark it again."
        digest, text = answer_digest(answer.text), plain(answer.text, 20_000)
        rows.append((answer.exercise, answer.student, None, exercise.by_hand, "", "", digest, plain(told), text))
    write_file(path, csv_text([*COLUMNS, "evidence", "explanation"], rows))
    return len(waiting)


def set_aside(path: Path) -> str:
    """Rename a pending.csv into which somebody wrote marks, before it is written anew. Its new name; empty: nobody did.

    What cannot be read is somebody's too. CourseError: it cannot be renamed.
    """
    if not path.is_file() or not _is_filled_in(path):
        return ""
    names = (path.with_name(f"pending-filled-{number}.csv") for number in count(1))
    kept = next(name for name in names if not name.exists())
    try:
        path.rename(kept)
    except OSError as problem:
        raise CourseError(f"{path}: somebody wrote into it, and it cannot be renamed: {problem.strerror}.") from None
    return kept.name


def _is_filled_in(path: Path) -> bool:
    try:
        (_, header), *rows = read_rows(path, PENDING_BYTES, "pending.csv")
        places = [header.index(name) for name in ("points", "comment", "marker")]
        return any(row[place].strip() for _, row in rows for place in places)
    except (CourseError, ValueError, IndexError):
        return True


def write_marks(path: Path, marks: Iterable[Mark]) -> None:
    """Write marks.csv, which `autograder marks` takes back. CourseError: the folder cannot be written."""
    rows = ((m.exercise, m.student, m.points, m.out_of, m.comment, m.marker, m.answer) for m in marks)
    write_file(path, csv_text(COLUMNS, rows))
