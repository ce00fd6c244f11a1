"""`autograder finish`: final marks of a graded class, the same number in every file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autograder.batch.batch import Reports, recorded
from autograder.batch.class_report import renew_report
from autograder.batch.ledger import ClassRecord
from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.marking.command import class_record, open_journal
from autograder.marking.upload import FEEDBACK, HEADINGS, Filled, fill, open_target
from autograder.reports.by_hand import Marks, in_force
from autograder.reports.formats import EXTRA_FORMATS, FORMATS, write_formats
from autograder.reports.html import drawn, write_feedback
from autograder.reports.late import Granted, HandedIn, Lateness, final_of, times_of, uncounted
from autograder.reports.pending import MARKS, write_marks
from autograder.reports.text import number
from autograder.reports.totals import FINAL, withdraw, write_final, write_tables
from autograder.results import Report
from autograder.submissions.roster import Person, matched, read_roster
from autograder.submissions.students import student_folder, student_key
from autograder.submissions.submission import Entry

SHOWN = 20  # students who wait, by name


@dataclass(frozen=True)
class Asked:
    """What `finish` is asked for, by the names of its options."""

    folder: Path
    assignment: str
    roster: Path | None = None
    allow_unmatched: bool = False
    extensions: Path | None = None
    earlier: Sequence[Path] = ()
    column: str | None = None
    moodle: Path | None = None
    canvas: Path | None = None
    brightspace: Path | None = None
    blackboard: Path | None = None

    @property
    def sheets(self) -> dict[str, Path]:
        """The sheets to fill in, by their platforms."""
        given = {platform: getattr(self, platform) for platform in HEADINGS}
        return {platform: path for platform, path in given.items() if path is not None}


@dataclass(frozen=True)
class Roll:
    """Ids by student, and when each handed in by `student_key`; None where no roster said so.

    `problems`: who of the roster and of the class matches nobody; `uncounted`: why nobody is late by that roster.
    """

    ids: Mapping[str, str]
    times: Mapping[str, HandedIn] | None
    problems: tuple[str, ...] = ()
    uncounted: str = ""


def finish(course: Course, asked: Asked) -> int:
    """Write final.csv, and all files of the class anew with the marks by hand. The exit code: 1 while anything waits.

    Nothing that was handed in is read again. Raises CourseError, before anything is written: no graded folder, one of
    another assignment, a wrong roster, or a sheet that cannot be filled in.
    """
    assignment = course.assignment(asked.assignment)
    exercises = {exercise.id: exercise for exercise in assignment.exercises}
    with open_journal(asked.folder) as ledger:
        record = class_record(ledger, asked.folder)
        require_same(record, assignment)
        roll = roll_of(asked, record, course)
        lateness = Lateness(assignment.due, course.late, roll.times) if roll.times is not None else None
        marked = recorded(record, ledger, exercises.values())
        titles = [asked.column] if asked.column else [assignment.title, assignment.id]
        targets = [open_target(platform, path, titles) for platform, path in asked.sheets.items()]
        withdraw(asked.folder)
        if given := ledger.marks():
            write_marks(asked.folder / MARKS, in_force(marked, exercises, Marks(given)))
        reports = Reports(partial(finished, marked, i, lateness) for i in range(len(marked)))
        write_students(asked.folder, assignment, reports)
        told = list(write_tables(asked.folder, assignment.exercises, reports, roll.ids, lateness))
        waiting = write_final(asked.folder / FINAL, reports, roll.ids)
        renew_report(course, asked.folder, ledger)
        uploads = [fill(target, asked.folder, reports, roll.ids) for target in targets]
    without = "" if lateness else roll.uncounted or "no late penalty: no roster said when anybody handed in"
    print("\n".join([*summary(asked.folder, len(reports), waiting, told, without), *uploaded(uploads)]))
    problems = [line for filled in uploads for line in filled.problems]
    problems += [] if asked.allow_unmatched else roll.problems
    for line in (*problems, *whom_it_waits_for(waiting)):
        print(line, file=sys.stderr)
    return int(bool(waiting or problems))


def finished(reports: Sequence[Report], place: int, lateness: Lateness | None) -> Report:
    """One of the reports with its final mark, if nothing waits."""
    report = reports[place]
    return replace(report, final=final_of(report, lateness))


def require_same(record: ClassRecord, assignment: Assignment) -> None:
    """Raises CourseError: other exercises were graded than those of the assignment."""
    if record.exercises != tuple(exercise.id for exercise in assignment.exercises):
        there = ", ".join(record.exercises)
        raise CourseError(
            f"graded were {there}, not the exercises of {assignment.id} as course.yml has them. "
            f"Grade with --assignment {assignment.id}, then finish."
        )


# -- who is who -------------------------------------------------------------------------------------


def roll_of(asked: Asked, record: ClassRecord, course: Course) -> Roll:
    """What the roster says of those who were graded; without one, what the roster of the grading said.

    Raises CourseError.
    """
    granted = Granted(asked.extensions, asked.earlier)
    if asked.roster is None:
        if granted.extensions or granted.earlier:
            raise CourseError("--extensions and --earlier need --roster CSV")
        return Roll(record.ids, record.times)
    people = [person for person in read_roster(asked.roster) if not person.dropped]
    times = times_of(course, course.assignment(asked.assignment), asked.roster, people, granted)
    names = [told.student for told in record.students]
    who = matched((Entry(name, asked.folder) for name in names), people)
    known = {name: entry.student for name, entry in zip(names, who.entries, strict=True) if name not in who.unknown}
    now = record.times if times is None else times_now(known, times, record.times or {})
    require_as_granted(names, record.times or {}, now or {}, asked)
    return Roll(
        ids_of(known, people),
        now,
        tuple(strangers(asked.roster, who.unknown, who.absent)),
        uncounted(course.late, asked.roster, people, course.time_zone) if now is None else "",
    )


def require_as_granted(
    names: Iterable[str], graded: Mapping[str, HandedIn], now: Mapping[str, HandedIn], asked: Asked
) -> None:
    """Raises CourseError where `grade` knew of late days used before, or of more time, and nothing here does."""
    for name in names:
        was, told = graded.get(student_key(name)), now.get(student_key(name))
        if was is None or told is None:
            continue
        if not asked.earlier and was.free_days < told.free_days:
            days = f"{was.free_days} free late days left when the class was graded, and {told.free_days} now"
            raise CourseError(f"{name} had {days}: give the same --earlier to `finish`, or grade again without.")
        if not asked.extensions and was.extension > told.extension:
            hours = f"{_hours(was)} hours more time when the class was graded, and {_hours(told)} now"
            raise CourseError(f"{name} had {hours}: give the same --extensions to `finish`, or grade again without.")


def _hours(when: HandedIn) -> str:
    return number(when.extension.total_seconds() / 3600)


def times_now(
    known: Mapping[str, str], times: Mapping[str, HandedIn], graded: Mapping[str, HandedIn]
) -> dict[str, HandedIn]:
    """What the roster says now; and the times of attempts as they were read in grading. `known` as below."""
    made = {key: was for key, was in graded.items() if was.is_attempts}
    for name, person in known.items():
        key, now = student_key(name), times[student_key(person)]
        made[key] = replace(now, submitted=made[key].submitted, is_attempts=True) if key in made else now
    return made


def ids_of(known: Mapping[str, str], people: Iterable[Person]) -> dict[str, str]:
    """The first id of each student, by the name under which they were graded. `known`: their names on the roster."""
    ids = {person.name: person.ids[0] for person in people if person.ids}
    return {name: ids[person] for name, person in known.items() if person in ids}


def strangers(roster: Path, unknown: Iterable[str], absent: Iterable[str]) -> Iterator[str]:
    """A line for each who was graded and is on no roster, and the other way round."""
    lines = [f"graded, and not in {roster.name}: {name}" for name in unknown]
    lines += [f"in {roster.name}, and not graded: {name}" for name in absent]
    yield from lines
    if lines:
        yield f"Mend the names in {roster.name}, grade again, or give --allow-unmatched."


# -- what comes of it -------------------------------------------------------------------------------


def write_students(folder: Path, assignment: Assignment, reports: Iterable[Report]) -> None:
    """Each student's page and results anew, in the formats that are there, with what was drawn before."""
    titles = {exercise.id: exercise.title for exercise in assignment.exercises}
    for report in reports:
        mine = student_folder(folder, report.student)
        write_feedback(mine / "feedback.html", report, titles, *drawn(mine / "feedback.html", report))
        write_formats(mine, report, [name for name in EXTRA_FORMATS if (mine / FORMATS[name].file).is_file()])


def summary(
    folder: Path, count: int, waiting: Sequence[tuple[str, str]], told: Iterable[str], without: str
) -> Iterator[str]:
    """What was written, for the screen. `without`: a late penalty, and why."""
    yield f"{folder / FINAL}: {count - len(waiting)} of {count} final marks"
    yield from told
    if without:
        yield without


def uploaded(uploads: Iterable[Filled]) -> Iterator[str]:
    """What was filled in, for the screen."""
    for filled in uploads:
        beside = f"; {FEEDBACK} beside it" if filled.name.startswith("upload-moodle") else ""
        yield f"{filled.name}: {filled.count} marks{beside}"
        yield from filled.notes


def whom_it_waits_for(waiting: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A line for each who has no final mark, of the first twenty."""
    for student, what in waiting[:SHOWN]:
        yield f"waits: {student}: {what}"
    if len(waiting) > SHOWN:
        yield f"{len(waiting) - SHOWN} more wait: see waits_for in {FINAL}"
