"""`autograder grade`: what was handed in, through judges and the ledger, to files and a screen."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from autograder.batch.batch import Batch, Crew, Local
from autograder.batch.class_report import REPORT, renew_report
from autograder.batch.drawing import Artist
from autograder.batch.ledger import NAME, Ledger
from autograder.batch.local_judges import cores
from autograder.batch.progress import Progress
from autograder.course import Course, Exercise
from autograder.errors import CourseError, SubmissionError
from autograder.invoked import command, pip_install
from autograder.reports import late, table, terminal
from autograder.reports.alike import write_alike
from autograder.reports.console import Aside, screen, unheard
from autograder.reports.film import Film
from autograder.reports.formats import write_formats
from autograder.reports.html import write_feedback
from autograder.reports.pending import MARKS
from autograder.reports.review import REVIEWS
from autograder.reports.text import some
from autograder.reports.totals import COMPARED, withdraw, write_tables
from autograder.results import Report
from autograder.submissions.attempts import Attempt, in_folders, in_list, latest
from autograder.submissions.bucket import bucket_of
from autograder.submissions.roster import Matched, Person, matched, read_roster, shared, still_here
from autograder.submissions.students import STUDENTS, student_folder, student_key
from autograder.submissions.submission import Entry, Kind, Listing, find_submissions, read_entry
from autograder.versions import untested, versions


@dataclass(frozen=True)
class Wanted:
    """What `grade` is asked for, by the names of its options. `workers` None: one a core; `pictures` None: for one
    student alone; `dask`: a scheduler's address."""

    path: Path
    out: Path | None = None
    assignment: str | None = None
    roster: Path | None = None
    kind: Kind | None = None
    workers: int | None = None
    dask: str | None = None
    pictures: bool | None = None
    formats: Collection[str] = ()
    explain_changes: bool = False
    allow_unmatched: bool = False
    extensions: Path | None = None
    earlier: Sequence[Path] = ()
    attempts: Path | None = None


class Book(Protocol):
    """A gradebook from which submissions are taken and into which results go: nbgrader's."""

    @property
    def journal(self) -> Path:
        """Of what was graded, where `--out` names no other folder. Raises CourseError: it cannot be made."""

    def listing(self) -> Listing: ...
    def require(self, points: Mapping[str, float]) -> None:
        """Raises CourseError where its cells are not worth these points, by exercise id."""

    def write(self, reports: Sequence[Report], points: Mapping[str, float]) -> list[str]:
        """Record the reports; a line for everything that could not be."""

    def renew_report(self, ledger: Ledger) -> None:
        """Write the class report beside the journal again, where there is one."""


def grade_class(course: Course, wanted: Wanted, book: Book | None = None) -> int:
    """Grade one submission or a class, write and show what came of it. The exit code: 0 where everything was graded.

    Raises CourseError, SubmissionError, and LockdownError where no judge can lock student code down.
    """
    if wanted.dask is None:
        course.given.check()
    exercises = course.assignment(wanted.assignment).exercises if wanted.assignment else course.required
    slugs = [exercise.slug for exercise in course.exercises]
    people = read_roster(wanted.roster) if wanted.roster else ()
    times = times_of(course, wanted, people)
    listing = book.listing() if book else list_class(wanted, slugs, people)
    who, gone = of_class(course, wanted, listing, people)
    listing = replace(listing, entries=listing.entries if book else who.entries)
    entries: list[Entry | str] = [*listing.entries, *who.absent]
    tries = attempts_of(course, wanted, entries, people)
    entries = [attempt.entry for attempt in tries]
    if wanted.out is not None:
        prepare_out(wanted.out, wanted.path if listing.kind == "class" else None)
    elif wanted.explain_changes and book is None:
        raise CourseError("--explain-changes needs --out DIR: the folder that was graded before")
    with ExitStack() as stack:
        journal = wanted.out / NAME if wanted.out else book.journal if book else None
        ledger = stack.enter_context(Ledger(journal))
        draft = stack.enter_context(Ledger(None)) if wanted.explain_changes else None
        run = Batch(course, exercises, ledger, draft)
        points = {exercise.id: run.max_points(exercise) for exercise in exercises if book}
        if book is not None and not wanted.explain_changes:
            book.require(points)
        with Progress(len(entries) * len(exercises), Aside(stderr=True)) as progress:
            unowned = [f"not graded: {line}" for line in listing.unowned]
            for line in listing.skipped:
                if wanted.roster is None or not line.startswith(f"{wanted.roster.name}:"):
                    progress.say(f"skipped {line}")
            if gone:
                progress.say(f"dropped the course, and not graded: {some(gone)}")
            run.grade(entries, lambda: crew(course, wanted, listing.kind), progress)
        if course.attempts:
            tries = settle(course, wanted, run, tries, times)
            times = with_attempts(course, wanted, tries, times)
            listing = replace(listing, entries=tuple(e for a in tries if isinstance(e := a.entry, Entry)))
        if wanted.explain_changes:
            return explain_changes(run)
        problems = book.write(run.reports, points) if book is not None else []
        if book is not None and wanted.out is None:
            run.note_told()
            book.renew_report(ledger)
        reports = run.marked() if wanted.out else run.reports
        rows, causes = in_rows(reports)
        written = list(write_all(course, exercises, wanted, run, listing, times, people)) if wanted.out else []
        with unheard() if wanted.out or book else nullcontext():
            show(reports, listing, rows, written)
        return complain([*problems, *unowned, *strangers(who, wanted), *causes])


# -- who is graded, and by whom ---------------------------------------------------------------------


def list_class(wanted: Wanted, slugs: Sequence[str], people: Sequence[Person]) -> Listing:
    """What there is to grade. Where a zip or folder is nobody's on the roster, what lies in it may be theirs.

    Nothing where `--attempts` lists it all. Raises CourseError.
    """
    if wanted.attempts:
        return Listing("class", ())
    listing = find_submissions(wanted.path, slugs, wanted.kind)
    if people and wanted.kind is None and listing.kind == "student" and matched(listing.entries, people).unknown:
        with suppress(CourseError):
            inner = find_submissions(wanted.path, slugs, "class")
            if not matched(inner.entries, people).unknown:
                return inner
    return listing


def times_of(course: Course, wanted: Wanted, people: Sequence[Person]) -> dict[str, late.HandedIn] | None:
    """When each of an assignment's students handed in; None where no roster says so. CourseError."""
    granted = late.Granted(wanted.extensions, wanted.earlier)
    if wanted.roster is None or wanted.assignment is None:
        if granted.extensions or granted.earlier:
            raise CourseError("--extensions and --earlier need --roster CSV and --assignment ID")
        return None
    return late.times_of(course, course.assignment(wanted.assignment), wanted.roster, people, granted)


def of_class(
    course: Course, wanted: Wanted, listing: Listing, people: Sequence[Person]
) -> tuple[Matched, Sequence[str]]:
    """Who of the roster handed in what, groups counted; and who handed in and has dropped the course. CourseError."""
    if not people:
        return Matched(listing.entries, (), ()), ()
    who, gone = still_here(matched(listing.entries, people), people)
    if wanted.assignment is None or not course.assignment(wanted.assignment).groups:
        return who, gone
    if not any(person.group for person in people):
        raise CourseError(f"{wanted.roster}: {wanted.assignment} is handed in by groups: it needs a column `group`")
    return shared(who, people), gone


def attempts_of(
    course: Course, wanted: Wanted, entries: Sequence[Entry | str], people: Sequence[Person]
) -> list[Attempt]:
    """What is graded: of several hand-ins of a student the latest, or all where the best counts. CourseError."""
    if course.attempts is None:
        if wanted.attempts:
            raise CourseError("--attempts: course.yml does not say which counts; add `attempts: latest`, or best")
        return [Attempt(entry) for entry in entries]
    if wanted.attempts and wanted.assignment and course.assignment(wanted.assignment).groups:
        raise CourseError("--attempts lists students' own hand-ins; those of groups come in folders of times")
    zone = course.time_zone
    found = in_list(wanted.attempts, wanted.path, people, zone) if wanted.attempts else in_folders(entries, zone)
    return list(latest(found)) if course.attempts == "latest" else found


def settle(
    course: Course, wanted: Wanted, run: Batch, tries: Sequence[Attempt], times: Mapping[str, late.HandedIn] | None
) -> list[Attempt]:
    """The attempt of each student that counts; the run keeps these alone.

    The best is that with most points by checks less its late penalty, of equals the first. One that could not be
    graded counts only where all could not be: then nobody knows which is best, and the student has an error.
    """
    due = course.assignment(wanted.assignment).due if wanted.assignment else None

    def worth(i: int) -> float:
        report, attempt = run.reports[i], tries[i]
        if report.has_error:
            return -1.0
        when = replace((times or {}).get(student_key(report.student), late.HandedIn(None)), submitted=attempt.when)
        return report.points - (when.penalty(course.late, report.points, due) if due and attempt.when else 0.0)

    by_student: dict[str, list[int]] = {}
    for i, handed in enumerate(run.handed):
        by_student.setdefault(student_key(handed.student), []).append(i)
    chosen = [max(mine, key=lambda i: (worth(i), -i)) if len(mine) > 1 else mine[0] for mine in by_student.values()]
    kept = [
        replace(
            run.handed[i],
            attempt=tries[i].of,
            problems=_problems(run, tries, by_student, i),
            next_token=next_token(course, tries[i]),
        )
        for i in chosen
    ]
    run.handed[:] = kept
    return [tries[i] for i in chosen]


def next_token(course: Course, attempt: Attempt) -> str:
    """When a student sees again what breaks hidden checks, where this attempt had no token for it; else empty."""
    bucket = bucket_of(course)
    later = bucket.next(attempt.earlier, attempt.when) if bucket and attempt.when else None
    return f"{later.astimezone(course.time_zone or UTC):%Y-%m-%d %H:%M %Z}" if later else ""


def _problems(run: Batch, tries: Sequence[Attempt], by_student: Mapping[str, Sequence[int]], i: int) -> tuple[str, ...]:
    """What is said of the attempt that counts, and of those that could not be graded."""
    mine = by_student[student_key(run.handed[i].student)]
    told = list(run.handed[i].problems)
    if len(mine) > 1:
        told.append(f"attempt {tries[i].number} of {tries[i].of} counts: it is the best")
        failed = [tries[j].number for j in mine if j != i and run.reports[j].has_error]
        told += [f"attempt {number} could not be graded" for number in failed]
    return tuple(told)


def with_attempts(
    course: Course, wanted: Wanted, tries: Sequence[Attempt], times: Mapping[str, late.HandedIn] | None
) -> dict[str, late.HandedIn] | None:
    """When each student handed in what counts, where attempts have times; else what the roster says."""
    told = {student_key(a.entry.student): a.when for a in tries if isinstance(a.entry, Entry) and a.when}
    if wanted.assignment is None or (times is None and not told):
        return None if times is None else dict(times)
    bare = late.HandedIn(None, free_days=course.late.free_days)
    known = dict(times or {})
    return known | {k: replace(known.get(k, bare), submitted=w, is_attempts=True) for k, w in told.items()}


def strangers(who: Matched, wanted: Wanted) -> list[str]:
    """Who handed in and is on no roster, beside those on it who handed in nothing: a person tells who is who."""
    if not who.unknown or wanted.allow_unmatched or wanted.roster is None:
        return []
    lines = [f"on no roster: {name} (graded under that name)" for name in who.unknown]
    lines += [f"handed in nothing: {name}" for name in who.absent]
    return [*lines, f"Mend the names in {wanted.roster.name} or of the hand-ins, or give --allow-unmatched."]


def crew(course: Course, wanted: Wanted, kind: Kind) -> Crew:
    """Who grades. One student's work is done before a second judge has started."""
    if wanted.dask is None:
        return Local(course, wanted.workers or (1 if kind == "student" else len(cores())))
    try:
        from autograder.batch.dask_judges import Cluster
    except ImportError as problem:
        raise CourseError(f"--dask needs the package distributed ({problem}): {pip_install('distributed')}") from None
    return Cluster(course, wanted.dask)


# -- what comes of it: files ------------------------------------------------------------------------


def prepare_out(out: Path, graded: Path | None) -> None:
    """Make the output folder. Raises CourseError when it cannot be, when the students' room is no plain folder, or when
    it lies in the class that is graded, where the next grading would take it for a student's.
    """
    room = out / STUDENTS
    if graded is not None and out.resolve().is_relative_to(graded.resolve()):
        raise CourseError(f"{out}: lies in the class that is graded. Give a folder beside {graded} with --out.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CourseError(f"{out}: cannot be made: {problem.strerror}. Give another folder with --out.") from None
    if room.is_symlink() or (room.exists() and not room.is_dir()):
        raise CourseError(f"{room}: not a folder but a link or file. Remove it, or give another --out.")


def write_all(
    course: Course,
    exercises: Sequence[Exercise],
    wanted: Wanted,
    run: Batch,
    listing: Listing,
    times: Mapping[str, late.HandedIn] | None,
    people: Sequence[Person],
) -> Iterator[str]:
    """All files of a class, students' first. Yields a line for each kind. CourseError: they cannot be written."""
    assert wanted.out is not None
    withdrawn, compared = withdraw(wanted.out), withdraw(wanted.out, COMPARED)
    reports = run.marked()
    write_students(course, exercises, wanted, reports, listing)
    ids = {person.name: person.ids[0] for person in people if person.ids}
    assignment = course.assignment(wanted.assignment) if wanted.assignment else None
    lateness = late.Lateness(assignment.due, course.late, times) if assignment and times is not None else None
    told = list(write_tables(wanted.out, exercises, reports, ids, lateness))
    gone = run.write_marks(wanted.out / MARKS)
    run.note_reported(ids, times)
    yield f"written to {wanted.out}: grades.csv, totals.csv, and students/NAME/feedback.html for each student"
    yield from told
    if any(report.pending for report in reports):
        yield f"mark them: {command(f'mark {shlex.quote(str(wanted.out))}')}"
    if wanted.roster and assignment and times is None:
        why = late.uncounted(course.late, wanted.roster, people, course.time_zone)
        yield from [why] if why else []
    if assignment and course.late.penalty_per_day and (doubted := in_time_here_alone(listing, times, assignment.due)):
        yield f"late, as the platform says, and not by the roster: {some(doubted)}. Look at its column `submitted`."
    if groups := write_alike(wanted.out / "alike.csv", run.modules()):
        yield f"alike.csv: {groups} groups of students whose modules are the same, as they are or after renaming"
    yield from stale(reports)
    if gone:
        yield f"marked, and not in this class any more: {some(gone)}. Under another name they must be marked again."
    if left := strays(wanted.out, (mine.student for mine in run.handed)):
        yield f"of an earlier grading, and not renewed: {some(left)}. Remove them if they are nobody's."
    if withdrawn:
        yield f"of an earlier grading, and removed: {some(withdrawn)}. `finish` makes them anew."
    if compared:
        yield f"of an earlier grading, and removed: {some(compared)}. `alike` makes them anew."
    if renew_report(course, wanted.out, run.ledger):
        yield f"renewed: {REPORT}, with checks.csv and misconceptions.csv"
    if reviews := len([*(wanted.out / REVIEWS).glob("*.html")]):
        yield f"{REVIEWS}: {reviews} pages tell of the grading that they were made of, and stay"


def in_time_here_alone(listing: Listing, times: Mapping[str, late.HandedIn] | None, due: datetime) -> list[str]:
    """Who handed in late as the names of the files say, and did not by the roster."""
    known = times or {}
    of_platform = [entry.student for entry in listing.entries if entry.is_late]
    whens = {name: known[key].submitted for name in of_platform if (key := student_key(name)) in known}
    return [name for name in of_platform if (when := whens.get(name)) is None or when <= due]


def stale(reports: Iterable[Report]) -> Iterator[str]:
    """A line where marks are in force no more, as the answers that they were given for have changed."""
    again = [report.student for report in reports for given in report.by_hand.values() if given.earlier is not None]
    if again:
        yield f"marked before, and changed since: {some(again)}. They are in pending.csv again."


def strays(out: Path, students: Iterable[str]) -> list[str]:
    """Folders of students who are not in this class, or no more."""
    mine = {student_folder(out, student).name for student in students}
    return sorted(f"{STUDENTS}/{path.name}" for path in (out / STUDENTS).iterdir() if path.name not in mine)


def write_students(
    course: Course, exercises: Sequence[Exercise], wanted: Wanted, reports: Iterable[Report], listing: Listing
) -> None:
    """A folder a student; with pictures where they are wanted, which for a class is when they are asked for."""
    assert wanted.out is not None
    titles = {exercise.id: exercise.title for exercise in exercises}
    draws = listing.kind == "student" if wanted.pictures is None else wanted.pictures
    entries = {entry.student: entry for entry in listing.entries} if draws else {}
    with Artist(course) as artist:
        for report in reports:
            pictures: dict[str, bytes] = {}
            films: dict[str, Film] = {}
            if report.student in entries:
                with suppress(SubmissionError):
                    handed_in = read_entry(entries[report.student], [exercise.slug for exercise in course.exercises])
                    pictures, films = artist.gallery(handed_in, report, exercises)
            targets = {e.id: png for e in exercises if e.id in pictures and (png := artist.target(e))}
            folder = student_folder(wanted.out, report.student)
            write_feedback(folder / "feedback.html", report, titles, pictures, targets, films)
            write_formats(folder, report, wanted.formats)


# -- what comes of it: the screen -------------------------------------------------------------------


def in_rows(reports: Iterable[Report]) -> tuple[list[table.Row], list[str]]:
    """The rows of grades.csv, and a line for everything that was not graded."""
    rows, causes = [], []
    for report in reports:
        rows += table.rows(report)
        if report.has_error:
            why = report.problems or [f"{r.exercise}: {r.message}" for r in report.exercises if r.points is None]
            causes += [f"not graded: {report.student}: {cause}" for cause in why]
    return rows, causes


def show(reports: Sequence[Report], listing: Listing, rows: Sequence[table.Row], written: Iterable[str]) -> None:
    """One student's report or the class as a table, and what was written."""
    console = screen()
    if listing.kind == "student":
        terminal.print_report(reports[0], console)
    else:
        terminal.print_class(rows, console)
    for line in written:
        console.print(line, markup=False, highlight=False)


def complain(errors: Sequence[str]) -> int:
    """What was not graded, and by what it was graded that nobody tested, on stderr. The exit code."""
    with unheard():
        for line in errors:
            print(line, file=sys.stderr)
        if differing := untested(versions()):
            print(f"graded with versions that were not tested together: {'; '.join(differing)}", file=sys.stderr)
    return int(bool(errors))


def explain_changes(run: Batch) -> int:
    """A line for each result that would change. The exit code."""
    lines = list(run.changes())
    for line in lines:
        print(line)
    print(f"{len(lines)} results would change. Nothing was written.")
    return int(any(report.has_error for report in run.reports))
