"""Reports for reading in a terminal. All text goes in as `Text`, never as rich's markup."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.reports.table import Row
from autograder.reports.text import (
    WORDS,
    details,
    diagnosed,
    number,
    one_line,
    plain,
    points,
    remark,
    summary,
)
from autograder.results import CheckResult, ExerciseResult, Outcome, Report

if TYPE_CHECKING:
    from autograder.authoring.audit import Audit

MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.PARTIAL: ("◐", "yellow"),
    Outcome.FAILED: ("✗", "red"),
    Outcome.TIMEOUT: ("✗", "red"),
    Outcome.SKIPPED: ("·", "dim"),
    Outcome.MISSING: ("·", "dim"),
    Outcome.ERROR: ("!", "magenta"),
}


#: The columns of the class's table.
_COUNTED = ("points", "of", "pending", "passed", "in part", "failed", "missing", "error")
_NARROWEST = 20


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
        print_hanging(console, Text("  "), line)
    for check in result.checks:
        print_check(check, console, result.message)


def _remarks(result: ExerciseResult, said: Collection[str]) -> Iterator[str]:
    if text := remark(result, said):
        yield text
    for diagnosis in result.diagnoses:
        yield from diagnosed(diagnosis)


def print_check(check: CheckResult, console: Console, said: str = "") -> None:
    """One check: its law, and if it is broken what breaks it, without a message that was `said` already."""
    print_law(one_line(check.law), check.outcome, details(check, said), console)


def print_law(law: str, outcome: Outcome, parts: Iterable[tuple[str, str]], console: Console) -> None:
    """A law, and what breaks it, each part with its label."""
    mark, style = MARKS[outcome]
    print_hanging(console, Text.assemble("  ", (f"{mark} ", style)), law)
    for label, text in parts:
        print_hanging(console, Text(f"      {label + ':':5} "), plain(text))


def print_hanging(console: Console, lead: Text, text: Text | str) -> None:
    """Print `text` after `lead`, with its further lines indented as far."""
    body = text if isinstance(text, Text) else Text(text)
    for line in body.wrap(console, max(console.width - lead.cell_len, _NARROWEST)):
        whole = Text.assemble(lead, line)  # `+` would give the line the style of `lead`
        whole.rstrip()
        console.print(whole, soft_wrap=True)
        lead = Text(" " * lead.cell_len)


def fit(column: Sequence[Text], others: Sequence[Sequence[Text]], width: int) -> list[Text]:
    """A column cut so that its rows are at most `width` wide together with `others`, two spaces between."""
    room = width - sum(2 + _width(other) for other in others)
    texts = [cell.copy() for cell in column]
    for cell in texts:
        cell.truncate(max(room, _NARROWEST // 2), overflow="ellipsis")
    return texts


def in_columns(columns: Sequence[Sequence[Text]]) -> Iterator[Text]:
    """The rows of a table as lines; a column that is empty takes no room."""
    used = [(column, width) for column in columns if (width := _width(column))]
    for i in range(len(columns[0])):
        line = Text()
        for column, width in used:
            cell = column[i].copy()
            cell.pad_right(width - cell.cell_len + 2)
            line += cell
        line.rstrip()
        yield line


def _width(column: Sequence[Text]) -> int:
    return max((cell.cell_len for cell in column), default=0)


def _marked(outcome: Outcome, text: str) -> Text:
    mark, style = MARKS[outcome]
    return Text.assemble((f"{mark} ", style), text)


def print_class(rows: Iterable[Row], console: Console) -> None:
    """The class as a table: a line a student with points, what awaits a human, and what was not graded."""
    students: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        students[row.student].append(row)
    names = [Text(one_line(student)) for student in students]
    counts = [[Text(count) for count in column] for column in zip(*map(_counts, students.values()), strict=True)]
    columns = [[Text(name), *column] for name, column in zip(_COUNTED, counts, strict=bool(counts))]
    shown = columns[:2] + [column for column in columns[2:] if any(column[1:])]  # what nobody has needs no column
    title = f"{len(students)} student{'s' * (len(students) != 1)}"
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("student", no_wrap=True)
    for heading, *_ in shown:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, *line in zip(fit(names, shown, console.width), *(column[1:] for column in shown), strict=True):
        table.add_row(name, *line)
    console.print(table)


def _counts(rows: list[Row]) -> list[str]:
    """Points of a student with an error are a lower bound, and marked so."""
    outcomes = [row.outcome for row in rows]
    earned = number(sum(row.points or 0.0 for row in rows))
    kinds = (Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED, Outcome.MISSING, Outcome.ERROR)
    return [
        f"≥ {earned}" if Outcome.ERROR in outcomes else earned,
        number(sum(row.max_points for row in rows)),
        number(pending) if (pending := sum(row.pending for row in rows)) else "",
        *(str(outcomes.count(kind)) if kind in outcomes else "" for kind in kinds),
    ]


def print_audit(audit: Audit, console: Console, why: bool = False) -> None:
    """What `audit` proved of one exercise: the kill matrix, a row a mutant with the points that it loses, a line for
    all that is unproven. With `why`, below each mutant what the checks said that caught it."""
    heading = f"{audit.exercise.id}: {number(audit.points)} points, {len(audit.checks)} checks, "
    heading += f"{len(audit.matrix)} mutants, {audit.variants} variants"
    mark = ("✓ ", "green") if audit.is_proven else ("✗ ", "red")
    console.print(Text.assemble(mark, (heading, "bold")))
    lead = Text("    ")
    for i, check in enumerate(audit.checks, start=1):
        print_hanging(console, lead, f"{i:2} {check.name}  {number(check.info.points)}")
    width = max((len(name) for name in audit.matrix), default=0)
    for name, killers in audit.matrix.items():
        cells = "".join("×" if check.name in killers else "·" for check in audit.checks)
        print_hanging(console, lead, f"{name:{width}}  {cells}  −{number(audit.cost(name))}")
        for caught_by, said in killers.items() if why else ():
            print_hanging(console, Text("        "), f"{caught_by}: {one_line(said.strip().splitlines()[-1])}")
    if audit.diagnosis.mutants:
        print_hanging(console, lead, f"diagnosis: {audit.diagnosis}")
    if audit.diagnosis.undiagnosed:
        print_hanging(console, lead, f"without a name: {', '.join(audit.diagnosis.undiagnosed)}")
    if not audit.is_drawn:
        print_hanging(console, lead, "picture not proven: matplotlib is not installed")
    for name in audit.unfrozen:
        print_hanging(console, lead, f"not frozen: {name} draws inside the test")
    for problem in audit.problems:
        print_hanging(console, lead, Text.assemble(("unproven: ", "red"), plain(problem)))
