"""What nbgrader's gradebook holds, for `nbgrader export --exporter autograder.nbgrader.exports.CLASS --to FILE`.

`CanvasExport`: a CSV that Canvas imports. `ExerciseExport`: a row a student and exercise. `PendingExport`: the queue of
the person who marks. All are UTF-8 and RFC 4180, with formulas defused. Nothing is written to the gradebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder.batch.ledger import Ledger
from autograder.course import Assignment, Course, Exercise
from autograder.files import write_file
from autograder.nbgrader.gradebook import UNREAD, answers_of, hand_ins, journal_of, lateness, penalty, score_of
from autograder.nbgrader.notebook import grade_id, written_id
from autograder.nbgrader.preprocessors import course_of
from autograder.reports.table import csv_text
from autograder.reports.text import number, one_line
from autograder.submissions import explanation


def pending_points(submission: Any) -> float:
    """Points of a submission that await a human; in nbgrader's own export they are silently 0."""
    return float(sum(g.cell.max_score for n in submission.notebooks for g in n.grades if g.needs_manual_grade))


def status(submission: Any, course: Course) -> str:
    """ "91/91 auto, 9 pending", and how late it was: ", 3 days late, 2 of them free"."""
    grades = [g for n in submission.notebooks for g in n.grades]
    by_checks = [g for g in grades if g.cell.cell_type == "code"]
    earned = number(sum(g.auto_score or 0.0 for g in by_checks))
    most = number(sum(g.cell.max_score for g in by_checks))
    late = ""
    if (told := lateness(submission, course)) and (days := told[0].days_late(course.late, told[1])):
        late = f", {days} days late, {told[0].free_days_used(course.late, told[1])} of them free"
    return f"{earned}/{most} auto, {number(pending_points(submission))} pending{late}"


def final_score(submission: Any, course: Course) -> float:
    """All notebooks' scores less the late penalty for the score as it is now."""
    earned = sum(score_of(notebook) for notebook in submission.notebooks)
    return float(earned - penalty(submission, course, earned))


class _Export(ExportPlugin):  # type: ignore[misc]
    """What the three share: which students and assignments are asked for, and the file."""

    name = "grades.csv"

    def export(self, gradebook: Any) -> None:
        """Write the file that `--to` names. CourseError: it cannot be written, or the course cannot be read."""
        header, *rows = self.rows(gradebook, course_of(self))
        write_file(Path(self.to or self.name), csv_text(header, rows))

    def rows(self, gradebook: Any, course: Course) -> Iterator[list[Any]]:
        """The header and all rows."""
        raise NotImplementedError

    def assignments(self, gradebook: Any) -> list[Any]:
        chosen = [str(name) for name in self.assignment]
        return [a for a in gradebook.assignments if not chosen or a.name in chosen]

    def students(self, gradebook: Any) -> list[Any]:
        chosen = [str(name) for name in self.student]
        return [s for s in gradebook.students if not chosen or s.id in chosen]

    def submission(self, gradebook: Any, assignment: Any, student: Any) -> Any | None:
        try:
            return gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            return None


class CanvasExport(_Export):
    """A column an assignment, after those by which Canvas finds the student; a grade that is not final stays empty."""

    with_pending = Bool(False, help="write scores too while points await a human, as nbgrader's own export does").tag(
        config=True
    )
    name = "canvas.csv"

    def rows(self, gradebook: Any, course: Course) -> Iterator[list[Any]]:
        assignments = self.assignments(gradebook)
        titles = {assignment.id: assignment.title for assignment in course.assignments}
        yield [
            "Student",
            "ID",
            "SIS User ID",
            "SIS Login ID",
            "Section",
            *(titles.get(a.name, a.name) for a in assignments),
        ]
        yield ["    Points Possible", "", "", "", "", *(a.max_score for a in assignments)]
        for student in self.students(gradebook):
            name = ", ".join(part for part in (student.last_name, student.first_name) if part) or student.id
            scores = [self._score(self.submission(gradebook, a, student), course) for a in assignments]
            yield [one_line(name), student.lms_user_id or "", "", student.id, "", *scores]

    def _score(self, submission: Any | None, course: Course) -> float | str:
        if submission is None:
            return 0.0  # as nbgrader's own export: nothing was handed in
        if pending_points(submission) and not self.with_pending:
            self.log.warning(
                "%s, %s: left empty: %s", submission.student.id, submission.name, status(submission, course)
            )
            return ""
        return final_score(submission, course)


class ExerciseExport(_Export):
    """Columns `assignment,student,exercise,auto,manual,extra_credit,points,max_points,pending,status`.

    A row a student and exercise; then the student's `total`, less the late penalty, with `status` for people.
    """

    name = "exercises.csv"

    def rows(self, gradebook: Any, course: Course) -> Iterator[list[Any]]:
        yield "assignment student exercise auto manual extra_credit points max_points pending status".split()
        for assignment in self.assignments(gradebook):
            for student in self.students(gradebook):
                submission = self.submission(gradebook, assignment, student)
                if submission is None:
                    yield [
                        assignment.name,
                        student.id,
                        "total",
                        "",
                        "",
                        "",
                        0.0,
                        assignment.max_score,
                        0.0,
                        "not submitted",
                    ]
                else:
                    yield from self._submission(submission, course)

    def _submission(self, submission: Any, course: Course) -> Iterator[list[Any]]:
        first = [submission.name, submission.student.id]
        ours = [a for a in course.assignments if a.id == submission.name]
        grades = {g.cell.name: g for n in submission.notebooks for g in n.grades}
        for exercise in ours[0].exercises if ours else ():
            theirs = [grades[name] for name in (grade_id(exercise), written_id(exercise)) if name in grades]
            yield [*first, exercise.slug, *_sums(theirs), ""]
        *sums, _, most, pending = _sums(grades.values())
        yield [*first, "total", *sums, final_score(submission, course), most, pending, status(submission, course)]


def _sums(grades: Iterable[Any]) -> list[float | str]:
    """auto, manual, extra_credit, points, max_points, pending of some grades; what is not there is empty."""
    entries = list(grades)
    columns = [[g.auto_score for g in entries], [g.manual_score for g in entries], [g.extra_credit for g in entries]]
    known = [[value for value in column if value is not None] for column in columns]
    points = sum(_points(g) for g in entries)
    pending = sum(g.cell.max_score for g in entries if g.needs_manual_grade)
    return [*(sum(k) if k else "" for k in known), points, sum(g.cell.max_score for g in entries), pending]


def _points(grade: Any) -> float:
    score = grade.auto_score if grade.manual_score is None else grade.manual_score
    return 0.0 if score is None else float(score + (grade.extra_credit or 0.0))


class PendingExport(_Export):
    """The queue: `assignment,exercise,student,page,evidence`, in the order in which a person marks best.

    Exercise by exercise, what nobody wrote first, copies side by side. `page` is the formgrader's. Names stand
    in the sheet, so its evidence tells whose answer another resembles; that on the page does not.
    """

    name = "pending.csv"

    def rows(self, gradebook: Any, course: Course) -> Iterator[list[Any]]:
        yield "assignment exercise student page evidence".split()
        for assignment in self.assignments(gradebook):
            ours = next((a for a in course.assignments if a.id == assignment.name), None)
            if ours is None:
                continue
            exercises = {e.slug: e for e in ours.exercises if e.by_hand}
            waiting = dict(self._waiting(gradebook, assignment, exercises))
            texts = {(a.student, a.exercise): a for a in self._answers(course, ours)}
            blank = {key: explanation.Answer(*key, "") for key in waiting}
            for answer in explanation.in_order({**blank, **texts}.values(), exercises):
                key = (answer.student, answer.exercise)
                if key in waiting:
                    same = [other for other in texts.values() if other.exercise == answer.exercise]
                    said = explanation.evidence(answer, exercises[answer.exercise], same) if key in texts else UNREAD
                    yield [assignment.name, answer.exercise, answer.student, waiting[key], said]

    def _waiting(
        self, gradebook: Any, assignment: Any, exercises: Mapping[str, Exercise]
    ) -> Iterator[tuple[tuple[str, str], str]]:
        """Each student and exercise of which prose waits, with the formgrader's page."""
        slugs = {written_id(exercise): slug for slug, exercise in exercises.items()}
        for student in self.students(gradebook):
            submission = self.submission(gradebook, assignment, student)
            for notebook in submission.notebooks if submission else ():
                for grade in notebook.grades:
                    if grade.needs_manual_grade and grade.cell.name in slugs:
                        yield (student.id, slugs[grade.cell.name]), f"formgrader/submissions/{notebook.id}/"

    def _answers(self, course: Course, assignment: Assignment) -> list[explanation.Answer]:
        coursedir = self.parent.coursedir
        with Ledger(journal_of(coursedir, assignment.id)) as ledger:
            return answers_of(hand_ins(coursedir, assignment.id), assignment, course, ledger)
