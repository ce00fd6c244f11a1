"""nbgrader's gradebook: what one submission's results become in it, and the fast road that writes a whole class.

Needs the `nbgrader` extra. Checks set `auto_score`; prose never does, it waits for a human; a human's
`manual_score` and `extra_credit` are never touched. Rows go in by few commits, then the autograded folders are put
in place, each whole, so that a run that was killed is completed by running it again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import api, utils
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import selectinload
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.batch.ledger import NAME, Key, Ledger
from autograder.course import Assignment, Course, Exercise
from autograder.errors import CourseError, SubmissionError
from autograder.files import write_file
from autograder.invoked import command
from autograder.judge import grader
from autograder.judge.fingerprint import submission_digest, suite_digest
from autograder.judge.grader import locked_runner
from autograder.nbgrader.class_report import renew_class_report
from autograder.nbgrader.notebook import fill, grade_id, show_evidence, without_evidence, written_id
from autograder.reports import late
from autograder.results import ExerciseResult, Outcome, Report
from autograder.submissions import explanation
from autograder.submissions.explanation import Answer
from autograder.submissions.students import is_writable, safe_name
from autograder.submissions.submission import Entry, Listing, read_entry
from autograder.submissions.untrusted_files import folder_members, read_below

UNREAD = f"{explanation.HEADER}\nNo EXPLANATION could be read from the module."
CHUNK = 50  # students a commit
GRADED = "graded"  # beside nbgrader's own folders: a journal an assignment
EXCHANGED = ("timestamp.txt", "submission_secret.txt")  # what nbgrader's exchange puts beside a submission
EXCHANGED_BYTES = 1000
HAND_IN_BYTES = 128 << 20  # what nbgrader's own commands may copy of one hand-in, and copy again


@contextmanager
def opened(url: str) -> Iterator[Any]:
    """The gradebook at `url` (as nbgrader's `db_url`), made if new. CourseError: it cannot be opened or written."""
    path = os.environ.get("PATH", "")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{path}"  # nbgrader runs `alembic` for a new one
    try:
        gradebook = api.Gradebook(url)
    except (SQLAlchemyError, OSError) as problem:
        raise CourseError(
            f"{url}: cannot be opened: {problem}. Give --gradebook sqlite:////path/gradebook.db"
        ) from None
    finally:
        os.environ["PATH"] = path
    try:
        yield gradebook
    except SQLAlchemyError as problem:
        raise CourseError(f"{url}: cannot be written: {problem}. Is another program writing to it?") from None
    finally:
        gradebook.close()


# -- one submission ---------------------------------------------------------------------------------


def named(report: Report, assignment: Assignment) -> tuple[dict[str, ExerciseResult], dict[str, ExerciseResult]]:
    """A report's results by grade cell, and by manual cell for the exercises that have one."""
    results = {result.exercise: result for result in report.exercises}
    by_check = {grade_id(e): results[e.id] for e in assignment.exercises}
    return by_check, {written_id(e): results[e.id] for e in assignment.exercises if e.by_hand}


def require_cells(notebooks: Sequence[Any], assignment: Assignment, points: Mapping[str, float]) -> None:
    """Refuse a gradebook whose cells are not this assignment's. Raises CourseError: what differs, and the remedy.

    points: what the checks of each exercise are worth, by its id. nbgrader itself caps nothing.
    """
    wanted = {grade_id(e): points[e.id] for e in assignment.exercises}
    wanted |= {written_id(e): e.by_hand for e in assignment.exercises if e.by_hand}
    remedy = (
        f"Run `{command(f'release {assignment.id} --to DIR --nbgrader')}`, then `nbgrader generate_assignment --force`."
    )
    ours = next((notebook for notebook in notebooks if notebook.name == assignment.id), None)
    if ours is None:
        raise CourseError(f"{assignment.id}: not in the gradebook. {remedy}")
    there = {cell.name: cell.max_score for cell in ours.grade_cells}
    for name in sorted(wanted.keys() | there.keys()):
        if name not in wanted:
            raise CourseError(f"{assignment.id}: the cell {name} is no exercise's. Put own cells into an own notebook.")
        if name not in there:
            raise CourseError(f"{assignment.id}: the cell {name} is not in the gradebook. {remedy}")
        if abs(wanted[name] - there[name]) > 1e-9:
            raise CourseError(
                f"{assignment.id}: {name} is worth {wanted[name]:g} points, in the gradebook {there[name]:g}. {remedy}"
            )


def add_rows(submitted: Any) -> None:
    """Grade and comment rows for cells that have none: nbgrader makes them only with the submission."""
    graded, commented = {g.cell_id for g in submitted.grades}, {c.cell_id for c in submitted.comments}
    for cell in submitted.notebook.grade_cells:
        if cell.id not in graded:
            submitted.grades.append(api.Grade(cell_id=cell.id))
    for cell in submitted.notebook.solution_cells:
        if cell.id not in commented:
            submitted.comments.append(api.Comment(cell_id=cell.id))


def record(submitted: Any, report: Report, assignment: Assignment, changed: bool = True) -> None:
    """One submission's results into its rows. An error, and prose, leave no auto_score and wait for a human.

    changed: False when the result is the one that is recorded already; then no mark of a human's is flagged again.
    """
    by_check, by_hand = named(report, assignment)
    scores = {name: result.points for name, result in by_check.items()}
    scores |= {name: None if waits(result) else 0.0 for name, result in by_hand.items()}
    for grade in submitted.grades:
        if grade.cell.name not in scores:
            continue
        score = scores[grade.cell.name]
        if changed or grade.auto_score != score:
            grade.auto_score = score
            grade.needs_manual_grade = grade.manual_score is not None or score is None
        elif score is None and grade.manual_score is None:
            grade.needs_manual_grade = True


def waits(result: ExerciseResult) -> bool:
    """Whether a human must look at this exercise's prose."""
    return bool(result.pending) or result.outcome is Outcome.ERROR


def clear_comments(submitted: Any) -> None:
    """No comment of nbgrader's own or of an earlier version's, which put evidence there; a human's are not touched."""
    for row in submitted.comments:
        row.auto_comment = None


def set_penalty(submitted: Any, course: Course) -> None:
    """The late penalty for the score as it is now, a human's marks and extra credit included."""
    submitted.late_submission_penalty = penalty(submitted.assignment, course, score_of(submitted)) or None


def penalty(submitted: Any, course: Course, earned: float) -> float:
    """What the time at which an assignment was handed in costs, by nbgrader's due date and extension."""
    told = lateness(submitted, course)
    return told[0].penalty(course.late, earned, told[1]) if told else 0.0


def lateness(submitted: Any, course: Course) -> tuple[late.HandedIn, datetime] | None:
    """When an assignment was handed in, with the free late days that are left, and when it was due; None: not known.

    Assignments take free days in the order of their due dates, an extension does not change it.
    """
    told = _times(submitted, course)
    if told is None or not course.late.free_days:
        return told
    ours = {assignment.id for assignment in course.assignments}
    theirs = [each for each in submitted.student.submissions if each.name in ours and each.assignment.duedate]
    left = course.late.free_days
    for each in sorted(theirs, key=lambda each: (each.assignment.duedate, each.name)):
        if each.name == submitted.name:
            break
        if earlier := _times(each, course):
            left -= replace(earlier[0], free_days=left).free_days_used(course.late, earlier[1])
    return replace(told[0], free_days=left), told[1]


def _times(submitted: Any, course: Course) -> tuple[late.HandedIn, datetime] | None:
    due, when = (told and told.replace(tzinfo=UTC) for told in (submitted.duedate, submitted.timestamp))
    return (late.HandedIn(when), due.astimezone(_zone(submitted, course))) if due and when else None


def _zone(submitted: Any, course: Course) -> tzinfo | None:
    """In which its late days end: the course's, else that of its own due time in course.yml."""
    mine = [assignment.due.tzinfo for assignment in course.assignments if assignment.id == submitted.name]
    return course.time_zone or (mine[0] if mine else UTC)


def score_of(submitted: Any) -> float:
    """The score as nbgrader counts it: manual beats auto, and extra credit is added to what was graded."""
    total = 0.0
    for grade in submitted.grades:
        score = grade.auto_score if grade.manual_score is None else grade.manual_score
        total += 0.0 if score is None else score + (grade.extra_credit or 0.0)
    return total


def gather(report: Report, assignment: Assignment, answers: Sequence[Answer]) -> dict[str, str]:
    """The evidence for each manual cell where something waits. `answers`: the class's, of whom no name is told."""
    told = {}
    for exercise, result in _prose(report, assignment):
        if waits(result) and result.written is None:
            told[written_id(exercise)] = UNREAD
        elif waits(result) and result.written is not None:
            answer = Answer(report.student, exercise.slug, result.written)
            others = [a for a in answers if a.exercise == exercise.slug and a.student != report.student]
            nameless = [replace(other, student="another student") for other in others]
            told[written_id(exercise)] = explanation.evidence(answer, exercise, nameless)
    return told


def written(report: Report, assignment: Assignment) -> list[Answer]:
    """What a student wrote, exercise by exercise; nothing where that could not be read."""
    told = _prose(report, assignment)
    return [
        Answer(report.student, exercise.slug, result.written) for exercise, result in told if result.written is not None
    ]


def _prose(report: Report, assignment: Assignment) -> Iterator[tuple[Exercise, ExerciseResult]]:
    by_id = {result.exercise: result for result in report.exercises}
    for exercise in assignment.exercises:
        if exercise.by_hand:
            yield exercise, by_id[exercise.id]


def notebook_digest(notebook: Any) -> str:
    """What a filled notebook says, for telling whether a regrade changed anything; evidence depends on others too."""
    content = [(cell.get("source"), cell.get("outputs")) for cell in without_evidence(notebook.cells)]
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()


def mark_finished(notebook: Any) -> None:
    """Say in the notebook that it was graded to the end; what does not say so was interrupted."""
    notebook.metadata["autograder"] = {"finished": notebook_digest(notebook)}


def finished(path: Path) -> str | None:
    """The notebook_digest in an autograded notebook; None when it is missing, cut short, or was never finished."""
    try:
        return str(nbformat.read(path, 4).metadata["autograder"]["finished"])
    except Exception:  # nbformat raises many kinds for what a killed writer leaves behind
        return None


# -- what was handed in -------------------------------------------------------------------------------


def exchanged(place: Path, name: str) -> bytes | None:
    """One of the EXCHANGED files of a hand-in; None when it has none. SubmissionError: a link, too large, no file."""
    return read_below(place, name, EXCHANGED_BYTES) if os.path.lexists(place / name) else None


def timestamp_of(place: Path) -> datetime | None:
    """When it was handed in, in UTC without zone, as the gradebook has it; None without timestamp.txt.

    SubmissionError: no time that nbgrader can read, or as of `exchanged`.
    """
    text = (exchanged(place, "timestamp.txt") or b"").decode("utf-8", "replace").strip()
    try:
        time: datetime | None = utils.parse_utc(text) if text else None
    except Exception:  # dateutil raises many kinds: of decimal, of struct, of its own tables
        raise SubmissionError(
            f"{place / 'timestamp.txt'}: not a time that nbgrader can read. Write it as 2027-01-22 23:59:00 UTC."
        ) from None
    return time


def require_plain(place: Path) -> None:
    """Refuse what nbgrader's own commands, which copy all that they find, must not touch. SubmissionError says what."""
    total = 0
    for member in folder_members(place, passed_over=True):
        if member.special:
            raise SubmissionError(f"{place / member.name}: {member.special}, which nbgrader would follow. Remove it.")
        total += member.size
    if total > HAND_IN_BYTES:
        raise SubmissionError(f"{place}: {total:,} bytes, allowed: {HAND_IN_BYTES:,}. Remove what is no module.")
    for name in EXCHANGED:
        exchanged(place, name)
    timestamp_of(place)


# -- nbgrader's course directory --------------------------------------------------------------------


def coursedir_at(directory: Path) -> Any:
    """nbgrader's own idea of a course directory, from its configuration."""
    root = directory.resolve()
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.merge(Config({"CourseDirectory": {"root": str(root)}}))
    return CourseDirectory(config=config)


def folders_of(course: Course, place: Path) -> list[CourseFolder]:
    """Each assignment of which something was graded in a course directory; or the one whose `graded/ID` it is.

    CourseError: nothing was.
    """
    is_root = (place / "nbgrader_config.py").is_file()
    root = place if is_root else place.resolve().parent.parent
    asked = [a for a in course.assignments if is_root or a.id == place.resolve().name]
    if not (graded := [a for a in asked if (root / GRADED / a.id / NAME).is_file()]):
        grade = command("grade submitted --assignment ID --gradebook URL")
        raise CourseError(f"{place}: nothing was graded here yet. Give `{grade}` in it, or `nbgrader autograde ID`.")
    url = coursedir_at(root).db_url
    return [CourseFolder(course, assignment, root / "submitted", url) for assignment in graded]


# -- the journal ------------------------------------------------------------------------------------


def journal_of(coursedir: Any, assignment: str) -> Path:
    """Where nbgrader's course directory keeps what was graded of an assignment, on both roads; made if new.

    Those who share the directory (`groupshared`) share it too. CourseError: it cannot be made.
    """
    path = Path(coursedir.root) / GRADED / assignment / NAME
    try:
        for folder in (path.parent.parent, path.parent):
            if not folder.is_dir():
                folder.mkdir(parents=True)
                if coursedir.groupshared:
                    folder.chmod(0o2770)
        if coursedir.groupshared and not path.exists():
            path.touch()
            path.chmod(0o660)
    except OSError as problem:
        raise CourseError(f"{path}: cannot be made: {problem.strerror}. Make the folder writable.") from None
    return path


# -- a class ----------------------------------------------------------------------------------------


def hand_ins(coursedir: Any, assignment: str) -> list[Entry]:
    """Everybody's, as nbgrader finds them."""
    place = Path(coursedir.format_path(coursedir.submitted_directory, "*", assignment))
    found = sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor))))
    return [Entry(path.parts[-2], path) for path in found]


def answers_of(entries: Iterable[Entry], assignment: Assignment, course: Course, ledger: Ledger) -> list[Answer]:
    """What the class wrote: as the journal has it, else parsed in workers. Nothing of what cannot be read."""
    by_hand = {exercise.slug: exercise for exercise in assignment.exercises if exercise.by_hand}
    suites = {slug: suite_digest(course, exercise) for slug, exercise in by_hand.items()}
    answers: list[Answer] = []
    with ExitStack() as stack:
        runner = None
        for entry in entries if by_hand else ():
            with suppress(SubmissionError):
                for slug, source in read_entry(entry, [*by_hand]).modules.items():
                    kept = ledger.result(Key(submission_digest(source), by_hand[slug].id, suites[slug]))
                    if kept is not None:
                        text = kept.written
                    else:
                        runner = runner or stack.enter_context(locked_runner(course))
                        text = grader.explanation(source, runner)
                    answers += [Answer(entry.student, slug, text)] if text is not None else []
    return answers


@dataclass(frozen=True)
class CourseFolder:
    """nbgrader's course directory, found by its `submitted` folder, and one assignment in it."""

    course: Course
    assignment: Assignment
    submitted: Path
    url: str

    def __post_init__(self) -> None:
        if not (self.submitted.parent / "nbgrader_config.py").is_file():
            raise CourseError(
                f"{self.submitted}: --gradebook takes the submitted folder of nbgrader's course directory "
                f"(beside nbgrader_config.py). `{command('release ASSIGNMENT --to DIR --nbgrader')}` makes one."
            )
        if not self.submitted.is_dir():
            raise CourseError(f"{self.submitted}: no such folder: nobody handed in yet. Collect first.")

    @cached_property
    def coursedir(self) -> Any:
        """nbgrader's own idea of the directory, from its configuration."""
        return coursedir_at(self.submitted.parent)

    @contextmanager
    def gradebook(self) -> Iterator[Any]:
        """Its gradebook. CourseError as of `opened`, or it has no such assignment."""
        with opened(self.url) as book:
            try:
                book.find_assignment(self.assignment.id)
            except api.MissingEntry:
                raise CourseError(
                    f"{self.url}: has no assignment {self.assignment.id}. "
                    f"Run `nbgrader generate_assignment {self.assignment.id}` in {self.submitted.parent} first."
                ) from None
            yield book

    def place(self, step: str, student: str) -> Path:
        """Where a stage (`submitted_directory`, …) of a student's assignment lies."""
        return Path(self.coursedir.format_path(getattr(self.coursedir, step), student, self.assignment.id))

    @property
    def journal(self) -> Path:
        """Where both roads keep what was graded. CourseError: it cannot be made."""
        return journal_of(self.coursedir, self.assignment.id)

    def listing(self) -> Listing:
        """The class as `find_submissions` would list it."""
        return Listing("class", tuple(self.entries()))

    def entries(self) -> list[Entry]:
        """Each student's submission of this assignment, without those whom nbgrader's `student_id_exclude` names."""
        listed, _ = self._found()
        if not listed:
            raise CourseError(f"{self.submitted}: nobody handed in {self.assignment.id}. Collect first.")
        return listed

    def _found(self) -> tuple[list[Entry], list[str]]:
        """The entries, and a line for each folder whose name no gradebook, terminal or folder of results can take."""
        dropped = set(self.coursedir.student_id_exclude.split(","))
        by_folder: dict[str, Entry] = {}  # by the folder for their results
        refused = []
        for folder in sorted(self.submitted.iterdir()):
            place = self.place("submitted_directory", folder.name)
            if folder.name.startswith(".") or folder.name in dropped or not place.is_dir():
                continue
            if not is_writable(folder.name) or safe_name(folder.name) in by_folder:
                refused.append(f"not graded: {folder.name!a}: no student can be called so. Rename the folder.")
            else:
                by_folder[safe_name(folder.name)] = Entry(folder.name, place, problem=self._problem(place))
        return list(by_folder.values()), refused

    def _problem(self, place: Path) -> str:
        try:
            timestamp_of(place)
            exchanged(place, "submission_secret.txt")
        except SubmissionError as problem:
            return str(problem)
        return ""

    def _require(self, gradebook: Any, points: Mapping[str, float]) -> None:
        there = gradebook.find_assignment(self.assignment.id)
        require_cells(there.notebooks, self.assignment, points)
        if extra := [notebook.name for notebook in there.notebooks if notebook.name != self.assignment.id]:
            raise CourseError(
                f"{self.assignment.id} has notebooks besides its own ({', '.join(extra)}), which only "
                "`nbgrader autograde` grades. Use that for this assignment."
            )

    def write(self, reports: Sequence[Report], points: Mapping[str, float]) -> list[str]:
        """Write the reports of those who handed in: rows by chunks, each followed by its autograded folders.

        Returns a line for each whose hand-in changed meanwhile, and so has no autograded folder yet, and for each whose
        name cannot be written.
        points: what the checks of each exercise are worth, by its id. CourseError as of `require`, or no room.
        """
        _, changed = self._found()
        entries = {entry.student: entry for entry in self.entries()}
        answers = [a for report in reports if report.student in entries for a in written(report, self.assignment)]
        handed_in = (report for report in reports if report.student in entries)
        with self.gradebook() as gradebook:
            self._require(gradebook, points)
            while chunk := list(islice(handed_in, CHUNK)):
                changed += self._write_chunk(gradebook, chunk, answers)
        return changed

    def require(self, points: Mapping[str, float]) -> None:
        """Refuse before anything is graded. Raises CourseError: the gradebook has other cells, or other points."""
        with self.gradebook() as gradebook:
            self._require(gradebook, points)

    def renew_report(self, ledger: Ledger) -> None:
        """The class report again, where there is one."""
        renew_class_report(self, ledger)

    def _write_chunk(self, gradebook: Any, reports: Sequence[Report], answers: Sequence[Answer]) -> list[str]:
        folders = [(report, self._notebook(report, answers)) for report in reports]
        rows = self._rows(gradebook, [report.student for report in reports])
        for report, notebook in folders:
            submitted = rows[report.student]
            submitted.assignment.timestamp = self._time_of(report)
            changed = notebook is None or finished(self._autograded(report.student)) != notebook_digest(notebook)
            record(submitted, report, self.assignment, changed)
            clear_comments(submitted)
            set_penalty(submitted, self.course)
        gradebook.db.commit()
        return [said for report, notebook in folders if (said := self._put(report.student, notebook))]

    def _time_of(self, report: Report) -> datetime | None:
        with suppress(SubmissionError):
            return timestamp_of(self.place("submitted_directory", report.student))
        return None

    def _rows(self, gradebook: Any, students: Sequence[str]) -> dict[str, Any]:
        """The submitted notebook of each student with all its rows, made where missing, in a handful of queries."""
        db = gradebook.db
        assignment = gradebook.find_assignment(self.assignment.id)
        known = {s.id for s in db.query(api.Student).filter(api.Student.id.in_(students))}
        db.add_all(api.Student(id=student) for student in students if student not in known)
        db.flush()
        mine = api.SubmittedAssignment.student_id.in_(students)
        asked = db.query(api.SubmittedAssignment).filter(mine, api.SubmittedAssignment.assignment_id == assignment.id)
        notebooks = selectinload(api.SubmittedAssignment.notebooks)
        cells = (
            notebooks.selectinload(api.SubmittedNotebook.grades).selectinload(api.Grade.cell),
            notebooks.selectinload(api.SubmittedNotebook.comments).selectinload(api.Comment.cell),
        )
        submissions = {s.student_id: s for s in asked.options(*cells)}
        rows = {}
        with db.no_autoflush:
            for student in students:
                if student not in submissions:
                    submissions[student] = api.SubmittedAssignment(assignment_id=assignment.id, student_id=student)
                    db.add(submissions[student])
                if not submissions[student].notebooks:
                    notebook = api.SubmittedNotebook(notebook_id=assignment.notebooks[0].id)
                    submissions[student].notebooks.append(notebook)
        db.flush()
        for student in students:
            rows[student] = submissions[student].notebooks[0]
            add_rows(rows[student])
        db.flush()
        return rows

    def _autograded(self, student: str) -> Path:
        return self.place("autograded_directory", student) / f"{self.assignment.id}.ipynb"

    @cached_property
    def _released(self) -> str:
        path = self.place("source_directory", ".") / f"{self.assignment.id}.ipynb"
        try:
            return path.read_text(encoding="utf-8")
        except OSError as problem:
            raise CourseError(f"{path}: cannot be read: {problem.strerror}. Release the assignment again.") from None

    def _notebook(self, report: Report, answers: Sequence[Answer]) -> Any | None:
        """The released notebook, filled; what the student made of theirs does not count. None: not graded."""
        if report.has_error:
            return None
        notebook = nbformat.reads(self._released, 4)
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)
        fill(notebook, *named(report, self.assignment))
        show_evidence(notebook, gather(report, self.assignment, answers))
        return notebook

    def _put(self, student: str, notebook: Any | None) -> str:
        """Put an autograded folder in place, whole: the notebook, the modules and the timestamp. None: take it away.

        Returns what is wrong when the hand-in cannot be read any more; then there is no such folder.
        """
        place = self._autograded(student).parent
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            for left in place.parent.glob(".grading-*"):
                shutil.rmtree(left)  # of a run that was killed
            fresh = Path(tempfile.mkdtemp(prefix=".grading-", dir=place.parent))
            try:
                if notebook is not None:
                    self._fill_folder(fresh / "new", student, notebook)
                if place.exists():
                    os.replace(place, fresh / "old")
                if notebook is not None:
                    os.replace(fresh / "new", place)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        except SubmissionError as problem:
            shutil.rmtree(place, ignore_errors=True)
            return f"{student}: handed in anew while it was graded: {problem} Grade again."
        except OSError as problem:
            raise CourseError(
                f"{place}: cannot be written: {problem.strerror}. Make it writable, or make room."
            ) from None
        return ""

    def _fill_folder(self, folder: Path, student: str, notebook: Any) -> None:
        place = self.place("submitted_directory", student)
        modules = read_entry(Entry(student, place), [e.slug for e in self.assignment.exercises]).modules
        for exercise in self.assignment.exercises:
            if exercise.slug in modules:
                write_file(folder / "exercises" / exercise.id / exercise.stub.name, modules[exercise.slug])
        for name in EXCHANGED:
            if (content := exchanged(place, name)) is not None:
                write_file(folder / name, content)
        mark_finished(notebook)
        write_file(folder / f"{self.assignment.id}.ipynb", nbformat.writes(notebook))
        for path in folder.rglob("*"):
            if path.is_file():
                path.chmod(0o444)
