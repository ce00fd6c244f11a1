"""Reports for reading in a terminal. All text goes in as `Text`, never as rich's markup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.reports.table import Row
from autograder.reports.text import (
    WORDS,
    diagnosed,
    explanation,
    number,
    one_line,
    plain,
    points,
    remark,
    summary,
)
from autograder.results import CheckResult, ExerciseResult, Outcome, Report

if TYPE_CHECKING:
    from autograder.audit import Audit

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.PARTIAL: ("◐", "yellow"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.TIMEOUT: ("✗", "red"),
    Outcome.SKIPPED: ("·", "dim"),
    Outcome.MISSING: ("·", "dim"),
    Outcome.ERROR: ("!", "magenta"),
}


def print_report(report: Report, console: Console) -> None:
    """One student's report: each exercise, its laws, and for each broken law what breaks it."""
    console.print(Text(one_line(report.student), style="bold"))
    for problem in report.problems:
        console.print(Text(plain(problem), style="yellow"))
    for result in report.exercises:
        print_exercise(result, console, report.problems)
    console.print()
    console.print(Text(f"{summary(report)}.", style="bold"))


def print_exercise(result: ExerciseResult, console: Console, said: Collection[str] = ()) -> None:
    """One exercise. What is broken is explained, what holds is one line each; `said` is not repeated."""
    console.print()
    heading = _marked(result.outcome, one_line(result.exercise))
    heading.append(f"  {points(result)} points, {WORDS[result.outcome]}", style="bold")
    if result.pending:
        heading.append(f", {number(result.pending)} more wait for a human", style="bold")
    console.print(heading)
    for line in _remarks(result, said):
        console.print(_indented(Text(line), 2))
    for check in result.checks:
        print_check(check, console, result.message)


def _remarks(result: ExerciseResult, said: Collection[str]) -> Iterator[str]:
    if text := remark(result, said):
        yield text
    for diagnosis in result.diagnoses:
        yield from diagnosed(diagnosis)


def print_check(check: CheckResult, console: Console, said: str = "") -> None:
    """One check: its law, and if it is broken what breaks it, without a message that was `said` already."""
    law, *rest = explanation(check, said=said).split("\n")
    console.print(_indented(_marked(check.outcome, law), 2))
    if rest:
        console.print(_indented(Text("\n".join(rest)), 6))


def _indented(text: Text, columns: int) -> Padding:
    return Padding(text, (0, 0, 0, columns), expand=False)


def _marked(outcome: Outcome, text: str) -> Text:
    mark, style = MARKS[outcome]
    return Text.assemble((f"{mark} ", style), text)


def print_class(rows: Iterable[Row], console: Console) -> None:
    """The class as a table: a line a student with points, what awaits a human, and what was not graded."""
    students: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        students[row.student].append(row)
    title = f"{len(students)} student{'s' * (len(students) != 1)}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("student", no_wrap=True, min_width=20)
    for heading in ("points", "of", "pending", "passed", "in part", "failed", "missing", "error"):
        table.add_column(heading, justify="right")
    for student, theirs in students.items():
        table.add_row(Text(one_line(student)), *map(Text, _counts(theirs)))
    console.print(table)


def _counts(rows: list[Row]) -> list[str]:
    """Points of a student with an error are a lower bound, and marked so."""
    outcomes = [row.outcome for row in rows]
    earned = number(sum(row.points or 0.0 for row in rows))
    kinds = (Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED, Outcome.MISSING, Outcome.ERROR)
    return [
        f"≥ {earned}" if Outcome.ERROR in outcomes else earned,
        number(sum(row.max_points for row in rows)),
        number(sum(row.pending for row in rows)),
        *(str(outcomes.count(kind)) if kind in outcomes else "" for kind in kinds),
    ]


def print_audit(audit: Audit, console: Console) -> None:
    """What `audit` proved of one exercise: the kill matrix, a mutant a row, and a line for all that is unproven."""
    heading = f"{audit.exercise.id}: {number(audit.points)} points, {len(audit.checks)} checks, "
    heading += f"{len(audit.matrix)} mutants, {audit.variants} variants"
    mark = ("✓ ", "green") if audit.is_proven else ("✗ ", "red")
    console.print(Text.assemble(mark, (heading, "bold")))
    for i, check in enumerate(audit.checks, start=1):
        console.print(_indented(Text(f"{i:2} {check.name}  {number(check.info.points)}"), 4))
    width = max((len(name) for name in audit.matrix), default=0)
    for name, killers in audit.matrix.items():
        cells = "".join("×" if check.name in killers else "·" for check in audit.checks)
        console.print(_indented(Text(f"{name:{width}}  {cells}"), 4))
    if audit.diagnosis.mutants:
        console.print(_indented(Text(f"diagnosis: {audit.diagnosis}"), 4))
    if audit.diagnosis.undiagnosed:
        console.print(_indented(Text(f"without a name: {', '.join(audit.diagnosis.undiagnosed)}"), 4))
    for name in audit.unfrozen:
        console.print(_indented(Text(f"not frozen: {name} draws inside the test"), 4))
    for problem in audit.problems:
        console.print(_indented(Text.assemble(("unproven: ", "red"), plain(problem)), 4))
