"""Several hand-ins of one student: in folders that are named by their times, or as a list tells.

    class/ada/2027-01-20T10-00-00/line.py         class/ada/2027-01-21T18-30-00Z.zip

Only where course.yml has `attempts`: such names are of the server that collected them, and no student's to choose.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.course import at_clock
from autograder.errors import CourseError
from autograder.submissions.meant import is_systems_own, is_zip
from autograder.submissions.roster import Person, one_person
from autograder.submissions.sheets import read_rows
from autograder.submissions.students import shown_name, student_key
from autograder.submissions.submission import Entry
from autograder.submissions.untrusted_files import ignored

LIST_BYTES = 16 << 20
_TIME = re.compile(
    r"(?P<date>\d{4}-?\d\d-?\d\d)[T_ ](?P<hour>\d\d)[-:.]?(?P<minute>\d\d)(?:[-:.]?(?P<second>\d\d))?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True)
class Attempt:
    """One hand-in of a student, the `number`-th of `of`. `when` is None where only one is there, without a time.

    `earlier` are the times of those before it.
    """

    entry: Entry | str
    when: datetime | None = None
    number: int = 1
    of: int = 1
    earlier: tuple[datetime, ...] = ()


def in_folders(entries: Sequence[Entry | str], zone: tzinfo | None) -> list[Attempt]:
    """The attempts of each, oldest first. Who has no folders of times has one, without a time.

    CourseError: a time without an offset, in a course without a time zone.
    """
    return [attempt for entry in entries for attempt in _of_one(entry, zone)]


def _of_one(entry: Entry | str, zone: tzinfo | None) -> list[Attempt]:
    if isinstance(entry, str) or entry.problem or entry.inside or entry.parts or not os.path.isdir(entry.path):
        return [Attempt(entry)]
    with os.scandir(entry.path) as found:
        children = [each for each in found if not ignored(each.name) and not is_systems_own(each.name)]
    timed = {each.name: _TIME.fullmatch(each.name.removesuffix(".zip")) for each in children}
    if not any(timed.values()):
        return [Attempt(entry)]
    if others := sorted(each.name for each in children if not timed[each.name] or not _may_be_one(each)):
        told = f"{entry.student}: beside attempts in folders of times lies {shown_name(others[0])}. Take it out."
        return [Attempt(replace(entry, problem=told))]
    attempts = [
        Attempt(replace(entry, path=entry.path / name), _named(match, entry.path / name, zone))
        for name, match in timed.items()
        if match is not None
    ]
    return _in_order(attempts)


def _may_be_one(child: os.DirEntry[str]) -> bool:
    return child.is_dir(follow_symlinks=False) or (child.is_file(follow_symlinks=False) and is_zip(child.name))


def _named(match: re.Match[str], path: Path, zone: tzinfo | None) -> datetime:
    date = match["date"].replace("-", "")
    text = f"{date}T{match['hour']}{match['minute']}{match['second'] or '00'}{match['zone'] or ''}"
    return _time(text, str(path), zone)


def _time(text: str, where: str, zone: tzinfo | None) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise CourseError(f"{where}: {text!r} is no time, as in 2027-01-20T10:00:00Z") from None
    if when.tzinfo is not None:
        return when
    if zone is None:
        raise CourseError(f"{where}: has no time zone. Add Z or an offset, or a time_zone to course.yml.")
    return at_clock(when, zone)


def _in_order(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Oldest first, of one time by name; numbered."""
    ordered = sorted(attempts, key=lambda each: (each.when.timestamp() if each.when else 0.0, _at(each)))
    times = [attempt.when for attempt in ordered if attempt.when is not None]
    return [
        replace(attempt, number=i, of=len(ordered), earlier=tuple(times[: i - 1]))
        for i, attempt in enumerate(ordered, start=1)
    ]


def _at(attempt: Attempt) -> str:
    return attempt.entry if isinstance(attempt.entry, str) else str(attempt.entry.path)


def in_list(path: Path, folder: Path, people: Sequence[Person], zone: tzinfo | None) -> list[Attempt]:
    """The attempts that a CSV names: `student`, `path` (below `folder`: a folder, zip or module), `submitted`.

    A student is a name, id, login or address of the roster; without a roster, as it is written. CourseError, naming
    the line: no such columns, no such path or one that leads out, nobody, no time.
    """
    (_, heading), *rows = read_rows(path, LIST_BYTES, "list of attempts") or [(1, [])]
    names = [cell.strip().casefold() for cell in heading]
    if not {"student", "path", "submitted"} <= {*names}:
        raise CourseError(f"{path}: expected the columns student, path, submitted; found {', '.join(heading)}")
    found: dict[str, list[Attempt]] = {}
    for line, row in rows:
        told = dict(zip(names, (cell.strip() for cell in row), strict=False))
        student = _student(told.get("student", ""), people, f"{path}:{line}")
        entry = Entry(student, _below(folder, told.get("path", ""), f"{path}:{line}"))
        when = _time(told.get("submitted", ""), f"{path}:{line}", zone)
        found.setdefault(student_key(student), []).append(Attempt(entry, when))
    named = {student_key(person.name) for person in people if person.dropped}
    absent = [Attempt(p.name) for p in people if student_key(p.name) not in {*found, *named}]
    return [*(each for key, attempts in found.items() if key not in named for each in _in_order(attempts)), *absent]


def _student(text: str, people: Sequence[Person], where: str) -> str:
    if not people and text:
        return shown_name(text)
    if (person := one_person(text, people) if text else None) is None:
        raise CourseError(f"{where}: student: {text!r} is nobody, or several people, on the roster")
    return person.name


def _below(folder: Path, name: str, where: str) -> Path:
    """A path of the list, which may not lead out of the class, by a link either."""
    root, place = Path(os.path.realpath(folder)), Path(os.path.realpath(folder / name))
    if not name or not place.is_relative_to(root) or place == root or not place.exists():
        raise CourseError(f"{where}: path: {name!r} is nothing below {folder}")
    return place


def latest(attempts: Sequence[Attempt]) -> Iterator[Attempt]:
    """The last of each student, who is told of the others."""
    for attempt in attempts:
        if attempt.number == attempt.of:
            yield with_note(attempt, "it is the latest")


def with_note(attempt: Attempt, why: str) -> Attempt:
    """The same, saying which of several it is and why it counts."""
    if attempt.of == 1 or isinstance(attempt.entry, str):
        return attempt
    note = f"attempt {attempt.number} of {attempt.of} counts: {why}"
    return replace(attempt, entry=replace(attempt.entry, notes=(*attempt.entry.notes, note)))
