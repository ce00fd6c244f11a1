"""A release for students without nbgrader: a folder or zip that needs only Python."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from datetime import UTC
from importlib import resources
from pathlib import Path

from autograder.course import EARLIER, Assignment, Course
from autograder.errors import CourseError
from autograder.files import write_file, zip_bytes
from autograder.release.bundle import Worth, refuse_leaks, used_earlier, workshop, worths, write_earlier, write_parts
from autograder.release.start import LOWEST
from autograder.release.wheel import make_wheel, wheel_name
from autograder.reports.text import number

NOTHING: Mapping[str, str] = {}
#: A page's TeX of the equation below it, one line.
_TEX = re.compile(r"^ *<!-- tex: .* -->\n", re.MULTILINE)
_README = """\
# {title}: {assignment}

Due {due}.{optional} You need Python {lowest} or newer, and an internet connection the first time.

Open a terminal in this folder and type (on Windows `py` instead of `python3`):

    python3 start.py

It makes one environment for all assignments of the course (in your own data folder, not here), and ends with the
command to type next. If it cannot, it says in one line what is missing. From then on, in this folder:

| command | what it does |
|---|---|
| `python3 start.py check` | every exercise in a line: state, points, due date, the next step |
| `python3 start.py check {first}` | one exercise: what holds, what breaks it, what your code printed |
| `python3 start.py check --watch` | again on every save, and on to the next exercise when one is done |
| `python3 start.py hint {first}` | one more hint for the task you are at |
| `python3 start.py picture {first}` | what your code draws |
| `python3 start.py progress` | how far you are, in this assignment and the others that you started |
| `python3 start.py submit` | a last check, and `{id}.zip` to hand in |

| exercise | points |
|---|---|
{exercises}

{pages}Each exercise is a folder in `exercises/`: read its `README.md`, then fill in the Python file beside it. The
checks here are a part of those that give points; the others hold your code to more laws, with other numbers. Your code
may import {packages}; what else you have installed is not there when it is graded.
{earlier}
Late work: {late}

Would you rather use an environment of your own? `python -m pip install -c constraints.txt "{wheel}[pictures,watch]"`
in it, and the command is `autograder`.
"""
_EARLIER = """
It builds on {pieces} of earlier assignments: your own, where its checks held when you last ran them on this machine;
else what lies in `{folder}/`, where you may put yours. Graded, it is the course's, so a wrong one costs nothing twice.
"""
_IGNORED = ".venv/\n.autograder/\n.hypothesis/\n.pytest_cache/\n__pycache__/\npictures/\n*.zip\n"


def release(
    course: Course, assignment: Assignment, to: Path, beside: Mapping[str, str] = NOTHING, note: str = ""
) -> Path:
    """Write an assignment for students into `to`: a folder that is new or empty, or a file that ends in .zip.

    beside: further files, by name; note: what README.md says besides. Returns `to`. CourseError: a leak, a part that
    is missing or stale, a folder that holds something; then nothing was released.
    """
    as_zip = to.suffix == ".zip"
    if not as_zip and to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise CourseError(f"{to}: is not empty, so nothing was written. Give a new folder, or remove this one.")
    worth = worths(assignment)
    with workshop(to.absolute().parent) as folder:
        write_parts(course, assignment, worth, folder)
        take_out_tex(folder)
        write_file(folder / wheel_name(), make_wheel())
        write_file(folder / "start.py", own("release/start.py"))
        write_file(folder / "constraints.txt", own("constraints.txt"))
        write_file(folder / "README.md", readme(course, assignment, worth) + note)
        write_file(folder / ".gitignore", _IGNORED)
        for name, text in beside.items():
            write_file(folder / name, text)
        refuse_leaks(folder, course)
        write_earlier(course, assignment, folder)
        if as_zip:
            write_file(to, packed(folder, assignment.id))
        else:
            put(folder, to)
    return to


def take_out_tex(folder: Path) -> None:
    """Leave an equation's text alone in pages: who reads them in a terminal or an editor has no use for its TeX."""
    for page in folder.rglob("*.md"):
        write_file(page, _TEX.sub("", page.read_text(encoding="utf-8")))


def readme(course: Course, assignment: Assignment, worth: Mapping[str, Worth]) -> str:
    """What a student reads first: two commands, then all others."""
    rows = []
    for exercise in assignment.exercises:
        by_hand = f", and {number(exercise.by_hand)} that a person marks" if exercise.by_hand else ""
        rows.append(f"| `{exercise.id}` {exercise.title} | {number(worth[exercise.id].points)}{by_hand} |")
    return _README.format(
        title=course.title,
        assignment=assignment.title,
        due=clock(course, assignment),
        optional=" Nobody has to hand it in: its points are extra." if assignment.optional else "",
        first=assignment.exercises[0].id[:2],
        id=assignment.id,
        exercises="\n".join(rows),
        earlier=_earlier(course, assignment),
        pages=_pages(course, assignment),
        late=_late(course),
        packages=" and ".join(("the standard library", *course.grading.packages)),
        lowest=".".join(map(str, LOWEST)),
        wheel=f"./{wheel_name()}",
    )


def _pages(course: Course, assignment: Assignment) -> str:
    """Where a student begins to read; empty where a course has no such pages."""
    names = [page.name for page in course.pages(assignment) if page.suffix == ".md"]
    said = {"README.md": "`exercises/README.md` is the map of the whole course, with its words"}
    told = [said.get(name, f"`exercises/{name}` the page of this unit") for name in names]
    return f"{', and '.join(told)}.\n\n" if told else ""


def _earlier(course: Course, assignment: Assignment) -> str:
    """What a student reads of pieces that were written in other assignments; empty where none is used."""
    pieces = " and ".join(f"`{exercise.slug}` ({exercise.id[:2]})" for exercise in used_earlier(course, assignment))
    if not pieces:
        return ""
    return _EARLIER.format(pieces=pieces, folder=EARLIER)


def clock(course: Course, assignment: Assignment) -> str:
    """When it is due, in the course's time zone."""
    due = assignment.due if course.time_zone else assignment.due.astimezone(UTC)
    return f"{due:%d %B %Y, %H:%M} {course.time_zone.key if course.time_zone else 'UTC'}"


def own(name: str) -> bytes:
    """A file of this package."""
    return resources.files("autograder").joinpath(name).read_bytes()


def _late(course: Course) -> str:
    late = course.late
    if not late.penalty_per_day:
        return f"accepted for {late.max_days} days."
    grace = f"after {late.grace_minutes} minutes " if late.grace_minutes else ""
    return f"{grace}each day begun costs {late.penalty_per_day:.0%} of the points earned, for {late.max_days} days."


def packed(folder: Path, top: str) -> bytes:
    """The folder as a zip with everything under `top`/, the same bytes for the same files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return zip_bytes((f"{top}/{path.relative_to(folder).as_posix()}", path.read_bytes()) for path in files)


def put(folder: Path, to: Path) -> None:
    """The finished folder in its place. CourseError: it cannot be written."""
    try:
        shutil.copytree(folder, to, dirs_exist_ok=True)
        to.chmod(0o755)  # the workshop was private
    except OSError as problem:
        raise CourseError(f"{to}: cannot be written: {problem}. Choose another --to.") from None
