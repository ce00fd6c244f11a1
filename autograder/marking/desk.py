"""What a person marks: the answers of a graded folder, by exercise, in an order that tells no names.

The journal is opened for a moment only, for each look and each mark, so that several people can mark at a time, and
nothing that was marked is lost, however the program ends.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.batch.batch import recorded
from autograder.batch.ledger import ClassRecord, Ledger
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.marking.agreement import Agreement, agreement
from autograder.marking.command import class_record, graded, next_step, open_journal
from autograder.reports.by_hand import Mark, Marks, answer_digest, in_force
from autograder.reports.pending import MARKS, write_marks
from autograder.reports.text import number
from autograder.results import Outcome
from autograder.submissions.explanation import Answer, evidence


@dataclass(frozen=True)
class Paper:
    """One written answer: whose, what it says, by which digest, and its number in the exercise, from 1.

    `key` tells whose without a name, and stays when the class is graded again.
    """

    student: str
    exercise: Exercise
    text: str
    digest: str
    key: str
    number: int


@dataclass(frozen=True)
class Standing:
    """What became of a paper so far. `is_due`: whether it waits in the task at hand."""

    paper: Paper
    mark: Mark | None
    second: Mark | None
    is_settled: bool
    is_due: bool


@dataclass(frozen=True)
class Task:
    """What this person does: mark what waits, or be the second for a share of what others marked."""

    marker: str
    share: float = 0.0  # 0: the first; else of which share of an exercise's papers the second


class Meanwhile(Exception):
    """Somebody marked the answer since it was shown. The text says who."""


class Desk:
    """The papers of a graded folder. CourseError: nothing was graded there, or by an earlier version."""

    def __init__(self, course: Course, folder: Path, task: Task) -> None:
        self._course, self._folder, self.task = course, folder, task
        self._record: ClassRecord | None = None
        self._papers: dict[str, tuple[Paper, ...]] = {}
        self._evidence: dict[str, str] = {}
        self._lock = threading.Lock()  # a browser asks for several things at a time
        with self._journal() as ledger:
            self._read(ledger)

    @contextmanager
    def _journal(self) -> Iterator[Ledger]:
        with self._lock, open_journal(self._folder) as ledger:
            yield ledger

    @property
    def exercises(self) -> list[Exercise]:
        return [papers[0].exercise for papers in self._papers.values() if papers]

    def exercise(self, slug: str) -> Exercise:
        """CourseError: none of that name was graded and is marked by hand."""
        for exercise in self.exercises:
            if exercise.slug == slug:
                return exercise
        raise CourseError(f"no exercise {slug!r} with prose was graded into {self._folder}")

    def standings(self, exercise: Exercise) -> list[Standing]:
        """All papers of an exercise, as the journal has them now."""
        with self._journal() as ledger:
            self._read(ledger)
            marks = Marks(ledger.marks())
        papers = self._papers[exercise.id]
        drawn = drawn_of(papers, self.task.share)
        return [self._standing(paper, marks, paper.key in drawn) for paper in papers]

    def _standing(self, paper: Paper, marks: Marks, is_drawn: bool = False) -> Standing:
        about = (paper.student, paper.exercise, paper.digest)
        mark, second, settled = marks.in_force(*about), marks.second(*about), marks.is_settled(*about)
        is_due = mark is None
        if self.task.share:
            is_due = mark is not None and second is None and mark.marker != self.task.marker and is_drawn
        return Standing(paper, mark, second, settled, is_due)

    def following(self, exercise: Exercise, after: int) -> Paper | None:
        """The next paper that waits, after that number, in an order of this person's own; None where none does.

        So two people who mark at a time seldom have the same answer before them.
        """
        standings = sorted(self.standings(exercise), key=lambda standing: _hash(self.task.marker, standing.paper.key))
        at = 1 + next((i for i, standing in enumerate(standings) if standing.paper.number == after), -1)
        return next((each.paper for each in (*standings[at:], *standings[:at]) if each.is_due), None)

    def evidence(self, paper: Paper, with_names: bool) -> str:
        """What a search found in it, as `explanation.evidence`; of others' answers only that there are such."""
        key = f"{paper.exercise.id} {paper.student} {paper.digest} {with_names}"
        if key not in self._evidence:
            others = [
                Answer(other.student if with_names else "another student", other.exercise.slug, other.text)
                for other in self._papers[paper.exercise.id]
                if other is not paper
            ]
            mine = Answer(paper.student, paper.exercise.slug, paper.text)
            self._evidence[key] = evidence(mine, paper.exercise, others)
        return self._evidence[key]

    def mark(self, paper: Paper, digest: str, seen: str, items: Mapping[str, float], comment: str) -> None:
        """Keep a mark, the sum of its items. `seen`: `seen_of` what was shown of its standing.

        Meanwhile: somebody else marked it. CourseError: the answer was changed since it was read, or the journal cannot
        be written.
        """
        with self._journal() as ledger:
            self._read(ledger)
            there = [p.digest for p in self._papers[paper.exercise.id] if p.student == paper.student]
            if there != [digest]:
                raise CourseError("the class was graded again, and this answer was changed: read it anew")
            now = self._standing(paper, Marks(ledger.marks()))
            if seen != self.seen_of(now):
                raise self._meanwhile(now)
            points = round(sum(items.values()), 4)
            about = (paper.student, paper.exercise.id, points, paper.exercise.by_hand, digest)
            ledger.mark([Mark(*about, comment, self.task.marker, dict(items), second=bool(self.task.share))])

    def seen_of(self, standing: Standing) -> str:
        """What a form says that it showed of a paper's standing; the first mark is out of the second's sight."""
        sight = standing.second if self.task.share else (standing.mark, standing.second)
        return _hash(repr(sight))

    def _meanwhile(self, standing: Standing) -> Meanwhile:
        marks = (standing.second,) if self.task.share else (standing.mark, standing.second)
        given = ", ".join(f"{mark.marker} gave it {number(mark.points)} points" for mark in marks if mark)
        return Meanwhile(f"marked since you opened it: {given}. Keep yours again if it is to count.")

    def agreement(self, exercise: Exercise) -> Agreement:
        """Of the papers that two people marked; the first's mark as it was before anybody settled."""
        return agreement([(first.points, second.points) for first, second in self.pairs(exercise)])

    def apart(self, exercise: Exercise) -> dict[str, float]:
        """By item of the rubric, how many points two people's marks differ on the average, the most first."""
        gaps: dict[str, list[float]] = {}
        for first, second in self.pairs(exercise):
            for item in first.items.keys() & second.items.keys():
                gaps.setdefault(item, []).append(abs(first.items[item] - second.items[item]))
        means = {item: sum(each) / len(each) for item, each in gaps.items()}
        return dict(sorted(means.items(), key=lambda entry: (-entry[1], entry[0])))

    def pairs(self, exercise: Exercise) -> list[tuple[Mark, Mark]]:
        """First and second mark of each paper that has both, for the answer that is there now."""
        with self._journal() as ledger:
            self._read(ledger)
            given = ledger.marks()
        found = []
        for paper in self._papers[exercise.id]:
            mine = [m for m in given if (m.student, m.exercise, m.answer) == (paper.student, exercise.id, paper.digest)]
            at = next((i for i, mark in enumerate(mine) if mark.second), None)
            before = [mark for mark in mine[:at] if not mark.second] if at is not None else []
            if before:
                found.append((before[-1], [mark for mark in mine if mark.second][-1]))
        return found

    def write_marks(self) -> int:
        """Write marks.csv, and return how many marks are in force."""
        with self._journal() as ledger:
            exercises = graded(self._course, class_record(ledger, self._folder))
            reports = recorded(class_record(ledger, self._folder), ledger, exercises)
            made = list(in_force(reports, {e.id: e for e in exercises}, Marks(ledger.marks())))
            write_marks(self._folder / MARKS, made)
        return len(made)

    def next_step(self) -> str:
        """The command for when all is marked."""
        assert self._record is not None
        return next_step(self._course, self._folder, self._record)

    def _read(self, ledger: Ledger) -> None:
        """The papers, again where the class was graded again."""
        record = class_record(ledger, self._folder)
        if record == self._record:
            return
        exercises = [exercise for exercise in graded(self._course, record) if exercise.by_hand]
        reports = recorded(record, ledger, graded(self._course, record))
        texts: dict[str, list[tuple[str, str]]] = {exercise.id: [] for exercise in exercises}
        for report in reports:
            for result in report.exercises:
                if result.exercise in texts and (result.pending or result.outcome is not Outcome.MISSING):
                    texts[result.exercise].append((report.student, result.written or ""))
        self._papers = {exercise.id: tuple(_papers(exercise, texts[exercise.id])) for exercise in exercises}
        self._record = record


def drawn_of(papers: Sequence[Paper], share: float) -> set[str]:
    """The keys of those that are marked twice: so large a share of them, the same for everybody."""
    by_chance = sorted(papers, key=lambda paper: _hash("second", paper.key))
    return {paper.key for paper in by_chance[: math.ceil(share * len(papers))]}


def _papers(exercise: Exercise, texts: Sequence[tuple[str, str]]) -> Iterator[Paper]:
    """In an order that tells nothing of who wrote them."""
    keyed = sorted((_hash(exercise.id, student), student, text) for student, text in texts)
    for place, (key, student, text) in enumerate(keyed, 1):
        yield Paper(student, exercise, text, answer_digest(text), key, place)


def _hash(*words: str) -> str:
    return hashlib.sha256(" ".join(words).encode("utf-8", "replace")).hexdigest()
