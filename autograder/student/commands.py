"""The student's commands: check, hint, progress, picture, submit. Each returns the exit code."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.course import Assignment, Course, Exercise
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.invoked import command
from autograder.reports.terminal import print_hanging
from autograder.reports.text import UNWRITTEN, plain
from autograder.student import figure, handin, screen
from autograder.student.hints import read_hints, task_at_work
from autograder.student.notes import Notes, other_releases
from autograder.student.selfcheck import Checked, check_exercise, checked_as
from autograder.student.told import UNVERIFIED, heading, state


def check(
    course: Course,
    exercise: Exercise | None,
    console: Console,
    tell: Callable[[Sequence[Checked]], None] | None = None,
) -> int:
    """One exercise in full, or all of them as a list. 0 when all their public checks hold, else 1.

    tell: is told the states too.
    """
    notes = Notes.read(course)
    if exercise is None:
        listed = states(course, course.exercises, notes, console)
        screen.print_list(course, listed, console)
        console.print()
    else:
        listed = [checked := run(course, exercise, console)]
        notes.keep(course, exercise, checked.result)
        screen.print_checked(checked, console)
        console.print()
    if tell is not None:
        tell(listed)
    # What to do after one that is done depends on the others.
    ahead = states(course, course.exercises, notes, console) if exercise is not None and listed[0].is_done else listed
    notes.write(course)
    screen.print_next(course, ahead, console)
    console.print(UNVERIFIED, style="dim")
    return int(not all(checked.is_done for checked in listed))


def states(course: Course, exercises: Sequence[Exercise], notes: Notes, console: Console) -> list[Checked]:
    """The state of each exercise; only those whose files changed are run again."""
    listed = []
    for exercise in exercises:
        known = notes.known(course, exercise)
        checked = checked_as(course, exercise, known) if known is not None else run(course, exercise, console)
        if known is None:
            notes.keep(course, exercise, checked.result)
        listed.append(checked)
    return listed


def run(course: Course, exercise: Exercise, console: Console) -> Checked:
    """The public checks of one exercise, with a line in the terminal meanwhile: some train for seconds."""
    with console.status(Text(f"checking {exercise.id} …")):
        return check_exercise(course, exercise)


def progress(course: Course, console: Console) -> int:
    """A bar a unit, of the course's other releases that were started on this machine too, and the next step here."""
    listed = noted_states(course, course.exercises, console)
    bars = [(course, listed)]
    for other in other_releases(course):
        with suppress(CourseError):  # a release that lost a file
            bars.append((other, noted_states(other, other.exercises, console)))
    screen.print_progress(sorted(bars, key=lambda bar: bar[0].assignments[0].due), console)
    console.print()
    screen.print_next(course, listed, console)
    console.print(UNVERIFIED, style="dim")
    return 0


def noted_states(course: Course, exercises: Sequence[Exercise], console: Console) -> list[Checked]:
    """The states of exercises, kept for the next time."""
    notes = Notes.read(course)
    listed = states(course, exercises, notes, console)
    notes.write(course)
    return listed


def hint(course: Course, exercise: Exercise, task: str | None, console: Console) -> int:
    """One more hint for the task at work (or the one named), after those that were shown before.

    Raises CourseError: there is no such task.
    """
    notes = Notes.read(course)
    hints = read_hints(exercise)
    if task is None:
        (checked,) = states(course, [exercise], notes, console)
        task = task_at_work(exercise, checked.result, checked.unwritten, hints)
    if task is None:
        console.print(f"All public checks of {exercise.id} hold. This shows hints anyway:")
        console.print(Text(f"        {command(f'hint {exercise.id[:2]} --task N')}"), soft_wrap=True)
        notes.write(course)
        return 0
    if task not in hints:
        raise CourseError(f"{exercise.id} has no task {task}; there are: {', '.join(hints)}")
    shown = notes.hints.setdefault(exercise.id, {})
    shown[task] = min(shown.get(task, 0) + 1, len(hints[task]))
    notes.write(course)
    console.print(Text(f"{heading(exercise)}, task {task}", style="bold"))
    for i, text in enumerate(hints[task][: shown[task]], start=1):
        print_hanging(console, Text(f"{i}. "), Text(plain(text), style="" if i == shown[task] else "dim"))
    left = len(hints[task]) - shown[task]
    again = f"{left} more: the same command shows the next" if left else "that was the last one"
    readme = exercise.readme.relative_to(course.root).as_posix()
    console.print(Text(f"{again}; the equation is in {readme}", style="dim"))
    return 0


def picture(course: Course, exercise: Exercise, to: Path | None, show: bool, console: Console) -> int:
    """Write the picture as PNG (by default pictures/NN_slug.png), and show it if wanted."""
    path = to or course.root / "pictures" / f"{exercise.id}.png"

    def told(text: str) -> None:
        console.print(text, markup=False, highlight=False, style="dim")

    def early(png: bytes) -> None:
        write_file(path, png)
        told(f"a preview is there already: {path}")

    write_file(path, figure.draw(course, exercise, None, told, early))
    return _shown(path, show, console)


def chain(course: Course, to: Path | None, show: bool, console: Console) -> int:
    """Write the picture of the whole course (by default pictures/chain.png), and show it if wanted."""
    path = to or course.root / "pictures" / f"{figure.CHAIN}.png"
    write_file(path, figure.chain(course))
    return _shown(path, show, console)


def animation(course: Course, exercise: Exercise, to: Path | None, show: bool, console: Console) -> int:
    """Write the picture's frames as GIF (by default pictures/NN_slug.gif), and show it if wanted."""
    path = to or course.root / "pictures" / f"{exercise.id}.gif"
    write_file(path, figure.animate(course, exercise))
    return _shown(path, show, console)


def _shown(path: Path, show: bool, console: Console) -> int:
    """Say where a picture is, and open it if wanted."""
    console.print(f"drawn by your code: {path}", markup=False, highlight=False, soft_wrap=True)
    if show and not webbrowser.open(path.resolve().as_uri()):
        print("autograder: no viewer could be started; open the file yourself", file=sys.stderr)
    return 0


def submit(course: Course, assignment: Assignment, to: Path | None, console: Console) -> int:
    """A last check of every exercise, then the zip. 0 also where checks fail: what is there may be handed in."""
    listed = noted_states(course, assignment.exercises, console)
    screen.print_list(course, listed, console)
    path = to or course.root / f"{assignment.id}.zip"
    missing = handin.write_zip(assignment, path)
    console.print()
    for name in missing:
        console.print(f"not in the zip: {name} is missing", markup=False, style="yellow")
    for checked in listed:
        if not checked.is_done:
            rest = "".join(f", {name} {UNWRITTEN}" for name in checked.unwritten if checked.is_begun)
            console.print(f"{checked.exercise.id}: {state(checked)}{rest}", markup=False, style="yellow")
        for line in checked.missing:
            console.print(f"{checked.exercise.id}: {line}", markup=False, style="yellow", highlight=False)
    console.print(f"hand in {path}, {screen.due(assignment)}", markup=False, highlight=False, soft_wrap=True)
    return 0
