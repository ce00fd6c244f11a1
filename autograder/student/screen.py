"""What a student sees in the terminal. All text of the student's code goes in as `Text`, without control characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from rich.console import Console
from rich.text import Text

from autograder.course import Assignment, Course, Exercise
from autograder.invoked import command
from autograder.reports.terminal import MARKS, fit, in_columns, print_check, print_hanging
from autograder.reports.text import UNWRITTEN, number, one_line, plain
from autograder.results import ExerciseResult, Outcome
from autograder.student.selfcheck import Checked

UNVERIFIED = "unverified self-check: public checks only, no marks"
_BAR = 16
_INDENT = Text("  ")


def print_checked(checked: Checked, console: Console) -> None:
    """One exercise in full: what fails first, then what the code printed, then what holds."""
    result, exercise = checked.result, checked.exercise
    console.print(Text.assemble(_mark(checked), (f" {heading(exercise)}", "bold")))
    held = [f"{checked.held} of {len(result.checks)} checks that you can see hold"] if result.checks else []
    worth = [f"{_points(exercise)} to earn then"] if exercise.points else []
    print_hanging(console, _INDENT, Text(" · ".join(held + _unseen(exercise, result) + worth), style="dim"))
    for line in checked.missing:
        print_hanging(console, _INDENT, Text(line, style="yellow"))
    for name in checked.unwritten:
        print_hanging(console, _INDENT, Text(f"{name} {UNWRITTEN}", style="yellow"))
    if result.message:
        print_hanging(console, _INDENT, plain(result.message))
    failed = [check for check in result.checks if check.outcome is not Outcome.PASSED]
    for check in failed:
        print_check(check, console, result.message)
    print_prints(checked.prints, console, any(check.counterexample for check in failed))
    for check in (check for check in result.checks if check not in failed):
        print_check(check, console)


def print_prints(text: str, console: Console, is_repeated: bool = False) -> None:
    """What the student's code printed, if anything; `is_repeated` when a failing call was made again to show it."""
    again = " (a call that fails is made twice)" if is_repeated else ""
    if shown := plain(text, 5000).strip("\n"):
        print_hanging(console, _INDENT, Text(f"your code printed{again}:", style="dim"))
        lines = [(line, len(list(same))) for line, same in groupby(shown.split("\n"))]
        for line, count in lines:
            print_hanging(console, Text("  │ "), line + (f"  ({count} times)" if count > 1 else ""))


def print_list(course: Course, listed: Sequence[Checked], console: Console) -> None:
    """All exercises, a line each, under their assignments with due dates."""
    columns: list[list[Text]] = [
        [_mark(checked) for checked in listed],
        [Text(checked.exercise.id) for checked in listed],
        [Text(state(checked)) for checked in listed],
        [Text(f"{c.held} of {len(c.result.checks)}" if c.result.checks else "") for c in listed],
        [Text(_points(checked.exercise)) for checked in listed],
    ]
    titles = [Text(one_line(checked.exercise.title), style="dim") for checked in listed]
    columns.insert(2, fit(titles, columns, console.width - _INDENT.cell_len))
    lines = dict(zip((checked.exercise.id for checked in listed), in_columns(columns), strict=True))
    for assignment in course.assignments:
        theirs = [lines[exercise.id] for exercise in assignment.exercises if exercise.id in lines]
        if theirs:
            console.print(Text.assemble((one_line(assignment.title), "bold"), (f"  {due(assignment)}", "dim")))
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
        if checked.result.outcome is Outcome.PASSED and checked.missing:
            return f"do without that import in {here}/{exercise.stub.name}, then", [f"check {name}"]
        if checked.result.outcome is Outcome.PASSED:
            rest = " and ".join(checked.unwritten)
            return f"write {rest} in {here}/{exercise.stub.name}, then", [f"check {name}"]
        return f"mend {here}/{exercise.stub.name}, with a hint if need be, then", [f"hint {name}", f"check {name}"]
    first = course.assignment(listed[0].exercise.assignment)
    return f"all public checks hold; make the zip to hand in, {due(first)}", [f"submit {first.id}"]


def state(checked: Checked) -> str:
    """One exercise in two or three words."""
    if checked.result.outcome is Outcome.MISSING:
        return "file is missing"
    if checked.is_done:
        return "checks hold"
    if not checked.is_begun:
        return "not begun"
    if checked.result.message:
        return "does not load"
    return f"{len(checked.unwritten)} not written" if checked.unwritten else "in work"


def heading(exercise: Exercise) -> str:
    return f"{exercise.id}: {one_line(exercise.title)}"


def due(assignment: Assignment, now: datetime | None = None) -> str:
    """The due date in this machine's time zone, and how far it is."""
    left = assignment.due - (now or datetime.now(UTC))
    days, hours = divmod(int(abs(left.total_seconds())) // 3600, 24)
    far = f"{days} day{'s' * (days != 1)}" if days else f"{hours} hour{'s' * (hours != 1)}"
    told = assignment.due.astimezone().strftime("%d %b %Y, %H:%M")
    return f"due {told} (in {far})" if left.total_seconds() > 0 else f"was due {told} ({far} ago)"


def _points(exercise: Exercise) -> str:
    """Points by checks and by hand; nothing where course.yml does not tell (it does in a release)."""
    total = (exercise.points or 0.0) + exercise.by_hand
    return f"{number(total)} point{'s' * (total != 1)}" if exercise.points else ""


def _unseen(exercise: Exercise, result: ExerciseResult) -> list[str]:
    """How many checks there are beside those that students have; nothing where course.yml does not tell."""
    more = (exercise.checks or 0) - len(result.checks)
    return [f"{more} more when it is graded"] if result.checks and more > 0 else []


def _to_earn(listed: Sequence[Checked]) -> str:
    """What a unit is worth. None of it is earned at home, where most checks are not."""
    if not all(checked.exercise.points for checked in listed):
        return ""
    return f"{number(sum((c.exercise.points or 0.0) + c.exercise.by_hand for c in listed))} points"


def _checks(checked: Checked) -> int:
    """A module that does not load has no results; it counts as one check that fails."""
    return len(checked.result.checks) or 1


def _mark(checked: Checked) -> Text:
    if not checked.is_begun and checked.result.outcome is not Outcome.MISSING:
        return Text("·", "dim")
    is_half = checked.result.outcome is Outcome.PASSED and not checked.is_done
    return Text(*MARKS[Outcome.FAILED if is_half else checked.result.outcome])
