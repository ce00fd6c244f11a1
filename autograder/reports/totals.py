"""totals.csv and final.csv: a row a student, with the whole mark; and both after all that they are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.course import Exercise
from autograder.files import remove_file, write_file
from autograder.reports import table
from autograder.reports.late import Lateness, final_of, write_late
from autograder.reports.pending import set_aside, write_queue
from autograder.reports.text import number, one_line
from autograder.results import Outcome, Report

FINAL = "final.csv"
#: What `finish` makes of a class: none of it is true any more once the class is graded again.
FINISHED = (FINAL, "upload-*.*", "moodle-feedback.zip")


def write_tables(
    out: Path,
    exercises: Sequence[Exercise],
    reports: Sequence[Report],
    ids: Mapping[str, str],
    lateness: Lateness | None,
) -> Iterator[str]:
    """The files of a class that lie beside the students' folders. Yields a line for each that tells something.

    ids: of the roster, by student. CourseError: the folder cannot be written.
    """
    table.write_grades(out / "grades.csv", (row for report in reports for row in table.rows(report)))
    write_totals(out / "totals.csv", reports, ids, lateness)
    if flags := table.write_flags(out / "flags.csv", reports):
        yield f"flags.csv: {flags} things to look at: worker ended, wire broken, refused by the lock-down"
    if any(exercise.by_hand for exercise in exercises):
        if kept := set_aside(out / "pending.csv"):
            yield f"pending.csv was filled in: it is {kept} now. Give that to `marks`, if you have not given it yet."
        yield f"pending.csv: {write_queue(out / 'pending.csv', reports, exercises)} answers wait for a human"
    if lateness is None:
        remove_file(out / "late.csv")
    else:
        yield f"late.csv: {write_late(out / 'late.csv', lateness, reports)} handed in late"


def write_totals(path: Path, reports: Sequence[Report], ids: Mapping[str, str], lateness: Lateness | None) -> None:
    """Write totals.csv: `id,student,total,out_of,pending,late_penalty,final`.

    `total` is by checks, and by hand so far, and empty where something could not be graded; `final` is empty while
    anything waits for a person. CourseError: the folder cannot be written.
    """
    rows = []
    for report in reports:
        total = None if report.has_error else report.earned
        cost = lateness.cost(report) if lateness else 0.0
        final = final_of(report, lateness)
        name = one_line(report.student)
        whole = [total, report.out_of, report.pending, cost, final.mark if final else None]
        rows.append([ids.get(report.student, ""), name, *whole])
    write_file(path, table.csv_text("id student total out_of pending late_penalty final".split(), rows))


def write_final(path: Path, reports: Sequence[Report], ids: Mapping[str, str]) -> list[tuple[str, str]]:
    """Write final.csv: `id,student,by_checks,by_hand,late_penalty,final,out_of,waits_for`. Who waits, and for what.

    Where something waits, penalty and final mark are empty. CourseError: the folder cannot be written.
    """
    rows, waiting = [], []
    for report in reports:
        waits = "; ".join(waits_for(report))
        final = [None, None] if report.final is None else [report.final.late_penalty, report.final.mark]
        checks = None if report.has_error else report.points
        name = one_line(report.student)
        rows.append([ids.get(report.student, ""), name, checks, report.marked, *final, report.out_of, waits])
        waiting += [(name, waits)] if waits else []
    write_file(path, table.csv_text("id student by_checks by_hand late_penalty final out_of waits_for".split(), rows))
    return waiting


def waits_for(report: Report) -> list[str]:
    """What keeps a final mark from a student."""
    told = []
    for result in report.exercises:
        name = one_line(result.exercise)
        if result.outcome is Outcome.ERROR:
            told.append(f"{name}: could not be graded")
        if result.pending:
            told.append(f"{name}: {number(result.pending)} points by hand")
    return told


def withdraw(out: Path) -> list[str]:
    """Remove what an earlier `finish` made. The names of what was there. CourseError: it cannot be removed."""
    gone = sorted(path for name in FINISHED for path in out.glob(name))
    for path in gone:
        remove_file(path)
    return [path.name for path in gone]
