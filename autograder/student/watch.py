"""`autograder check --watch`: the checks again on every save, the failure on top, and on to the next when one holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.invoked import command, pip_install
from autograder.student import screen
from autograder.student.commands import run, states
from autograder.student.notes import Notes
from autograder.student.selfcheck import Checked
from autograder.student.told import heading

#: Lines below an exercise: a blank one, what to do, and the cursor.
_FOOT = 3


def watch(course: Course, exercise: Exercise | None, console: Console) -> int:
    """Until Ctrl-C, or until all public checks hold (0). Raises CourseError: watchfiles is not installed."""
    changes = saves(course)
    next(changes)  # the watcher is at work: from here on no save is missed
    notes = Notes.read(course)
    by_id = {checked.exercise.id: checked for checked in states(course, course.exercises, notes, console)}
    notes.write(course)
    current = exercise or _first_open(course, by_id)
    done: Exercise | None = None
    while current is not None:
        checked = run(course, current, console)
        by_id[current.id] = checked
        notes.keep(course, current, checked.result)
        notes.write(course)
        if checked.is_done:
            done, current = current, _first_open(course, by_id, current)
            continue
        _show(checked, done, console)
        done = None
        saved = next((paths for paths in changes if paths), set[Path]())
        current = _touched(course, saved, current)
    console.clear()
    screen.print_list(course, list(by_id.values()), console)
    console.print()
    screen.print_next(course, list(by_id.values()), console)
    return 0


def saves(course: Course) -> Iterator[set[Path]]:
    """The files below exercises/ that were saved since the last time, asked twice a second; often none.

    Raises CourseError: watchfiles is not installed; KeyboardInterrupt.
    """
    try:
        import watchfiles
    except ImportError:
        raise CourseError(f"--watch needs watchfiles, which is not installed: {pip_install('watchfiles')}") from None
    changed = watchfiles.watch(
        course.root / "exercises",
        watch_filter=watchfiles.PythonFilter(),
        rust_timeout=500,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    return ({Path(path) for _, path in changes} for changes in changed)


def _show(checked: Checked, done: Exercise | None, console: Console) -> None:
    name = checked.exercise.folder.name
    with console.capture() as captured:
        if done is not None:
            console.print(f"{heading(done)}: its public checks hold", style="green", markup=False)
            console.print()
        screen.print_checked(checked, console)
    lines = captured.get().splitlines()
    room = max(console.height - _FOOT, 1)
    if console.is_terminal and len(lines) > room:  # what fails first must not leave the screen at its top
        lines = [*lines[: room - 1], f"  … all of it: {command(f'check {name[:2]}')}"]
    console.clear()
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)
    console.print()
    console.print(f"save {checked.exercise.stub.name} in {name} to check again; Ctrl-C ends", style="dim", markup=False)


def _touched(course: Course, saved: set[Path], current: Exercise) -> Exercise:
    """The exercise that was saved: the current one if it is among them."""
    places = {path.resolve() for path in saved}  # a watcher may name a folder by another path than ours
    names = [exercise for exercise in course.exercises if exercise.stub.resolve() in places]
    return current if current in names or not names else names[0]


def _first_open(course: Course, by_id: dict[str, Checked], after: Exercise | None = None) -> Exercise | None:
    """The next exercise that is not done, from `after` on and then from the start."""
    order = list(course.exercises)
    start = order.index(after) + 1 if after else 0
    return next((e for e in (*order[start:], *order[:start]) if not by_id[e.id].is_done), None)
