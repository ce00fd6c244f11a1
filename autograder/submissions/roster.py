"""The roster of a class: a list of ours, or what a learning platform exports; and who of it handed in what.

Read are: a CSV with a column `student`, or with names alone; the gradebooks and lists of Canvas, Moodle, Blackboard,
Brightspace, Gradescope, nbgrader and GitHub Classroom, by the names of their columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import CourseError
from autograder.submissions.sheets import read_rows
from autograder.submissions.students import shown_name, student_key
from autograder.submissions.submission import Entry

ROSTER_BYTES = 4 << 20
#: What a column holds, by its heading in lower case.
COLUMNS: dict[str, str] = {
    **dict.fromkeys(("student", "name", "full name", "student name", "display name", "learner"), "name"),
    **dict.fromkeys(("first name", "first_name", "firstname", "given name", "first"), "first"),
    **dict.fromkeys(("last name", "last_name", "lastname", "surname", "family name", "last"), "last"),
    **dict.fromkeys(
        """id|sid|student id|student_id|student number|sis user id|sis login id|integration id|orgdefinedid|id number|
        identifier|username|user name|login|login id|user id|email|email address|e-mail|e-mail address|github_username|
        github username|github login|github_id|lms_user_id""".replace("\n        ", "").split("|"),
        "id",
    ),
    **dict.fromkeys(("submitted", "submitted at", "submission time", "time submitted"), "submitted"),
    "last modified (submission)": "modified",
    **dict.fromkeys(("extension_hours", "extension hours", "extension"), "extension"),
    **dict.fromkeys(("role", "roles"), "role"),
    **dict.fromkeys(("group", "group name", "team"), "group"),
    **dict.fromkeys(("status", "enrollment status", "enrolment status", "dropped"), "status"),
}
#: Rows of a gradebook that are no student's.
_NOBODY = frozenset(("points possible", "student, test", "test student", "student test"))
#: In a row of Canvas's gradebook that is about its columns.
_POSTING = "manual posting"
#: What a column with a status says of who left the course; every other word there is of something else.
_DROPPED = frozenset("dropped withdrawn withdrew inactive concluded yes true 1 x".split())
_STAFF = frozenset("instructor ta teacher grader observer reader".split())


@dataclass(frozen=True)
class Person:
    """One row. `ids` are numbers, logins and addresses; `submitted` and `extension` are as they are written.

    `submitted` is None where the roster has no such column. `modified`: when Moodle's worksheet says that the
    submission was, in words. `dropped`: has left the course.
    """

    name: str
    ids: tuple[str, ...] = ()
    line: int = 0
    submitted: str | None = None
    extension: str = ""
    group: str = ""
    dropped: bool = False
    modified: str = ""


# -- reading ----------------------------------------------------------------------------------------


def read_roster(path: Path) -> tuple[Person, ...]:
    """The students of a class, in the file's order.

    As `sheets` reads it, without what is no student's in a gradebook. Where no column has a known heading, the first
    cell of every row is a name. Two people of one name get an id into it. CourseError: unreadable, not CSV, a row
    without a student, one student twice (naming both lines), nobody at all.
    """
    rows = read_rows(path, ROSTER_BYTES, "roster")
    kinds = [COLUMNS.get(_heading(cell), "") for cell in rows[0][1]] if rows else []
    if {"name", "first", "last", "id"} & {*kinds}:
        people = [_person(path, line, kinds, row) for line, row in rows[1:]]
    else:
        people = [_person(path, line, ["name"], row) for line, row in rows]
    students = _apart(path, [person for person in people if person is not None])
    if not students:
        raise CourseError(f"{path}: no students: expected a CSV with a column `student`, or a platform's export")
    return students


def _heading(cell: str) -> str:
    return cell.strip().lstrip("#").strip().casefold()


def _person(path: Path, line: int, kinds: Sequence[str], row: Sequence[str]) -> Person | None:
    cells: dict[str, list[str]] = {}
    for kind, cell in zip(kinds, row, strict=False):
        if kind:
            cells.setdefault(kind, []).append(cell.strip())
    told = {kind: next((text for text in texts if text), "") for kind, texts in cells.items()}
    if not any(told.values()) and any(cell.strip().casefold() == _POSTING for cell in row):
        return None
    if told.get("role", "").casefold() in _STAFF or told.get("name", "").casefold() in _NOBODY:
        return None
    ids = tuple(dict.fromkeys(_plain_id(text) for text in cells.get("id", ()) if text))
    both = " ".join(part for part in (told.get("first", ""), told.get("last", "")) if part)
    name = both or told.get("name") or (ids[0] if ids else "")
    if not name:
        raise CourseError(f"{path}:{line}: no student in this row. Write the name, or take the row out.")
    is_canvas = not both and len(cells.get("id", ())) > 1 and name.count(",") == 1
    if is_canvas:
        name = " ".join(part.strip() for part in reversed(name.split(",")))
    dropped = told.get("status", "").casefold() in _DROPPED
    times = (told.get("submitted"), told.get("extension", ""))
    return Person(shown_name(name), ids, line, *times, told.get("group", ""), dropped, told.get("modified", ""))


def _plain_id(text: str) -> str:
    return re.sub(r"^(#|participant\s+)", "", text, flags=re.IGNORECASE).strip()


def _apart(path: Path, people: list[Person]) -> tuple[Person, ...]:
    """No two of one name: those whose ids differ get them into their names."""
    names = Counter(student_key(person.name) for person in people)
    by_key: dict[str, Person] = {}
    for person in people:
        named = person
        if names[student_key(person.name)] > 1 and person.ids:
            named = replace(person, name=f"{person.name} ({person.ids[0]})")
        first = by_key.setdefault(student_key(named.name), named)
        if first is not named:
            told = f"{person.name} is already in line {first.line}. Keep one of the two."
            raise CourseError(f"{path}:{person.line}: {told}")
    return tuple(by_key.values())


# -- who is who -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Matched:
    """A class's entries, those who are known by their names on the roster; and who of either side matches nobody."""

    entries: tuple[Entry, ...]
    unknown: tuple[str, ...]
    absent: tuple[str, ...]


def matched(entries: Iterable[Entry], people: Sequence[Person]) -> Matched:
    """Which entry is whose: by the name, however its parts are ordered and spelt, else by an id, login or address.

    An entry that fits several people, or a person whom several entries fit, is left as it is.
    """
    by_name, by_id = _index(people, name_keys), _index(people, _id_keys)
    listed = list(entries)
    owners = [_owner(entry, by_name, by_id) for entry in listed]
    claims = Counter(owner.name for owner in owners if owner is not None)
    known, unknown, present = [], [], set()
    for entry, owner in zip(listed, owners, strict=True):
        if owner is not None and claims[owner.name] == 1:
            known.append(replace(entry, student=owner.name))
            present.add(owner.name)
        else:
            known.append(entry)
            unknown.append(entry.student)
    return Matched(tuple(known), tuple(unknown), tuple(person.name for person in people if person.name not in present))


def still_here(who: Matched, people: Iterable[Person]) -> tuple[Matched, list[str]]:
    """The same without those who have left the course; and their names, of who handed in all the same."""
    left = {person.name for person in people if person.dropped}
    gone = [entry.student for entry in who.entries if entry.student in left]
    entries = tuple(entry for entry in who.entries if entry.student not in left)
    return Matched(entries, who.unknown, tuple(name for name in who.absent if name not in left)), gone


def shared(who: Matched, people: Sequence[Person]) -> Matched:
    """The same where one of a group hands in for all.

    A hand-in under the group's name, or of a single member, is that of each member without one of their own. Where
    several members handed in, and others did not, it is for a person to say which counts for those.
    """
    groups: dict[str, list[Person]] = {}
    for person in people:
        if person.group and not person.dropped:
            groups.setdefault(_joined(person.group), []).append(person)
    of_groups = {_joined(name): name for name in who.unknown if _joined(name) in groups}
    entries = {entry.student: entry for entry in who.entries}
    made = dict(entries)
    for key, members in groups.items():
        names = [of_groups[key]] if key in of_groups else [m.name for m in members if m.name in entries]
        for member in members if names else ():
            if member.name not in entries:
                made[member.name] = _for_member(member, [entries[name] for name in names])
    kept = [entry for name, entry in made.items() if name not in of_groups.values()]
    return Matched(
        tuple(sorted(kept, key=lambda entry: (entry.student.casefold(), entry.student))),
        tuple(name for name in who.unknown if name not in of_groups.values()),
        tuple(name for name in who.absent if name not in made),
    )


def _for_member(member: Person, handed: Sequence[Entry]) -> Entry:
    """What one of a group gets, of what others of it handed in."""
    first, names = handed[0], " and ".join(entry.student for entry in handed)
    if len(handed) > 1:
        told = f"group {member.group}: {names} each handed in, and {member.name} did not. Keep one of the hand-ins."
        return replace(first, student=member.name, problem=told)
    said = "under its name" if _joined(first.student) == _joined(member.group) else f"by {names}"
    return replace(first, student=member.name, notes=(*first.notes, f"handed in for group {member.group}, {said}"))


def one_person(text: str, people: Sequence[Person]) -> Person | None:
    """Who is meant by a name, id, login or address; None where it is nobody's, or several people's."""
    return _owner(Entry(text, Path(), ids=(text,)), _index(people, name_keys), _index(people, _id_keys))


def _owner(entry: Entry, by_name: dict[str, list[Person]], by_id: dict[str, list[Person]]) -> Person | None:
    exact = [p for p in by_name.get(_joined(entry.student), []) if student_key(p.name) == student_key(entry.student)]
    for fitting in (
        exact,
        by_name.get(_joined(entry.student), []),
        [person for key in entry.ids for person in by_id.get(key.casefold(), [])],
        by_id.get(entry.student.casefold(), []),
    ):
        names = {person.name for person in fitting}
        if len(names) == 1:
            return fitting[0]
    return None


def _index(people: Iterable[Person], keys: Callable[[Person], Iterable[str]]) -> dict[str, list[Person]]:
    index: dict[str, list[Person]] = {}
    for person in people:
        for key in keys(person):
            index.setdefault(key, []).append(person)
    return index


def name_keys(person: Person) -> set[str]:
    """A name as one word, from each of its words on: `Anna Maria Smith` is also `Smith Anna Maria`."""
    words = _words(re.sub(r" \([^()]*\)$", "", person.name)) or [person.name]
    return {"".join(words[i:] + words[:i]) for i in range(len(words))} | {_joined(person.name)}


def _id_keys(person: Person) -> set[str]:
    return {key.casefold() for text in person.ids for key in (text, text.partition("@")[0])}


def _joined(name: str) -> str:
    return "".join(_words(name)) or name


def _words(name: str) -> list[str]:
    """Letters and digits in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf"))
    return [word for word in re.split(r"[\W_]+", bare) if word]
