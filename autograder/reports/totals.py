"""totals.csv and final.csv: a row a student, with the whole mark; and both after all that they are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.course import Exercise
from autograder.errors import CourseError
from autograder.files import remove_file, write_file
from autograder.reports import table
from autograder.reports.late import LATE, Lateness, final_of, write_late
from autograder.reports.pairs import PAGE, TABLE
from autograder.reports.pending import set_aside, write_queue
from autograder.reports.text import number, one_line
from autograder.results import Outcome, Report
from autograder.submissions.sheets import read_rows

FINAL = "final.csv"
FINAL_BYTES = 64 << 20
#: What `finish` makes of a class, and what `alike` does: none of it is true any more once the class is graded again.
FINISHED = (FINAL, "upload-*.*", "moodle-feedback.zip")
COMPARED = (PAGE, TABLE)


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
    elif (out / "pending.csv").is_file():  # of another assignment, graded into this folder before
        kept = set_aside(out / "pending.csv")
        remove_file(out / "pending.csv")
        yield f"pending.csv, of an earlier grading: {f'it is {kept} now, as it was filled in' if kept else 'removed'}"
    if lateness is not None:
        yield f"late.csv: {write_late(out / LATE, lateness, reports)} handed in late"
    elif (out / LATE).is_file():
        remove_file(out / LATE)
        yield f"removed: {LATE}, as no roster said when anybody handed in"


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


def read_finals(path: Path) -> dict[str, tuple[float | None, float]]:
    """Each student's final mark, None while something waits, and of how many points, as `write_final` wrote them.

    Empty where there is no such file. CourseError: it is none of ours.
    """
    if not path.is_file():
        return {}
    (_, heading), *rows = read_rows(path, FINAL_BYTES, "final.csv") or [(1, [])]
    lines = [dict(zip(heading, row, strict=False)) for _, row in rows]
    try:
        return {
            table.plain_text(line["student"]): (float(line["final"]) if line["final"] else None, float(line["out_of"]))
            for line in lines
        }
    except (KeyError, ValueError) as problem:
        raise CourseError(f"{path}: not a final.csv of this grader: {problem}. Finish again.") from None


def withdraw(out: Path, names: Sequence[str] = FINISHED) -> list[str]:
    """Remove what was made of an earlier grading. The names of what was there. CourseError: it cannot be removed."""
    gone = sorted(path for name in names for path in out.glob(name))
    for path in gone:
        remove_file(path)
    return [path.name for path in gone]
