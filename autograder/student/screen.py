"""What a student sees in the terminal. All text of the student's code goes in as `Text`, without control characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from autograder.course import Assignment, Course
from autograder.invoked import command
from autograder.reports.terminal import MARKS, fit, in_columns, print_hanging, print_law
from autograder.reports.text import number, one_line
from autograder.results import Outcome
from autograder.student.selfcheck import Checked
from autograder.student.told import state, told_of, worth

_BAR = 16
_INDENT = Text("  ")


def print_checked(checked: Checked, console: Console) -> None:
    """One exercise in full: what fails first, then what the code printed, then what holds."""
    told = told_of(checked)
    console.print(Text.assemble(_mark(told.outcome), (f" {told.heading}", "bold")))
    print_hanging(console, _INDENT, Text(told.counts, style="dim"))
    for note in told.notes:
        print_hanging(console, _INDENT, Text(note, style="yellow"))
    if told.message:
        print_hanging(console, _INDENT, told.message)
    broken = [law for law in told.laws if law.outcome is not Outcome.PASSED]
    for law in broken:
        print_law(law.law, law.outcome, law.parts, console)
    if told.prints:
        again = " (a call that fails is made twice)" if told.prints_again else ""
        print_hanging(console, _INDENT, Text(f"your code printed{again}:", style="dim"))
        for line in told.prints:
            print_hanging(console, Text("  │ "), line)
    for law in told.laws[len(broken) :]:
        print_law(law.law, law.outcome, law.parts, console)


def print_list(course: Course, listed: Sequence[Checked], console: Console) -> None:
    """All exercises, a line each, under their assignments with due dates."""
    columns: list[list[Text]] = [
        [_mark(told_of(checked).outcome) for checked in listed],
        [Text(checked.exercise.id) for checked in listed],
        [Text(state(checked)) for checked in listed],
        [Text(f"{c.held} of {len(c.result.checks)}" if c.result.checks else "") for c in listed],
        [Text(worth(checked.exercise)) for checked in listed],
    ]
    titles = [Text(one_line(checked.exercise.title), style="dim") for checked in listed]
    columns.insert(2, fit(titles, columns, console.width - _INDENT.cell_len))
    lines = dict(zip((checked.exercise.id for checked in listed), in_columns(columns), strict=True))
    for assignment in course.assignments:
        theirs = [lines[exercise.id] for exercise in assignment.exercises if exercise.id in lines]
        if theirs:
            console.print(
                Text.assemble((one_line(assignment.title), "bold"), (f"  {extra(assignment)}{due(assignment)}", "dim"))
            )
        for line in theirs:
            console.print(_INDENT + line, soft_wrap=True)


def print_progress(listed: Sequence[tuple[Course, Sequence[Checked]]], console: Console) -> None:
    """A bar a unit: how many of its public checks hold."""
    assignments = [assignment for course, _ in listed for assignment in course.assignments]
    units = [
        [checked for _, states in listed for checked in states if checked.exercise in assignment.exercises]
        for assignment in assignments
    ]
    told = [
        [_bar(theirs) for theirs in units],
        [Text(f"{sum(checked.is_done for checked in theirs)} of {len(theirs)} done") for theirs in units],
        [Text(_to_earn(theirs)) for theirs in units],
        [Text(extra(assignment).rstrip(" ·")) for assignment in assignments],
        [Text(assignment.due.astimezone().strftime("due %d %b")) for assignment in assignments],
    ]
    titles = fit([Text(one_line(assignment.title)) for assignment in assignments], told, console.width)
    for line in in_columns([titles, *told]):
        console.print(line, soft_wrap=True)


def _bar(theirs: Sequence[Checked]) -> Text:
    held, of = sum(checked.held for checked in theirs), sum(_checks(checked) for checked in theirs)
    full = _BAR * held // of
    return Text.assemble(("█" * full, "green"), ("░" * (_BAR - full), "dim"))


def print_next(course: Course, listed: Sequence[Checked], console: Console) -> None:
    """The next step; a command has a line of its own, which no terminal's width breaks, so that it can be pasted."""
    text, commands = next_step(course, listed)
    print_hanging(console, Text("next: ", style="bold"), text)
    for words in commands:
        console.print(Text(f"        {command(words)}"), soft_wrap=True)


def next_step(course: Course, listed: Sequence[Checked]) -> tuple[str, list[str]]:
    """What to do now, and by which commands: the first exercise that is not done, else to hand in."""
    for checked in listed:
        exercise = checked.exercise
        here, name = exercise.folder.relative_to(course.root).as_posix(), exercise.id[:2]
        if checked.is_done:
            continue
        if checked.result.outcome is Outcome.MISSING:
            return f"put {here}/{exercise.stub.name} back, then", [f"check {name}"]
        if not checked.is_begun:
            return f"read {here}/README.md, write {exercise.stub.name} beside it, then", [f"check {name}"]
        if checked.awaited:
            return f"write {' and '.join(checked.awaited)}, which it asks for, then", [f"check {name}"]
        if checked.result.outcome is Outcome.PASSED and checked.missing:
            return f"do without that import in {here}/{exercise.stub.name}, then", [f"check {name}"]
        if checked.result.outcome is Outcome.PASSED:
            rest = " and ".join(checked.unwritten)
            return f"write {rest} in {here}/{exercise.stub.name}, then", [f"check {name}"]
        return f"mend {here}/{exercise.stub.name}, with a hint if need be, then", [f"hint {name}", f"check {name}"]
    first = course.assignment(listed[0].exercise.assignment)
    return f"all public checks hold; make the zip to hand in, {due(first)}", [f"submit {first.id}"]


def extra(assignment: Assignment) -> str:
    """Said before a due date where nobody has to hand in."""
    return "extra points · " if assignment.optional else ""


def due(assignment: Assignment, now: datetime | None = None) -> str:
    """The due date in this machine's time zone, and how far it is."""
    left = assignment.due - (now or datetime.now(UTC))
    days, hours = divmod(int(abs(left.total_seconds())) // 3600, 24)
    far = f"{days} day{'s' * (days != 1)}" if days else f"{hours} hour{'s' * (hours != 1)}"
    told = assignment.due.astimezone().strftime("%d %b %Y, %H:%M")
    return f"due {told} (in {far})" if left.total_seconds() > 0 else f"was due {told} ({far} ago)"


def _to_earn(listed: Sequence[Checked]) -> str:
    """What a unit is worth. None of it is earned at home, where most checks are not."""
    if not all(checked.exercise.points for checked in listed):
        return ""
    return f"{number(sum((c.exercise.points or 0.0) + c.exercise.by_hand for c in listed))} points"


def _checks(checked: Checked) -> int:
    """A module that does not load has no results; it counts as one check that fails."""
    return len(checked.result.checks) or 1


def _mark(outcome: Outcome | None) -> Text:
    return Text("·", "dim") if outcome is None else Text(*MARKS[outcome])
