"""Marks that a person gave for prose, put into a report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from autograder.course import Exercise
from autograder.results import ByHand, ExerciseResult, Report

DIGITS = 12


@dataclass(frozen=True)
class Mark:
    """What one person gave one student for the prose of one exercise (its id), of `out_of` points.

    `answer` is the `answer_digest` of what they read: the mark is in force for that text only. `items` are the points
    by the rubric's items, where it was marked by them. `second` is the mark of a second person who has not seen the
    first: it is never in force, it tells how far people agree.
    """

    student: str
    exercise: str
    points: float
    out_of: float
    answer: str
    comment: str = ""
    marker: str = ""
    items: dict[str, float] = field(default_factory=dict)
    second: bool = False


def answer_digest(text: str | None) -> str:
    """The start of the SHA-256 of an answer's text, written so that no spreadsheet takes it for a number."""
    return f"sha256:{hashlib.sha256((text or '').encode('utf-8', 'replace')).hexdigest()[:DIGITS]}"


class Marks:
    """All marks that were ever given, the latest last."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._of: dict[tuple[str, str], list[Mark]] = {}
        for mark in marks:
            self._of.setdefault((mark.student, mark.exercise), []).append(mark)

    def in_force(self, student: str, exercise: Exercise, answer: str) -> Mark | None:
        """The last mark for this answer, of as many points as the exercise gives now."""
        return self._last(student, exercise, answer, second=False)

    def second(self, student: str, exercise: Exercise, answer: str) -> Mark | None:
        """The last mark of a second person for this answer, of as many points as the exercise gives now."""
        return self._last(student, exercise, answer, second=True)

    def is_settled(self, student: str, exercise: Exercise, answer: str) -> bool:
        """Whether somebody marked this answer after a second person had: with sight of both."""
        all_given, wanted = self._of.get((student, exercise.id), []), (answer, exercise.by_hand)
        given = [mark for mark in all_given if (mark.answer, mark.out_of) == wanted]
        return any(mark.second for mark in given) and not given[-1].second

    def _last(self, student: str, exercise: Exercise, answer: str, second: bool) -> Mark | None:
        wanted = (answer, exercise.by_hand, second)
        given = self._of.get((student, exercise.id), [])
        return next((m for m in reversed(given) if (m.answer, m.out_of, m.second) == wanted), None)

    def last(self, student: str, exercise: Exercise) -> Mark | None:
        """The last mark that counts, whatever it was for."""
        return next((m for m in reversed(self._of.get((student, exercise.id), [])) if not m.second), None)


def with_marks(report: Report, exercises: Mapping[str, Exercise], marks: Marks) -> Report:
    """A report with the marks that are in force, and all that is marked by hand named. `exercises`: by id."""
    by_hand, results = {}, []
    for result in report.exercises:
        exercise = exercises[result.exercise]
        if exercise.by_hand:
            by_hand[result.exercise] = given = _given(report.student, exercise, result, marks)
            result = replace(result, pending=exercise.by_hand if given.points is None else 0.0)
        results.append(result)
    return replace(report, exercises=tuple(results), by_hand=by_hand)


def in_force(reports: Iterable[Report], exercises: Mapping[str, Exercise], marks: Marks) -> Iterator[Mark]:
    """The marks that count, student by student. `exercises`: by id."""
    for report in reports:
        for result in report.exercises:
            exercise = exercises[result.exercise]
            if mark := marks.in_force(report.student, exercise, answer_digest(result.written)):
                yield mark


def _given(student: str, exercise: Exercise, result: ExerciseResult, marks: Marks) -> ByHand:
    if mark := marks.in_force(student, exercise, answer_digest(result.written)):
        return ByHand(exercise.by_hand, mark.points, mark.comment)
    last = marks.last(student, exercise)
    waits = result.pending or last  # what was marked once and is gone is for a person too
    return ByHand(exercise.by_hand, None if waits else 0.0, earlier=last.points if last else None)
