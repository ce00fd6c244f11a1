"""The command line: arguments only. Exit 0 done, 1 something failed or is unproven, 2 a usage or course error."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import __version__
from autograder.course import Course, Exercise
from autograder.errors import CourseError, GraderError, SubmissionError
from autograder.invoked import command, program, within
from autograder.limits import one_thread
from autograder.reports.console import flush, hush, screen, unheard
from autograder.reports.formats import EXTRA_FORMATS

if TYPE_CHECKING:
    from autograder.nbgrader.gradebook import CourseFolder
    from autograder.reports.classreport import ClassReport


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; 141 where nobody reads the output to its end, as of other programs."""
    one_thread()  # before numpy is loaded
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that lacks our marks shows “?”
    arguments = _parser().parse_args(argv)
    if arguments.course:
        within(arguments.course)
    try:
        code = int(arguments.run(arguments))
        flush()
        return code
    except CourseError as problem:
        return _fail(str(problem), 2)
    except (SubmissionError, GraderError) as problem:
        return _fail(str(problem), 1)
    except KeyboardInterrupt:
        return _fail("stopped", 130)
    except BrokenPipeError:
        hush()
        return 141
    except MemoryError:
        return _fail("out of memory. Close other programs, or raise `ulimit -v`; what was graded is kept.", 1)
    except OSError as problem:
        if problem.filename is not None:  # no stream's
            raise
        hush()
        return _fail(f"cannot write the output: {problem.strerror}", 1)


def _fail(message: str, code: int) -> int:
    with unheard():
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
    how = check.add_mutually_exclusive_group()
    how.add_argument("--watch", action="store_true", help="again on every save, and on to the next exercise")
    how.add_argument("--summary", type=Path, metavar="FILE", help="append a table in Markdown, as GitHub shows it")
    how.add_argument("--classroom50", type=Path, metavar="FILE", help="in Classroom 50's runner: write its result.json")
    check.set_defaults(run=_check)

    hint = commands.add_parser("hint", help="one more hint for the task at work")
    hint.add_argument("exercise", help="number or name")
    hint.add_argument("--task", default=None, metavar="N", help="for this task")
    hint.set_defaults(run=_hint)

    progress = commands.add_parser("progress", help="the course as bars")
    progress.set_defaults(run=_progress)

    picture = commands.add_parser("picture", help="what your code draws")
    picture.add_argument("exercise", help="number or name; chain: the whole course, as far as it is written")
    picture.add_argument("--to", type=Path, default=None, metavar="FILE", help="default: pictures/NN_name.png")
    picture.add_argument("--open", action="store_true", help="show it as well")
    picture.add_argument("--animate", action="store_true", help="a sampler's steps as GIF, pictures/NN_name.gif")
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
        "--allow-unmatched", action="store_true", help="exit 0 though somebody handed in who is not on the roster"
    )
    grade.add_argument(
        "--attempts", type=Path, default=None, metavar="CSV", help="several hand-ins: student, path in PATH, submitted"
    )
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
        "--format",
        dest="formats",
        action="append",
        default=[],
        choices=EXTRA_FORMATS,
        help="write this too for each student; may be given again",
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
    audit.add_argument("--why", action="store_true", help="for each mutant, what the checks said that caught it")
    audit.set_defaults(run=_audit)

    stubs = commands.add_parser("stubs", help="write the stubs from the solutions")
    stubs.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is stale")
    stubs.set_defaults(run=_stubs)

    new = commands.add_parser("new", help="make a course of one worked exercise, to start from")
    new.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder; its name is the course's title")
    new.set_defaults(run=_new)

    release = commands.add_parser("release", help="make what students get of an assignment")
    release.add_argument("assignment", nargs="?", help="its id in course.yml")
    release.add_argument("--all", action="store_true", help="with --web: all assignments on one site")
    where = release.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", type=Path, metavar="DIR", help="a new folder or .zip; for nbgrader its course directory")
    where.add_argument(
        "--gradescope", type=Path, metavar="ZIP", help="for instructors: what Gradescope takes as its autograder"
    )
    where.add_argument(
        "--template", type=Path, metavar="DIR", help="a repository: the same with a workflow, editor and container"
    )
    where.add_argument("--web", type=Path, metavar="DIR", help="a static site: students work in a browser")
    release.add_argument("--pyodide", type=Path, metavar="DIR", help="with --web: put this runtime on the site too")
    release.add_argument(
        "--wheels", type=Path, metavar="DIR", help="with --web, where public checks draw inputs: Hypothesis for pages"
    )
    release.add_argument("--nbgrader", action="store_true", help="as nbgrader's source/ and configuration")
    release.set_defaults(run=_release)

    on_gradescope = commands.add_parser(
        "gradescope", help="in Gradescope's container, called by run_autograder: grade what was handed in"
    )
    on_gradescope.add_argument("assignment", help="its id in course.yml")
    on_gradescope.add_argument(
        "--root", type=Path, default=Path("/autograder"), metavar="DIR", help="default: /autograder"
    )
    on_gradescope.add_argument(
        "--seconds", type=_seconds, required=True, metavar="N", help="on the clock, for all of a submission"
    )
    on_gradescope.set_defaults(run=_gradescope)

    marks = commands.add_parser("marks", help="take a sheet of marks by hand into a graded folder")
    marks.add_argument("folder", type=Path, metavar="DIR", help="what `grade --out DIR` wrote")
    marks.add_argument("sheet", type=Path, metavar="CSV", help="pending.csv with its points filled in, or as it")
    marks.add_argument("--replace", action="store_true", help="change marks that were given before")
    marks.set_defaults(run=_marks)

    mark = commands.add_parser("mark", help="a page on this machine on which a person marks prose")
    mark.add_argument("folder", type=Path, metavar="DIR", help="what `grade --out DIR` wrote")
    mark.add_argument("--marker", default=None, metavar="NAME", help="who marks; default: your login")
    mark.add_argument(
        "--second",
        default=None,
        metavar="SHARE",
        help="mark this share (20%%) of what others marked once more, without sight of their marks",
    )
    mark.add_argument("--names", action="store_true", help="show whose answers they are")
    mark.add_argument("--port", type=int, default=0, help="default: any that is free")
    mark.add_argument("--no-browser", action="store_true", help="print the address only")
    mark.set_defaults(run=_mark)

    finish = commands.add_parser("finish", help="final marks of a graded class, by checks and by hand")
    finish.add_argument("folder", type=Path, metavar="DIR", help="what `grade --out DIR` wrote")
    finish.add_argument("--assignment", required=True, metavar="ID", help="what was graded")
    finish.add_argument(
        "--roster", type=Path, default=None, metavar="CSV", help="ids and lateness (default: as when it was graded)"
    )
    finish.add_argument(
        "--allow-unmatched", action="store_true", help="exit 0 though the roster and those graded do not match"
    )
    for platform, what in (
        ("moodle", "grading worksheet"),
        ("canvas", "exported gradebook"),
        ("brightspace", "exported grades"),
        ("blackboard", "downloaded Full Grade Center"),
    ):
        said = f"{platform.capitalize()}'s {what}, to be filled in: upload-{platform}.csv in DIR"
        finish.add_argument(f"--{platform}", type=Path, default=None, metavar="FILE", help=said)
    finish.add_argument(
        "--column", default=None, metavar="NAME", help="the assignment there (default: its title or id in course.yml)"
    )
    for each in (grade, finish):
        each.add_argument(
            "--extensions", type=Path, default=None, metavar="CSV", help="columns student, and hours or until"
        )
        each.add_argument(
            "--earlier",
            type=Path,
            action="append",
            default=[],
            metavar="DIR",
            help="an earlier assignment as graded: its late days count; may be given again",
        )
    finish.set_defaults(run=_finish)

    review = commands.add_parser(
        "review", help="how one mark came about, for the instructor whom a student asks: a page"
    )
    review.add_argument("folder", type=Path, metavar="DIR", help="what `grade --out DIR` wrote")
    review.add_argument("student", help="name or id")
    review.add_argument("exercise", help="number or name")
    review.add_argument(
        "--handed-in",
        type=Path,
        default=None,
        metavar="PATH",
        help="what was handed in, as `grade` took it: ask the checks of today about the same module",
    )
    review.add_argument(
        "--to", type=Path, default=None, metavar="FILE", help="default: reviews/STUDENT-EXERCISE.html in DIR"
    )
    review.set_defaults(run=_review)

    alike = commands.add_parser("alike", help="for the instructor: modules of a class side by side that are alike")
    alike.add_argument("folder", type=Path, metavar="DIR", help="what `grade --out DIR` wrote")
    alike.add_argument("handed_in", type=Path, metavar="CLASS", help="what was handed in, as `grade` took it")
    alike.set_defaults(run=_alike)

    report = commands.add_parser("report", help="the class report of a graded folder")
    report.add_argument("folder", type=Path, metavar="DIR", help="what `grade --out DIR` wrote; nbgrader's")
    report.set_defaults(run=_report)

    doctor = commands.add_parser("doctor", help="what this machine can enforce")
    doctor.set_defaults(run=_doctor)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"expected a number of judges from 1 to 1024, found {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    if not text.isdecimal() or not 1 <= int(text) <= 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds from 1 to 86400, found {text!r}")
    return float(text)


def _course(arguments: argparse.Namespace) -> Course:
    return Course.load(arguments.course) if arguments.course else Course.find(Path.cwd())


def _chosen(course: Course, name: str | None) -> tuple[Exercise, ...]:
    return course.exercises if name is None else (course.exercise(name),)


def _check(arguments: argparse.Namespace) -> int:
    course = _course(arguments)
    exercise = course.exercise(arguments.exercise) if arguments.exercise else None
    if arguments.watch:
        from autograder.student.watch import watch

        return watch(course, exercise, screen())
    from autograder.student import commands, elsewhere

    tell = None
    if arguments.summary:
        tell = partial(elsewhere.append_summary, arguments.summary)
    elif arguments.classroom50:
        tell = partial(elsewhere.write_result, arguments.classroom50)
    return commands.check(course, exercise, screen(), tell)


def _hint(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    course = _course(arguments)
    return commands.hint(course, course.exercise(arguments.exercise), arguments.task, screen())


def _progress(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    return commands.progress(_course(arguments), screen())


def _picture(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    course = _course(arguments)
    if arguments.exercise == "chain":
        return commands.chain(course, arguments.to, arguments.open, screen())
    draw = commands.animation if arguments.animate else commands.picture
    return draw(course, course.exercise(arguments.exercise), arguments.to, arguments.open, screen())


def _submit(arguments: argparse.Namespace) -> int:
    from autograder.student import commands

    course = _course(arguments)
    if arguments.assignment is None and len(course.assignments) > 1:
        raise CourseError(f"which assignment? There are: {', '.join(a.id for a in course.assignments)}")
    name = arguments.assignment or course.assignments[0].id
    return commands.submit(course, course.assignment(name), arguments.to, screen())


def _grade(arguments: argparse.Namespace) -> int:
    from autograder.batch.shell_limits import require_room

    require_room(arguments.workers or os.cpu_count() or 1)  # before numpy is loaded, which has its own last words
    from autograder.batch.command import Wanted, grade_class

    course = _course(arguments)
    wanted = Wanted(**{name: getattr(arguments, name) for name in Wanted.__dataclass_fields__})
    return grade_class(course, wanted, _course_folder(course, arguments) if arguments.gradebook else None)


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
    console = screen()
    audits = []
    problems = [*stray_folders(course), *wrong_sums(course)]
    for problem in problems:
        console.print(f"unproven: {problem}", markup=False, style="red")
    for exercise in _chosen(course, arguments.exercise):
        audits.append(audit_exercise(exercise, seed, diagnosis=not arguments.quick))
        print_audit(audits[-1], console, arguments.why)
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


def _new(arguments: argparse.Namespace) -> int:
    from autograder.authoring.new import new_course

    course = new_course(arguments.folder)
    first = course.assignments[0]
    within(arguments.folder)
    print(f"{arguments.folder}: a course of one exercise; its README.md tells what is where. Next:")
    for words in ("audit", f"check {first.exercises[0].id[:2]}", f"release {first.id} --to {first.id}-released"):
        print(f"  {command(words)}")
    return 0


def _release(arguments: argparse.Namespace) -> int:
    course = _course(arguments)
    if arguments.web:
        return _release_web(course, arguments)
    if not arguments.assignment or arguments.all or arguments.pyodide or arguments.wheels:
        raise CourseError("name one assignment; --all, --pyodide and --wheels are for --web")
    assignment = course.assignment(arguments.assignment)
    from autograder.release.bundle import held_back

    if arguments.nbgrader and not arguments.to:
        raise CourseError("--nbgrader needs --to DIR: nbgrader's course directory")
    if arguments.gradescope:
        from autograder.release import gradescope

        made = gradescope.release(course, assignment, arguments.gradescope)
        print(f"{made}: for Gradescope's *Configure Autograder*. It holds references: give it to no student.")
        return 0
    if not arguments.nbgrader:
        from autograder.release import folder, repository

        if arguments.template:
            made = repository.release(course, assignment, arguments.template)
        else:
            made = folder.release(course, assignment, arguments.to)
        print(f"released: {made}. Its README.md tells students how to start.")
        for line in held_back(course, assignment):
            print(line)
        return 0
    from autograder.nbgrader import coursedir

    coursedir.release(course, assignment, arguments.to)
    for line in held_back(course, assignment):
        print(line)
    print(f"{arguments.to}: nbgrader's course directory with source/{assignment.id}. Next, in it:")
    print(f"  nbgrader generate_assignment {assignment.id} --force && nbgrader release_assignment {assignment.id}")
    return 0


def _release_web(course: Course, arguments: argparse.Namespace) -> int:
    from autograder.release import web
    from autograder.release.bundle import held_back

    if bool(arguments.assignment) == arguments.all:
        raise CourseError("--web takes one assignment, or --all")
    chosen = course.assignments if arguments.all else (course.assignment(arguments.assignment),)
    made = web.release(course, chosen, arguments.web, arguments.pyodide, arguments.wheels)
    print(f"released: {made}. Its hosting.html says what to put where; to look at it here:")
    print(f"  python3 -m http.server --directory {made}")
    for line in dict.fromkeys(line for assignment in chosen for line in held_back(course, assignment)):
        print(line)
    return 0


def _gradescope(arguments: argparse.Namespace) -> int:
    from autograder.batch.on_gradescope import grade_submission

    return grade_submission(_course(arguments), arguments.assignment, arguments.root, arguments.seconds)


def _marks(arguments: argparse.Namespace) -> int:
    from autograder.marking.command import take_marks

    return take_marks(_course(arguments), arguments.folder, arguments.sheet, arguments.replace)


def _mark(arguments: argparse.Namespace) -> int:
    import getpass

    from autograder.marking.serve import mark

    given = (arguments.second, arguments.names, arguments.port, not arguments.no_browser)
    return mark(_course(arguments), arguments.folder, arguments.marker or getpass.getuser(), *given)


def _finish(arguments: argparse.Namespace) -> int:
    from autograder.marking.finish import Asked, finish

    asked = Asked(**{name: getattr(arguments, name) for name in Asked.__dataclass_fields__})
    return finish(_course(arguments), asked)


def _review(arguments: argparse.Namespace) -> int:
    from autograder.batch.shell_limits import require_room

    require_room(1)
    from autograder.marking.review import Asked, review

    asked = Asked(**{name: getattr(arguments, name) for name in Asked.__dataclass_fields__})
    return review(_course(arguments), asked)


def _alike(arguments: argparse.Namespace) -> int:
    from autograder.marking.alike import alike

    return alike(_course(arguments), arguments.folder, arguments.handed_in)


def _report(arguments: argparse.Namespace) -> int:
    from autograder.batch.class_report import write_class_report
    from autograder.batch.ledger import NAME, Ledger

    course, journal = _course(arguments), arguments.folder / NAME
    places = (arguments.folder, *arguments.folder.resolve().parents[1:2])  # or an assignment's folder in it
    if any((place / "nbgrader_config.py").is_file() for place in places):
        return _report_nbgrader(course, arguments.folder)
    if not journal.is_file():
        raise CourseError(f"{journal}: no such file. Give the folder that `grade --out` wrote.")
    with Ledger(journal) as ledger:
        report = write_class_report(course, arguments.folder, ledger)
    print(_reported(arguments.folder / "report.html", report))
    return 0


def _report_nbgrader(course: Course, directory: Path) -> int:
    """For each assignment that was graded in nbgrader's course directory, or for the one whose folder it is."""
    from autograder.nbgrader.class_report import write_class_report
    from autograder.nbgrader.gradebook import folders_of

    for folder in folders_of(course, directory):
        print(_reported(*write_class_report(folder)))
    return 0


def _reported(page: Path, report: ClassReport) -> str:
    told = f"{len(report.totals)} students, {len(report.checks)} checks, {len(report.beliefs)} misconceptions"
    return f"{page}: {told}; checks.csv and misconceptions.csv lie beside it"


def _doctor(arguments: argparse.Namespace) -> int:
    from autograder.runner import machine
    from autograder.versions import out_of_range, untested, versions

    probed = machine.probe()
    print(f"level: {probed.level}")
    for key, value in probed.details.items():
        print(f"  {key}: {value}")
    for missing in probed.missing:
        print(f"missing: {missing}")
    if probed.remedy:
        print(f"remedy: {probed.remedy}")
    print("versions:")
    for name, version in versions().items():
        print(f"  {name}: {version}")
    for line in (*untested(versions()), *out_of_range()):
        print(f"not the tested version: {line}")
    return 0
