"""The command line: arguments only. Exit 0 done, 1 something failed or is unproven, 2 a usage or course error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.course import Course, Exercise
from autograder.errors import CourseError, GraderError, SubmissionError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except CourseError as problem:
        return _fail(str(problem), 2)
    except (SubmissionError, GraderError) as problem:
        return _fail(str(problem), 1)
    except KeyboardInterrupt:
        return _fail("stopped", 130)


def _fail(message: str, code: int) -> int:
    for line in message.splitlines():
        print(f"autograder: {line}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description=__doc__)
    parser.add_argument(
        "--course",
        type=Path,
        default=None,
        metavar="DIR",
        help="the folder of course.yml (default: here or above)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="run the public checks on your own files")
    check.add_argument("exercise", nargs="?", help="number or name; default: all")
    check.set_defaults(run=_check)

    grade = commands.add_parser("grade", help="grade one submission or a class")
    grade.add_argument("path", type=Path, help="a module, a student's folder or zip, or a class of those")
    grade.add_argument("--out", type=Path, default=None, metavar="DIR", help="write grades.csv and a folder a student")
    grade.add_argument("--assignment", default=None, metavar="ID", help="grade this assignment only")
    grade.add_argument("--roster", type=Path, default=None, metavar="CSV", help="those who should have handed in")
    kind = grade.add_mutually_exclusive_group()
    kind.add_argument("--student", dest="kind", action="store_const", const="student", help="PATH is one student's")
    kind.add_argument("--class", dest="kind", action="store_const", const="class", help="PATH is a class")
    grade.set_defaults(run=_grade)

    audit = commands.add_parser("audit", help="prove the course")
    audit.add_argument("exercise", nargs="?", help="number or name; default: all")
    audit.add_argument("--seed", type=int, default=None, help="draw the frozen examples with this seed")
    audit.set_defaults(run=_audit)

    stubs = commands.add_parser("stubs", help="write the stubs from the solutions")
    stubs.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is stale")
    stubs.set_defaults(run=_stubs)

    doctor = commands.add_parser("doctor", help="what this machine can enforce")
    doctor.set_defaults(run=_doctor)
    return parser


def _course(arguments: argparse.Namespace) -> Course:
    return Course.load(arguments.course) if arguments.course else Course.find(Path.cwd())


def _chosen(course: Course, name: str | None) -> tuple[Exercise, ...]:
    return course.exercises if name is None else (course.exercise(name),)


def _check(arguments: argparse.Namespace) -> int:
    from autograder import student

    course = _course(arguments)
    return student.check(course, _chosen(course, arguments.exercise), Console())


def _grade(arguments: argparse.Namespace) -> int:
    from autograder import batch
    from autograder.grade import Grader
    from autograder.reports import terminal
    from autograder.reports.table import rows
    from autograder.submission import find_submissions, read_roster

    course = _course(arguments)
    exercises = batch.exercises_for(course, arguments.assignment)
    slugs = [exercise.slug for exercise in course.exercises]
    listing = find_submissions(arguments.path, slugs, arguments.kind)
    roster = read_roster(arguments.roster) if arguments.roster else ()
    if arguments.out is not None:
        batch.prepare_out(arguments.out)
    console, progress = Console(), Console(stderr=True)
    for line in listing.skipped:
        if arguments.roster is None or not line.startswith(f"{arguments.roster.name}:"):
            progress.print(f"skipped {line}", markup=False, highlight=False)
    titles = {exercise.id: exercise.title for exercise in exercises}
    reports = []
    entries = batch.with_roster(listing, roster)
    with Grader(course, exercises) as grader:
        for report in batch.grade_all(grader, entries, slugs):
            reports.append(report)
            if arguments.out is not None:
                batch.write_student(arguments.out, report, titles)
            progress.print(f"{len(reports)}/{len(entries)} {report.student}", markup=False, highlight=False)
    if listing.kind == "student":
        terminal.print_report(reports[0], console)
    else:
        terminal.print_class([row for report in reports for row in rows(report)], console)
    if arguments.out is not None:
        batch.write_class(arguments.out, reports)
        console.print(f"written to {arguments.out}: grades.csv, and feedback.html for each student", markup=False)
    for report in reports:
        for problem in report.problems if report.has_error else ():
            progress.print(f"not graded: {report.student}: {problem}", markup=False, highlight=False)
    return int(any(report.has_error for report in reports))


def _audit(arguments: argparse.Namespace) -> int:
    from autograder.audit import audit_exercise, stray_folders, wrong_sums
    from autograder.reports.terminal import print_audit

    course = _course(arguments)
    seed = course.grading.seed if arguments.seed is None else arguments.seed
    console = Console()
    audits = []
    for exercise in _chosen(course, arguments.exercise):
        audits.append(audit_exercise(exercise, seed))
        print_audit(audits[-1], console)
    problems = [] if arguments.exercise else [*stray_folders(course), *wrong_sums(course, audits)]
    for problem in problems:
        console.print(f"unproven: {problem}", markup=False, style="red")
    return int(bool(problems) or not all(audit.is_proven for audit in audits))


def _stubs(arguments: argparse.Namespace) -> int:
    from autograder.audit import stale_stub
    from autograder.release.stub import make_stub
    from autograder.reports.files import write_file

    stale = 0
    course = _course(arguments)
    for exercise in course.exercises:
        if not (problems := stale_stub(exercise)):
            continue
        stale += 1
        if arguments.check:
            print("\n".join(problems))
        else:
            source = exercise.solution.read_text(encoding="utf-8")
            write_file(exercise.stub, make_stub(source, str(exercise.solution)))
            print(f"wrote {exercise.stub.relative_to(course.root)}")
    return int(bool(stale and arguments.check))


def _doctor(arguments: argparse.Namespace) -> int:
    from autograder.runner import lockdown

    found = lockdown.probe()
    print(f"level: {found.level}")
    for key, value in found.details.items():
        print(f"  {key}: {value}")
    for missing in found.missing:
        print(f"missing: {missing}")
    if found.remedy:
        print(f"remedy: {found.remedy}")
    return 0
