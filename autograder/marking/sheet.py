"""A sheet of marks: read, and held line by line against what waits.

Columns, in any order and case: `student`, `exercise`, `points`, and if wanted `comment`, `marker` and `answer`, the
digest that pending.csv has of what was read. Others do not count, so that pending.csv itself, filled in, is such a
sheet. Rows with empty points are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Exercise
from autograder.errors import CourseError
from autograder.reports.by_hand import Mark, Marks
from autograder.reports.table import plain_text
from autograder.reports.text import number, one_line, plain
from autograder.submissions.sheets import read_rows
from autograder.submissions.students import student_key

SHEET_BYTES = 64 << 20
COMMENT = 4000  # characters
NEEDED = ("student", "exercise", "points")
_OPTIONAL = ("comment", "marker", "answer")
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One row: the line on which it starts, and its cells by column, as they were written."""

    number: int
    cells: Mapping[str, str]

    @property
    def is_bare(self) -> bool:
        """Whether somebody wrote a comment and no points."""
        return bool(self["comment"] and not self["points"])

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Answers:
    """What can be marked: exercises with prose by slug and by id, students, and each answer's digest by both.

    `students` are by `student_key`; `answers` by student and exercise id.
    """

    exercises: Mapping[str, Exercise]
    students: Mapping[str, str]
    answers: Mapping[tuple[str, str], str]


def read_sheet(path: Path) -> list[Line]:
    """All rows. CourseError: unreadable, not CSV, or without a column that is needed."""
    rows = read_rows(path, SHEET_BYTES, "sheet of marks")
    header = [cell.strip().casefold() for cell in rows[0][1]] if rows else []
    if missing := [name for name in NEEDED if name not in header]:
        told = "The first line names the columns; begin with pending.csv, which has them."
        raise CourseError(f"{path}:1: no column {' or '.join(missing)}. {told}")
    if twice := [name for name in (*NEEDED, *_OPTIONAL) if header.count(name) > 1]:
        raise CourseError(f"{path}:1: two columns {twice[0]}. Keep one.")
    return [Line(number, _cells(header, row)) for number, row in rows[1:]]


def _cells(header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    return {name: plain_text(cell).strip() for name, cell in zip(header, row, strict=False) if name}


def check_sheet(
    path: Path, lines: Sequence[Line], answers: Answers, given: Marks, replace: bool
) -> tuple[list[Mark], list[str]]:
    """The marks that are new, and a line for everything that is wrong: `file:line: …`, with the remedy."""
    marks: list[Mark] = []
    problems: list[str] = []
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        try:
            mark, exercise = _mark(line, answers)
            if (before := first.setdefault((mark.student, mark.exercise), line.number)) != line.number:
                raise ValueError(f"{_what(mark)}: already marked in line {before}. Keep one of the two.")
            earlier = given.in_force(mark.student, exercise, mark.answer)
            is_new = earlier is None or _told(earlier) != _told(mark)
            if earlier is not None and is_new and not replace:
                raise ValueError(f"{_what(mark)}: {_changes(earlier, mark)}. Give --replace to change it.")
        except ValueError as problem:
            problems.append(f"{path}:{line.number}: {problem}")
        else:
            marks += [mark] if is_new else []
    return marks, problems


def _mark(line: Line, answers: Answers) -> tuple[Mark, Exercise]:
    """Raises ValueError with what is wrong and the remedy."""
    if not (name := line["student"]) or (student := answers.students.get(student_key(name))) is None:
        raise ValueError(f"no student {one_line(name)!r} in this class. Write the name as in pending.csv.")
    exercise = answers.exercises.get(line["exercise"])
    if exercise is None:
        there = ", ".join(sorted({each.slug for each in answers.exercises.values()})) or "none"
        found = one_line(line["exercise"])
        raise ValueError(f"no exercise {found!r} with prose in what was graded. There are: {there}.")
    points = _points(line["points"], exercise)
    digest = answers.answers[student, exercise.id]
    mark = Mark(
        student,
        exercise.id,
        points,
        exercise.by_hand,
        digest,
        plain(line["comment"], COMMENT).strip(),
        one_line(line["marker"]),
    )
    if line["answer"] and line["answer"].casefold() != digest:
        raise ValueError(
            f"{_what(mark)}: the answer was changed since it was read ({one_line(line['answer'])}, now {digest}). "
            "Read it anew in pending.csv, and take its `answer` over."
        )
    return mark, exercise


def _points(text: str, exercise: Exercise) -> float:
    allowed = f"allowed: 0 to {number(exercise.by_hand)}"
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"points: found {one_line(text)!r}, not a number; {allowed}.")
    points = round(float(text.replace(",", ".")), 4) + 0.0
    if points < 0:
        raise ValueError(f"points: found {one_line(text)}, below 0; {allowed}.")
    if points > exercise.by_hand:
        raise ValueError(f"points: found {one_line(text)}, above the maximum; {allowed}.")
    return points


def _what(mark: Mark) -> str:
    return f"{one_line(mark.student)}, {mark.exercise}"


def _told(mark: Mark) -> tuple[float, str, str]:
    """What a sheet says of a mark: one of the page has its items too."""
    return mark.points, mark.comment, mark.marker


def _changes(earlier: Mark, mark: Mark) -> str:
    """In what a mark differs from the earlier one."""
    if earlier.points != mark.points:
        return f"has {number(earlier.points)} points already, {number(mark.points)} here"
    return f"has another {'comment' if earlier.comment != mark.comment else 'marker'} already"


def answers_of(exercises: Sequence[Exercise], written: Iterator[tuple[str, str, str]]) -> Answers:
    """From the exercises that were graded and (student, exercise id, digest) of every answer."""
    by_hand = {name: e for e in exercises if e.by_hand for name in (e.slug, e.id)}
    answers = {(student, exercise): digest for student, exercise, digest in written}
    students = {student_key(name): student for student, _ in answers for name in (student, one_line(student))}
    return Answers(by_hand, students, answers)
