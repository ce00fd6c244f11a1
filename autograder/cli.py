"""The command line: arguments only. Exit 0 done, 1 something failed or is unproven, 2 a usage or course error."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from autograder import __version__
from autograder.course import Course, Exercise
from autograder.errors import CourseError, GraderError, SubmissionError
from autograder.invoked import pip_install, program, within

if TYPE_CHECKING:
    from autograder.batch.batch import Batch, Crew
    from autograder.nbgrader.gradebook import CourseFolder
    from autograder.results import Report
    from autograder.submissions.submission import Listing


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; 141 where nobody reads the output to its end, as of other programs."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks our marks shows “?”
    arguments = _parser().parse_args(argv)
    if arguments.course:
        within(arguments.course)
    try:
        code = int(arguments.run(arguments))
        _flush()
        return code
    except CourseError as problem:
        return _fail(str(problem), 2)
    except (SubmissionError, GraderError) as problem:
        return _fail(str(problem), 1)
    except KeyboardInterrupt:
        return _fail("stopped", 130)
    except BrokenPipeError:
        _hush()
        return 141
    except MemoryError:
        return _fail("out of memory. Close other programs, or raise `ulimit -v`; what was graded is kept.", 1)
    except OSError as problem:
        if problem.filename is not None:  # no stream's
            raise
        _hush()
        return _fail(f"cannot write the output: {problem.strerror}", 1)


def _fail(message: str, code: int) -> int:
    with _unheard():
        for line in message.splitlines():
            print(f"autograder: {line}", file=sys.stderr)
    return code


# -- the screen -------------------------------------------------------------------------------------


def _open_streams() -> None:
    """Something in place of standard streams that are closed: files that are opened later would take their numbers."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _hush() -> None:
    """What waits to be written and cannot be goes nowhere, or Python would complain about it at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with open(os.devnull, "wb") as null:
                os.dup2(null.fileno(), stream.fileno())


@contextmanager
def _unheard() -> Iterator[None]:
    """What is told here may go unread: files are written by now, and the exit code says how it went."""
    try:
        yield
        _flush()
    except OSError:
        _hush()


class _Screen(Console):
    """As rich's, but a reader who left is told to whoever printed; rich would end the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program(), description="A course that grades itself: for students, instructors and authors."
    )
    parser.add_argument(
        "--course",
        type=Path,
        default=None,
        metavar="DIR",
        help="the folder of course.yml (default: here or above)",
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}", help="say which, and exit")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="run the public checks on your own files")
    check.add_argument("exercise", nargs="?", help="number or name; default: a list of all")
    check.add_argument("--watch", action="store_true", help="again on every save, and on to the next exercise")
    check.set_defaults(run=_check)

    hint = commands.add_parser("hint", help="one more hint for the task at work")
    hint.add_argument("exercise", help="number or name")
    hint.add_argument("--task", default=None, metavar="N", help="for this task")
    hint.set_defaults(run=_hint)

    progress = commands.add_parser("progress", help="the course as bars")
    progress.set_defaults(run=_progress)

    picture = commands.add_parser("picture", help="what your code draws")
    picture.add_argument("exercise", help="number or name")
    picture.add_argument("--to", type=Path, default=None, metavar="FILE", help="default: pictures/NN_name.png")
    picture.add_argument("--open", action="store_true", help="show it as well")
    picture.set_defaults(run=_picture)

    submit = commands.add_parser("submit", help="a last check, and the zip to hand in")
    submit.add_argument("assignment", nargs="?", help="its id; needed where there are several")
    submit.add_argument("--to", type=Path, default=None, metavar="ZIP", help="default: ASSIGNMENT.zip")
    submit.set_defaults(run=_submit)

    grade = commands.add_parser("grade", help="grade one submission or a class")
    grade.add_argument("path", type=Path, help="a module, a student's folder or zip, or a class of those")
    grade.add_argument("--out", type=Path, default=None, metavar="DIR", help="write grades.csv and students/NAME/")
    grade.add_argument("--assignment", default=None, metavar="ID", help="grade this assignment only")
    grade.add_argument("--roster", type=Path, default=None, metavar="CSV", help="those who should have handed in")
    grade.add_argument(
        "--gradebook", default=None, metavar="URL", help="PATH is nbgrader's submitted folder: write there"
    )
    who = grade.add_mutually_exclusive_group()
    who.add_argument(
        "--workers", type=_count, default=None, metavar="N", help="judges on this machine (default: all cores)"
    )
    who.add_argument("--dask", default=None, metavar="ADDRESS", help="grade on this Dask scheduler's workers")
    grade.add_argument(
        "--pictures",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="draw what each student's code computes (default: for one student yes, for a class no)",
    )
    grade.add_argument(
        "--explain-changes", action="store_true", help="write nothing; tell what differs from the last run into DIR"
    )
    kind = grade.add_mutually_exclusive_group()
    kind.add_argument("--student", dest="kind", action="store_const", const="student", help="PATH is one student's")
    kind.add_argument("--class", dest="kind", action="store_const", const="class", help="PATH is a class")
    grade.set_defaults(run=_grade)

    audit = commands.add_parser("audit", help="prove the course")
    audit.add_argument("exercise", nargs="?", help="number or name; default: all")
    audit.add_argument("--seed", type=int, default=None, help="draw the frozen examples with this seed")
    audit.add_argument("--quick", action="store_true", help="do not measure the diagnosis, which takes longest")
    audit.set_defaults(run=_audit)

    stubs = commands.add_parser("stubs", help="write the stubs from the solutions")
    stubs.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is stale")
    stubs.set_defaults(run=_stubs)

    release = commands.add_parser("release", help="make what students get of an assignment")
    release.add_argument("assignment", help="its id in course.yml")
    release.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="a new folder or .zip; for nbgrader its course directory"
    )
    release.add_argument("--nbgrader", action="store_true", help="as nbgrader's source/ and configuration")
    release.set_defaults(run=_release)

    report = commands.add_parser("report", help="the class report of a graded folder")
    report.add_argument("folder", type=Path, metavar="DIR", help="what `grade --out DIR` wrote")
    report.set_defaults(run=_report)

    doctor = commands.add_parser("doctor", help="what this machine can enforce")
    doctor.set_defaults(run=_doctor)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"expected a number of judges from 1 to 1024, found {text!r}")
    return int(text)


def _course(arguments: argparse.Namespace) -> Course:
    return Course.load(arguments.course) if arguments.course else Course.find(Path.cwd())


def _chosen(course: Course, name: str | None) -> tuple[Exercise, ...]:
    return course.exercises if name is None else (course.exercise(name),)


def _screen() -> Console:
    """Where people read. In a notebook one coloured text: rich would make each line an output of its own there."""
    console = _Screen()
    if console.is_jupyter:
        return Console(force_jupyter=False, force_terminal=False, color_system="standard")
    return console


def _check(arguments: argparse.Namespace) -> int:
    course = _course(arguments)
    exercise = course.exercise(arguments.exercise) if arguments.exercise else None
    if arguments.watch:
        from autograder.student.watch import watch

        return watch(course, exercise, _screen())
    from autograder.student import commands

    return commands.check(course, exercise, _screen())


def _hint(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    course = _course(arguments)
    return commands.hint(course, course.exercise(arguments.exercise), arguments.task, _screen())


def _progress(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    return commands.progress(_course(arguments), _screen())


def _picture(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    course = _course(arguments)
    return commands.picture(course, course.exercise(arguments.exercise), arguments.to, arguments.open, _screen())


def _submit(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    course = _course(arguments)
    if arguments.assignment is None and len(course.assignments) > 1:
        raise CourseError(f"which assignment? There are: {', '.join(a.id for a in course.assignments)}")
    name = arguments.assignment or course.assignments[0].id
    return commands.submit(course, course.assignment(name), arguments.to, _screen())


def _grade(arguments: argparse.Namespace) -> int:
    from autograder.batch.shell_limits import require_room

    require_room(arguments.workers or os.cpu_count() or 1)
    from autograder.batch import batch
    from autograder.batch.ledger import NAME, Ledger
    from autograder.batch.progress import Aside, Progress
    from autograder.submissions.students import read_roster
    from autograder.submissions.submission import find_submissions

    course = _course(arguments)
    exercises = batch.exercises_for(course, arguments.assignment)
    slugs = [exercise.slug for exercise in course.exercises]
    folder = _course_folder(course, arguments) if arguments.gradebook else None
    listing = folder.listing() if folder else find_submissions(arguments.path, slugs, arguments.kind)
    roster = read_roster(arguments.roster) if arguments.roster else ()
    entries = batch.with_roster(listing, roster)
    if arguments.out is not None:
        batch.prepare_out(arguments.out)
    elif arguments.explain_changes:
        raise CourseError("--explain-changes needs --out DIR: the folder that was graded before")
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(arguments.out / NAME if arguments.out else None))
        draft = stack.enter_context(Ledger(None)) if arguments.explain_changes else None
        run = batch.Batch(course, exercises, ledger, draft)
        points = {exercise.id: run.max_points(exercise) for exercise in exercises if folder}
        if folder is not None:
            folder.require(points)
        with Progress(len(entries) * len(exercises), Aside(stderr=True)) as progress:
            for line in listing.skipped:
                if arguments.roster is None or not line.startswith(f"{arguments.roster.name}:"):
                    progress.say(f"skipped {line}")
            run.grade(entries, lambda: _crew(arguments, course, listing.kind), progress)
        if arguments.explain_changes:
            return _explain_changes(run)
        changed = folder.write(run.reports, points) if folder is not None else []
        return _write_graded(arguments, course, exercises, run, listing, changed)


def _crew(arguments: argparse.Namespace, course: Course, kind: str) -> Crew:
    """Who grades. One student's work is done before a second judge has started."""
    from autograder.batch import batch, local_judges

    if arguments.dask is None:
        return batch.Local(course, arguments.workers or (1 if kind == "student" else len(local_judges.cores())))
    try:
        from autograder.batch.dask_judges import Cluster
    except ImportError as problem:
        raise CourseError(f"--dask needs the package distributed ({problem}): {pip_install('distributed')}") from None
    return Cluster(course, arguments.dask)


def _explain_changes(run: Batch) -> int:
    lines = list(run.changes())
    for line in lines:
        print(line)
    print(f"{len(lines)} results would change. Nothing was written.")
    return int(any(report.has_error for report in run.reports))


def _write_graded(
    arguments: argparse.Namespace,
    course: Course,
    exercises: Sequence[Exercise],
    run: Batch,
    listing: Listing,
    problems: Iterable[str] = (),
) -> int:
    """Write the reports where there is a folder for them, then show them. `problems`: what else was not written."""
    from autograder.reports import table, terminal
    from autograder.versions import untested, versions

    rows, errors, lines = [], list(problems), []
    if arguments.out is not None:
        _write_students(arguments, course, exercises, run.reports, listing)
    for report in run.reports:
        rows += table.rows(report)
        if report.has_error:
            errors += [f"not graded: {report.student}: {problem}" for problem in report.problems or _causes(report)]
    if arguments.out is not None:
        table.write_grades(arguments.out / "grades.csv", rows)
        run.note_reported()
        lines = [f"written to {arguments.out}: grades.csv, and students/NAME/feedback.html for each student"]
        lines += _write_more(arguments, course, exercises, run.reports)
    with _unheard() if arguments.out or arguments.gradebook else nullcontext():
        console = _screen()
        if listing.kind == "student":
            terminal.print_report(run.reports[0], console)
        else:
            terminal.print_class(rows, console)
        for line in lines:
            console.print(line, markup=False, highlight=False)
    with _unheard():
        for line in errors:
            print(line, file=sys.stderr)
        if differing := untested(versions()):
            print(f"graded with versions that were not tested together: {'; '.join(differing)}", file=sys.stderr)
    return int(bool(errors))


def _write_students(
    arguments: argparse.Namespace,
    course: Course,
    exercises: Sequence[Exercise],
    reports: Iterable[Report],
    listing: Listing,
) -> None:
    """A folder a student; with pictures where they are wanted, which for a class is when they are asked for."""
    from autograder.batch import batch
    from autograder.batch.drawing import Artist
    from autograder.errors import SubmissionError
    from autograder.submissions.submission import read_entry

    titles = {exercise.id: exercise.title for exercise in exercises}
    wanted = listing.kind == "student" if arguments.pictures is None else arguments.pictures
    entries = {entry.student: entry for entry in listing.entries} if wanted else {}
    with Artist(course) as artist:
        for report in reports:
            pictures: dict[str, bytes] = {}
            if report.student in entries:
                with suppress(SubmissionError):
                    found = read_entry(entries[report.student], [exercise.slug for exercise in course.exercises])
                    pictures = artist.gallery(found, report, exercises)
            targets = {e.id: png for e in exercises if e.id in pictures and (png := artist.target(e))}
            batch.write_student(arguments.out, report, titles, pictures, targets)


def _causes(report: Report) -> list[str]:
    return [f"{r.exercise}: {r.message}" for r in report.exercises if r.points is None]


def _write_more(
    arguments: argparse.Namespace, course: Course, exercises: Sequence[Exercise], reports: Sequence[Report]
) -> Iterator[str]:
    """What a person marks, and what lateness costs, where there is such a thing. Yields a line for each file."""
    from autograder.reports import late
    from autograder.reports.pending import write_queue
    from autograder.reports.table import write_flags

    if flags := write_flags(arguments.out / "flags.csv", reports):
        yield f"flags.csv: {flags} things to look at: worker ended, wire broken, refused by the lock-down"
    if any(exercise.by_hand for exercise in exercises):
        yield f"pending.csv: {write_queue(arguments.out / 'pending.csv', reports, exercises)} answers wait for a human"
    times = late.read_times(arguments.roster) if arguments.roster and arguments.assignment else None
    if times is not None:
        assignment = course.assignment(arguments.assignment)
        count = late.write_late(arguments.out / "late.csv", assignment, course.late, times, reports)
        yield f"late.csv: {count} handed in late"


def _course_folder(course: Course, arguments: argparse.Namespace) -> CourseFolder:
    if not arguments.assignment:
        raise CourseError("--gradebook needs --assignment ID: a gradebook is filled an assignment at a time")
    from autograder.nbgrader.gradebook import CourseFolder

    return CourseFolder(course, course.assignment(arguments.assignment), arguments.path, arguments.gradebook)


def _audit(arguments: argparse.Namespace) -> int:
    from autograder.batch.shell_limits import require_room

    require_room(1)
    from autograder.authoring.audit import audit_exercise, stray_folders, wrong_sums
    from autograder.authoring.diagnosis_trials import Tally
    from autograder.reports.terminal import print_audit

    course = _course(arguments)
    seed = course.grading.seed if arguments.seed is None else arguments.seed
    console = _screen()
    audits = []
    problems = [*stray_folders(course), *wrong_sums(course)]
    for problem in problems:
        console.print(f"unproven: {problem}", markup=False, style="red")
    for exercise in _chosen(course, arguments.exercise):
        audits.append(audit_exercise(exercise, seed, diagnosis=not arguments.quick))
        print_audit(audits[-1], console)
    if len(audits) > 1 and not arguments.quick:
        total = sum((audit.diagnosis for audit in audits), Tally())
        console.print(f"diagnosis, all exercises: {total}", markup=False, highlight=False)
    return int(bool(problems) or not all(audit.is_proven for audit in audits))


def _stubs(arguments: argparse.Namespace) -> int:
    from autograder.authored import read_text
    from autograder.authoring.audit import stale_stub
    from autograder.authoring.stub import make_stub
    from autograder.files import write_file

    stale, missing = 0, False
    course = _course(arguments)
    for exercise in course.exercises:
        if not (problems := stale_stub(exercise)):
            continue
        stale += 1
        if arguments.check or not exercise.solution.is_file():
            print("\n".join(problems))
            missing |= not exercise.solution.is_file()
        else:
            write_file(exercise.stub, make_stub(read_text(exercise.solution), str(exercise.solution)))
            print(f"wrote {exercise.stub.relative_to(course.root)}")
    return int(missing or bool(stale and arguments.check))


def _release(arguments: argparse.Namespace) -> int:
    course = _course(arguments)
    assignment = course.assignment(arguments.assignment)
    if not arguments.nbgrader:
        from autograder.release import folder

        made = folder.release(course, assignment, arguments.to)
        print(f"released: {made}. Its README.md tells students how to start.")
        return 0
    from autograder.nbgrader import coursedir

    coursedir.release(course, assignment, arguments.to)
    print(f"{arguments.to}: nbgrader's course directory with source/{assignment.id}. Next, in it:")
    print(f"  nbgrader generate_assignment {assignment.id} --force && nbgrader release_assignment {assignment.id}")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from autograder.batch.ledger import NAME, Ledger
    from autograder.reports import classreport

    course, journal = _course(arguments), arguments.folder / NAME
    if not journal.is_file():
        raise CourseError(f"{journal}: no such file. Give the folder that `grade --out` wrote.")
    ids = {exercise.slug: exercise.id for exercise in course.exercises}
    with Ledger(journal) as ledger:
        results = classreport.class_of(arguments.folder, ledger.told(), ids)
    report = classreport.write_report(arguments.folder, results, course.title)
    told = f"{len(report.totals)} students, {len(report.checks)} checks, {len(report.beliefs)} misconceptions"
    print(f"{arguments.folder / 'report.html'}: {told}; checks.csv and misconceptions.csv lie beside it")
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from autograder.runner import lockdown
    from autograder.versions import out_of_range, untested, versions

    found = lockdown.probe()
    print(f"level: {found.level}")
    for key, value in found.details.items():
        print(f"  {key}: {value}")
    for missing in found.missing:
        print(f"missing: {missing}")
    if found.remedy:
        print(f"remedy: {found.remedy}")
    print("versions:")
    for name, version in versions().items():
        print(f"  {name}: {version}")
    for line in (*untested(versions()), *out_of_range()):
        print(f"not the tested version: {line}")
    return 0
