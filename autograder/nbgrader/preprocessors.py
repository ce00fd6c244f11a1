"""What nbgrader itself loads: our judge in place of a kernel, and the few repairs that its stages need.

The course directory's nbgrader_config.py puts these classes into `nbgrader autograde` (the formgrader's button
included), `generate_feedback` and `export`. `c.Autograder.course` is the folder of course.yml.
"""

from __future__ import annotations

import atexit
import secrets
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbconvert.preprocessors import Preprocessor
from nbgrader.api import MissingEntry
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.utils import is_grade
from rich.console import Console
from traitlets import Bool

from autograder.batch.batch import Batch, Local
from autograder.batch.ledger import Ledger
from autograder.batch.progress import Progress
from autograder.course import Assignment, Course, Exercise
from autograder.errors import CourseError, GraderError, SubmissionError
from autograder.files import write_file
from autograder.invoked import command
from autograder.nbgrader import gradebook
from autograder.nbgrader.notebook import fill, grade_id, show_evidence, without_evidence, written_id
from autograder.reports.text import some
from autograder.results import Report
from autograder.submissions import explanation
from autograder.submissions.submission import Entry
from autograder.submissions.untrusted_files import folder_members


def course_of(plugin: Any) -> Course:
    """The course that nbgrader_config.py names. CourseError: it names none, or one that cannot be read."""
    root = plugin.config.get("Autograder", {}).get("course")
    if not root:
        again = command("release ASSIGNMENT --to DIR --nbgrader")
        raise CourseError(f"nbgrader_config.py: no c.Autograder.course. Run `{again}` again.")
    if not (Path(root) / "course.yml").is_file():
        raise CourseError(
            f"nbgrader_config.py: no course at {root} (c.Autograder.course). Was it moved? "
            f"Run `{command('release ASSIGNMENT --to DIR --nbgrader')}` again."
        )
    return _loaded(Path(root), (Path(root) / "course.yml").stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _loaded(root: Path, changed: int) -> Course:
    """nbgrader asks a dozen times for each student."""
    return Course.load(root)


def _is_ours(course: Course, resources: Any) -> bool:
    """Whether this is the notebook of one of the course's assignments."""
    names = resources["nbgrader"]
    return names["notebook"] == names["assignment"] and names["assignment"] in [a.id for a in course.assignments]


# -- collect ----------------------------------------------------------------------------------------


class CollectPlain(ExchangeCollect):  # type: ignore[misc]
    """nbgrader's collect, without what students' links point to, which it would take for their own work."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """As nbgrader's, of a copy that holds ordinary files only. What is left out is logged."""
        with tempfile.TemporaryDirectory(prefix="autograder-") as plain:
            try:
                self._copy_plain(Path(src), Path(plain) / "hand-in")
                gradebook.timestamp_of(Path(plain) / "hand-in")
            except SubmissionError as problem:
                self.log.error("%s: not collected: %s", src, problem)
                return
            super().do_copy(str(Path(plain) / "hand-in"), dest, log)

    def _copy_plain(self, src: Path, to: Path) -> None:
        to.mkdir()
        for member in folder_members(src, passed_over=True):
            if member.special:
                self.log.warning("%s: left out: %s", src / member.name, member.special)
            elif member.size > 1000 * self.coursedir.max_file_size:
                self.log.warning("%s: left out: %s bytes", src / member.name, f"{member.size:,}")
            else:
                write_file(to / member.name, member.read(1000 * self.coursedir.max_file_size))


# -- autograde --------------------------------------------------------------------------------------


class ReleasedNotebook(NotebookExporter):
    """Reads the source's notebook in place of the student's, which is only a form and may be broken or hostile.

    At its start, autograded folders that a killed run left behind go, or nbgrader would skip those students for good.
    """

    parent: Any  # the Autograde converter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        course = course_of(self)
        for submitted in getattr(self.parent, "assignments", {}):
            student, assignment = Path(submitted).parts[-2:]
            self._remove_interrupted(course, student, assignment)
        self._begin = self.parent.init_destination  # what nbgrader does first with each submission
        self.parent.init_destination = self._begin_plain

    def _remove_interrupted(self, course: Course, student: str, assignment: str) -> None:
        folder = Path(self.parent._format_dest(assignment, student))
        ours = assignment in [a.id for a in course.assignments]
        if ours and folder.is_dir() and gradebook.finished(folder / f"{assignment}.ipynb") is None:
            self.log.warning("%s: its grading was interrupted; it starts anew", folder)
            shutil.rmtree(folder)

    def _begin_plain(self, assignment: str, student: str) -> bool:
        """Before nbgrader copies a hand-in: one with links, or whose timestamp it cannot read, is refused by itself.

        nbgrader would follow the links, as far as into feedback, and end the run of all at such a timestamp.
        """
        coursedir = self.parent.coursedir
        place = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
        try:
            gradebook.require_plain(place)
        except SubmissionError as problem:
            with suppress(MissingEntry):
                _take_back(
                    {"notebook": assignment, "assignment": assignment, "student": student, "db_url": coursedir.db_url}
                )
            raise NbGraderException(f"{student}: not graded: {problem}") from None
        return bool(self._begin(assignment, student))

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> Any:
        """As nbconvert's, of the source's notebook when the student's is asked for."""
        names = resources["nbgrader"]
        coursedir = self.parent.coursedir
        handed_in = coursedir.format_path(coursedir.submitted_directory, names["student"], names["assignment"])
        if Path(filename).parent == Path(handed_in) and _is_ours(course_of(self), resources):
            source = coursedir.format_path(coursedir.source_directory, ".", names["assignment"])
            filename = str(Path(source) / Path(filename).name)
        return super().from_filename(filename, resources=resources, **kwargs)


class _Step(Preprocessor):
    """A preprocessor that is on unless configuration says otherwise."""

    parent: Any  # the exporter
    enabled = Bool(True).tag(config=True)


class JudgeModules(_Step):
    """In place of Execute: grades the modules in the locked-down worker and fills the notebook. No kernel runs."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Raises NbGraderException when anything could not be graded; its cells have lost their auto_score by then."""
        names = resources["nbgrader"]
        try:
            course = course_of(self)
            if not _is_ours(course, resources):
                return _refuse_code(nb), resources
            assignment = course.assignment(names["assignment"])
            report = self._graded(course, assignment, names)
            problem = "; ".join(r.message for r in report.exercises if r.points is None)
        except (CourseError, GraderError) as failed:
            _take_back(names)
            raise NbGraderException(f"{names['student']}: not graded: {failed}") from None
        if report.has_error:
            raise NbGraderException(f"{names['student']}: not graded: {problem}")
        fill(nb, *gradebook.named(report, assignment))
        resources["autograder"] = {"report": report, "assignment": assignment, "course": course}
        return nb, resources

    def _graded(self, course: Course, assignment: Assignment, names: dict[str, str]) -> Report:
        """The report, checked against the gradebook; one with an error is recorded here, nothing else will."""
        report = _judged(course, assignment, _entry(self, names["student"], assignment), _journal(self, assignment))
        with gradebook.opened(names["db_url"]) as book:
            points = {result.exercise: result.max_points for result in report.exercises}
            gradebook.require_cells(book.find_assignment(assignment.id).notebooks, assignment, points)
            submitted = _submitted(book, names)
            gradebook.add_rows(submitted)
            if report.has_error:
                gradebook.record(submitted, report, assignment)
            book.db.commit()
        return report


class AddEvidence(_Step):
    """After SaveAutoGrades: evidence for the person who marks, and the mark `finished`."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        if "autograder" not in resources:
            return nb, resources
        report, assignment = resources["autograder"]["report"], resources["autograder"]["assignment"]
        answers = self._answers(assignment, resources["autograder"]["course"])
        show_evidence(nb, gradebook.gather(report, assignment, answers))
        with gradebook.opened(resources["nbgrader"]["db_url"]) as book:
            gradebook.clear_comments(_submitted(book, resources["nbgrader"]))
            book.db.commit()
        gradebook.mark_finished(nb)
        return nb, resources

    def _answers(self, assignment: Assignment, course: Course) -> list[explanation.Answer]:
        """The class's, read once a run."""
        kept: dict[str, list[explanation.Answer]] = self.parent.__dict__.setdefault("_autograder_answers", {})
        if assignment.id not in kept:
            entries = gradebook.hand_ins(self.parent.parent.coursedir, assignment.id)
            with Ledger(_journal(self, assignment)) as ledger:
                kept[assignment.id] = gradebook.answers_of(entries, assignment, course, ledger)
        return kept[assignment.id]


def _refuse_code(nb: Any) -> Any:
    """A notebook of the instructor's own may hold cells for a person to mark; nothing here runs its code."""
    code = [cell.metadata.nbgrader["grade_id"] for cell in nb.cells if cell.cell_type == "code" and is_grade(cell)]
    if code:
        raise CourseError(
            f"no kernel runs here, so nothing grades the code cells {', '.join(code)}. Mark them by hand."
        )
    return nb


def _take_back(names: dict[str, str]) -> None:
    """No auto_score may outlive a regrade that failed."""
    with gradebook.opened(names["db_url"]) as book:
        for grade in _submitted(book, names).grades:
            grade.auto_score, grade.needs_manual_grade = None, True
        book.db.commit()


def _submitted(book: Any, names: dict[str, str]) -> Any:
    return book.find_submission_notebook(names["notebook"], names["assignment"], names["student"])


def _handed_in(plugin: Any, student: str, assignment: str) -> str:
    coursedir = plugin.parent.parent.coursedir
    return str(coursedir.format_path(coursedir.submitted_directory, student, assignment))


def _entry(plugin: Any, student: str, assignment: Assignment) -> Entry:
    return Entry(student, Path(_handed_in(plugin, student, assignment.id)))


def _journal(plugin: Any, assignment: Assignment) -> Path:
    return gradebook.journal_of(plugin.parent.parent.coursedir, assignment.id)


class _Warm(Local):
    """A judge that stays for the next student, and for the next press of the button. Changed checks it reads anew."""

    def close(self) -> None:
        """Only with this process."""


_crews: dict[Path, _Warm] = {}  # by course


def _judged(course: Course, assignment: Assignment, entry: Entry, journal: Path) -> Report:
    """The report on one student: from the journal, or a judge in a process of its own, as for a class."""
    with Ledger(journal) as ledger, Progress(0, Console(stderr=True)) as progress:
        run = Batch(course, assignment.exercises, ledger)
        run.grade([entry], lambda: _crew(course), progress)
        run.note_told()
        return run.reports[0]


def _crew(course: Course) -> _Warm:
    if course.root not in _crews:
        _crews[course.root] = _Warm(course, 1)
    return _crews[course.root]


@atexit.register
def _dismiss() -> None:
    for crew in _crews.values():
        crew.executor.shutdown(cancel_futures=True)
    _crews.clear()


class CourseLatePolicy(LateSubmissionPlugin):  # type: ignore[misc]
    """The late policy of course.yml as nbgrader's plugin; due date, extension and lateness are nbgrader's own."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float:
        asking = self.parent  # nbgrader's AssignLatePenalties: the seconds alone do not say in which zone days end
        submitted = asking.gradebook.find_submission(asking.assignment_id, student_id)
        return gradebook.penalty(submitted, course_of(self), score)


# -- feedback ---------------------------------------------------------------------------------------


class FeedbackPages(HTMLExporter):
    """nbgrader's feedback pages, of those students alone of whom nothing waits for a person; of the others one line."""

    parent: Any  # the GenerateFeedback converter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._convert = self.parent.convert_notebooks  # what nbgrader does when it has the exporter
        self.parent.convert_notebooks = self._convert_what_is_marked

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> Any:
        """As nbconvert's; the list of contents names the exercises, where nbgrader says "Test cell" of each."""
        page, resources = super().from_notebook_node(nb, resources, **kwargs)
        names, course = resources["nbgrader"], course_of(self)
        if _is_ours(course, resources):
            for exercise in course.assignment(names["assignment"]).exercises:
                page = _named(page, exercise)
        return page, resources

    def _convert_what_is_marked(self) -> None:
        """Raises NbGraderException at the end when somebody's feedback is held: nbgrader's exit code tells so."""
        held = self._take_out() if HoldFeedback(parent=self).enabled else []  # type: ignore[no-untyped-call]
        if self.parent.assignments:
            self._convert()
        if held:
            line = f"feedback is held while something waits for a person: {some(held)}."
            self.parent.log.error("%s Mark it, or give --HoldFeedback.enabled=False.", line)
            raise NbGraderException(line)

    def _take_out(self) -> list[str]:
        """Take those out of nbgrader's list of whom something waits. Their names."""
        places = {place: Path(place).parts[-2:] for place in self.parent.assignments}
        with gradebook.opened(self.parent.coursedir.db_url) as book:
            waiting = {place: names for place, names in places.items() if _waits(book, *names)}
        for place, (student, assignment) in waiting.items():
            del self.parent.assignments[place]
            if self.parent.force:  # as nbgrader, which takes the page of before away
                shutil.rmtree(self.parent._format_dest(assignment, student), ignore_errors=True)
        return sorted(student for student, _ in waiting.values())


def _named(page: str, exercise: Exercise) -> str:
    """The page with an exercise's name at the first link to each of its cells, which is that of the contents."""
    title = escape(f"{exercise.id[:2]} {exercise.title}")
    parts = {
        grade_id(exercise): title,
        written_id(exercise): f"{title}, written answer",
        f"comment-{written_id(exercise)}": f"{title}, comment",
    }
    for place, said in parts.items():
        before, link, after = page.partition(f'<a href="#{place}">')
        page = f"{before}{link}{said}{after[after.find('<') :]}" if link else page
    return page


def _waits(book: Any, student: str, assignment: str) -> bool:
    try:
        submitted = book.find_submission(assignment, student)
    except MissingEntry:
        return False
    return any(grade.needs_manual_grade for notebook in submitted.notebooks for grade in notebook.grades)


class HoldFeedback(_Step):
    """No feedback while anything waits for a human, unless asked: `--HoldFeedback.enabled=False`.

    FeedbackPages has left such students out already. The late penalty is brought up to date: the one from autograding
    knows nothing of a human's marks.
    """

    def preprocess(self, nb: Any, resources: Any) -> Any:
        names = resources["nbgrader"]
        with gradebook.opened(names["db_url"]) as book:
            if _waits(book, names["student"], names["assignment"]):
                raise NbGraderException(f"{names['student']}: feedback is held while something waits for a person")
            gradebook.set_penalty(_submitted(book, names), course_of(self))
            book.db.commit()
        return nb, resources


class ForStudents(_Step):
    """After GetGrades: evidence is not for students; and one submission without secret must not stop all releases.

    What nbgrader copied from autograded/ goes again: a page that a student handed in would be released as feedback.
    """

    def preprocess(self, nb: Any, resources: Any) -> Any:
        names, coursedir = resources["nbgrader"], self.parent.parent.coursedir
        place = coursedir.format_path(coursedir.feedback_directory, names["student"], names["assignment"])
        if _is_ours(course_of(self), resources):
            pages = [Path(notebook).with_suffix(".html").name for notebook in self.parent.parent.notebooks]
            _keep_only(Path(place), [*gradebook.EXCHANGED, *pages])
        for name in gradebook.EXCHANGED:
            if not (Path(place) / name).exists():  # handed in as a zip: nobody fetches this feedback by its secret
                secret = secrets.token_hex(64) if name == "submission_secret.txt" else ""
                (Path(place) / name).write_text(secret)
        nb.cells = without_evidence(nb.cells)
        return super().preprocess(nb, resources)  # type: ignore[no-untyped-call]

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        said = cell.metadata.get("nbgrader", {}).get("comment") or ""  # of a gradebook that an earlier version filled
        if said.startswith(explanation.HEADER):
            cell.metadata.nbgrader["comment"] = None
        return cell, resources


def _keep_only(folder: Path, names: Sequence[str]) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name not in names:
            path.unlink()
