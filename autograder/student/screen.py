"""What a student sees in the terminal. All text of the student's code goes in as `Text`, without control characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.course import Assignment, Course, Exercise
from autograder.reports.terminal import MARKS, print_check
from autograder.reports.text import number, one_line, plain
from autograder.results import Outcome
from autograder.student.selfcheck import Checked

UNVERIFIED = "unverified self-check: public checks only, no marks"
_BAR = 16


def print_checked(checked: Checked, console: Console) -> None:
    """One exercise in full: what fails first, then what the code printed, then what holds."""
    result, exercise = checked.result, checked.exercise
    console.print(Text.assemble(_mark(checked), (f" {heading(exercise)}", "bold")))
    said = f"{checked.held} of {len(result.checks)} public checks hold"
    console.print(_indented(Text(f"{said}{_worth(exercise)}", style="dim")))
    if result.message:
        console.print(_indented(Text(plain(result.message))))
    failed = [check for check in result.checks if check.outcome is not Outcome.PASSED]
    for check in failed:
        print_check(check, console, result.message)
    print_prints(checked.prints, console)
    for check in (check for check in result.checks if check not in failed):
        print_check(check, console)


def print_prints(text: str, console: Console) -> None:
    """What the student's code printed, if anything."""
    if shown := plain(text, 5000).strip("\n"):
        console.print(_indented(Text("your code printed:", style="dim")))
        lines = [(line, len(list(same))) for line, same in groupby(shown.split("\n"))]
        text = "\n".join(f"│ {line}" + (f"  ({count} times)" if count > 1 else "") for line, count in lines)
        console.print(_indented(Text(text)))


def print_list(course: Course, found: Sequence[Checked], console: Console) -> None:
    """All exercises, a line each, under their assignments with due dates."""
    states = {checked.exercise.id: checked for checked in found}
    width = max(len(checked.exercise.id) for checked in found)
    for assignment in course.assignments:
        theirs = [states[exercise.id] for exercise in assignment.exercises if exercise.id in states]
        if not theirs:
            continue
        console.print(Text.assemble((one_line(assignment.title), "bold"), (f"  {due(assignment)}", "dim")))
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, min_width=width)
        table.add_column(no_wrap=True, overflow="ellipsis", min_width=8, max_width=32)
        for _ in range(3):
            table.add_column(no_wrap=True)
        for checked in theirs:
            exercise, of = checked.exercise, f"{checked.held} of {len(checked.result.checks)}"
            title = Text(one_line(exercise.title), style="dim")
            table.add_row(_mark(checked), exercise.id, title, state(checked), of, _points(exercise))
        console.print(_indented(table))


def print_progress(course: Course, found: Sequence[Checked], console: Console) -> None:
    """A bar a unit: how many of its public checks hold."""
    states = {checked.exercise.id: checked for checked in found}
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis", min_width=12)
    for _ in range(4):
        table.add_column(no_wrap=True)
    for assignment in course.assignments:
        theirs = [states[e.id] for e in assignment.exercises]
        held, of = sum(c.held for c in theirs), sum(_checks(c) for c in theirs)
        full = _BAR * held // of
        bar = Text.assemble(("█" * full, "green"), ("░" * (_BAR - full), "dim"))
        done = f"{sum(c.is_done for c in theirs)} of {len(theirs)} done"
        when = assignment.due.astimezone().strftime("due %d %b")
        table.add_row(one_line(assignment.title), bar, done, _in_reach(theirs), when)
    console.print(table)


def print_next(course: Course, found: Sequence[Checked], console: Console) -> None:
    """The next step, in one line."""
    console.print(Text.assemble(("next: ", "bold"), next_step(course, found)))


def next_step(course: Course, found: Sequence[Checked]) -> str:
    """What to do now: the first exercise that is not done, else to hand in."""
    for checked in found:
        exercise = checked.exercise
        here, name = exercise.folder.relative_to(course.root).as_posix(), exercise.id[:2]
        if checked.is_done:
            continue
        if not checked.is_begun:
            return f"read {here}/README.md, write {exercise.stub.name} beside it, then `autograder check {name}`"
        return f"mend {here}/{exercise.stub.name}, then `autograder check {name}`; `autograder hint {name}` helps"
    first = course.assignment(found[0].exercise.assignment)
    return f"all public checks hold; `autograder submit {first.id}` makes the zip to hand in, {due(first)}"


def state(checked: Checked) -> str:
    """One exercise in two or three words."""
    if checked.result.outcome is Outcome.MISSING:
        return "file is missing"
    if checked.is_done:
        return "public checks hold"
    if not checked.is_begun:
        return "not begun"
    return "does not load" if checked.result.message else "in work"


def heading(exercise: Exercise) -> str:
    return f"{exercise.id}: {one_line(exercise.title)}"


def due(assignment: Assignment, now: datetime | None = None) -> str:
    """The due date in this machine's time zone, and how far it is."""
    left = assignment.due - (now or datetime.now(UTC))
    days, hours = divmod(int(abs(left.total_seconds())) // 3600, 24)
    far = f"{days} day{'s' * (days != 1)}" if days else f"{hours} hour{'s' * (hours != 1)}"
    told = assignment.due.astimezone().strftime("%d %b %Y, %H:%M")
    return f"due {told} (in {far})" if left.total_seconds() > 0 else f"was due {told} ({far} ago)"


def _worth(exercise: Exercise) -> str:
    return f" · {_points(exercise)} to earn when it is graded" if exercise.points else ""


def _points(exercise: Exercise) -> str:
    """Points by checks and by hand; nothing where course.yml does not tell (it does in a release)."""
    total = (exercise.points or 0.0) + exercise.by_hand
    return f"{number(total)} point{'s' * (total != 1)}" if exercise.points else ""


def _in_reach(found: Sequence[Checked]) -> str:
    if not all(checked.exercise.points for checked in found):
        return ""
    every = sum((c.exercise.points or 0.0) + c.exercise.by_hand for c in found)
    done = sum((c.exercise.points or 0.0) + c.exercise.by_hand for c in found if c.is_done)
    return f"{number(done)} of {number(every)} points"


def _checks(checked: Checked) -> int:
    """A module that does not load has no results; it counts as one check that fails."""
    return len(checked.result.checks) or 1


def _mark(checked: Checked) -> Text:
    begun = checked.is_begun or checked.result.outcome is Outcome.MISSING
    return Text(*(MARKS[checked.result.outcome] if begun else ("·", "dim")))


def _indented(text: Text | Table) -> Padding:
    return Padding(text, (0, 0, 0, 2), expand=False)
