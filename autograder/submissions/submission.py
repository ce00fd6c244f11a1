"""From a path to submissions: whose they are and which modules they hold. Reads, never executes.

A class comes as a folder or a zip of students' folders and zips; the folder's or zip's name is the student.
Names are untrusted as well: `students`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Literal

from autograder.errors import CourseError, SubmissionError
from autograder.submissions.students import shown_name, student_key
from autograder.submissions.untrusted_files import (
    ARCHIVE_BYTES,
    DEPTH,
    DIRECTORY_BYTES,
    MEMBERS,
    Line,
    Member,
    PartOfZip,
    file_member,
    folder_members,
    ignored,
    leads_out,
    open_file,
    open_zip,
    shown,
    zip_lines,
    zip_member,
    zip_members,
)

Kind = Literal["student", "class"]

PROBLEMS = 20
#: Where `submit` and a release put an exercise's module.
_EXERCISE = re.compile(r"(?:^|/)exercises/\d\d_(?P<folder>\w+)/(?P<module>\w+)\.py$", re.ASCII)


@dataclass(frozen=True)
class Submission:
    """What one student handed in: source by slug, undecoded, and why other files were not read."""

    student: str
    modules: dict[str, bytes]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """Where one student's submission lies; nothing of it is read yet.

    `inside` is the place in a class's zip: "alice/" or "alice.zip", whose lines in the zip's directory stand at
    `spans`. A `problem` makes reading it fail.
    """

    student: str
    path: Path
    inside: str = ""
    problem: str = ""
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Listing:
    """What a path holds: a student's submission or a class, in order of name, and what was passed over."""

    kind: Kind
    entries: tuple[Entry, ...]
    skipped: tuple[str, ...] = ()


@dataclass
class _Child:
    """One name in a folder or at the top of a zip. `place` is how to reach it."""

    name: str
    kind: Literal["file", "folder", "special"]
    place: Path | str
    spans: list[tuple[int, int]] = field(default_factory=list)
    size: int = 0

    def add(self, line: Line) -> None:
        """Note a line of the zip's directory; beyond what one student may have, only that there are more."""
        self.size += line.end - line.start
        if self.spans and self.spans[-1][1] == line.start:
            self.spans[-1] = (self.spans[-1][0], line.end)
        elif len(self.spans) <= MEMBERS:
            self.spans.append((line.start, line.end))

    @property
    def lists_too_much(self) -> bool:
        return self.size > DIRECTORY_BYTES or len(self.spans) > MEMBERS


# --- reading one submission -------------------------------------------------------------------------------


def read_submission(path: Path, slugs: Collection[str], student: str | None = None) -> Submission:
    """One module file, one student's folder or one student's zip.

    The student is the folder's, zip's or file's name without suffix, unless given. A module is `<slug>.py` at
    any depth, at most 1 MiB; those absent are absent from `modules`. SubmissionError: nothing there, two
    modules of one name, a zip that is damaged, encrypted or leads out of itself, too many or too large files.
    """
    return read_entry(Entry(student or _name_of(path), _resolved(path)), slugs)


def read_entry(entry: Entry, slugs: Collection[str]) -> Submission:
    """The submission that `find_submissions` found. SubmissionError as above, or the entry's own problem."""
    if entry.problem:
        raise SubmissionError(entry.problem)
    with _members(entry, slugs) as members:
        modules, problems = _collect(members, slugs, _label(entry))
    return Submission(entry.student, modules, problems)


def _label(entry: Entry) -> str:
    return shown(entry.inside.rstrip("/") or entry.path.name)


@contextmanager
def _members(entry: Entry, slugs: Collection[str]) -> Iterator[Iterable[Member]]:
    path = entry.path
    if path.is_dir():
        yield folder_members(path)
    elif _is_zip(path.name):
        with _zip_of(entry) as members:
            yield members
    elif path.name in _file_names(slugs):
        yield (file_member(path),)
    else:
        raise SubmissionError(f"{shown(path.name)}: {_expected(slugs)}")


@contextmanager
def _zip_of(entry: Entry) -> Iterator[Iterable[Member]]:
    where, inside = _label(entry), entry.inside
    with open_file(entry.path) as file, open_zip(_part(file, entry), entry.path.name) as archive:
        if not inside or inside.endswith("/"):
            yield zip_members(archive, where, inside)
            return
        data = zip_member(archive, entry.path.name, inside).read(ARCHIVE_BYTES)
        with open_zip(io.BytesIO(data), where) as nested:
            yield zip_members(nested, where)


def _part(file: BinaryIO, entry: Entry) -> BinaryIO | PartOfZip:
    return PartOfZip(file, entry.spans, entry.path.name) if entry.inside else file


def _collect(members: Iterable[Member], slugs: Collection[str], where: str) -> tuple[dict[str, bytes], tuple[str, ...]]:
    found: dict[str, Member] = {}
    others: list[Member] = []
    for member in members:
        slug = member.base.removesuffix(".py")
        if member.base not in _file_names(slugs) or member.special:
            others.append(member)
        elif slug in found:
            raise SubmissionError(
                f"{where}: two files are {member.base}: {shown(found[slug].name)} and {shown(member.name)}. "
                "Hand in one of them."
            )
        else:
            found[slug] = member
    modules = {slug: _module(found[slug], where) for slug in slugs if slug in found}
    problems = list(_problems(others, [slug for slug in slugs if slug not in found], where))
    if not found:
        problems += _of_another_course(others, where)
    if len(problems) > PROBLEMS:
        problems[PROBLEMS:] = [f"{where}: {len(problems) - PROBLEMS} more files were not read."]
    return modules, tuple(problems)


def _module(member: Member, where: str) -> bytes:
    try:
        return member.read()
    except SubmissionError as problem:
        raise SubmissionError(f"{where}: {problem}") from None


def _problems(others: Iterable[Member], missing: Collection[str], where: str) -> Iterator[str]:
    """Why something that may have been meant as a module was not read."""
    for member in others:
        name = f"{where}: {shown(member.name)}"
        meant = [slug for slug in missing if member.base.lower().startswith(slug)]
        if member.special:
            yield f"{name}: {member.special} is not read. Hand in the file itself."
        elif _is_zip(member.base):
            yield f"{name}: a zip inside a submission is not opened. Unpack it and hand in what it holds."
        elif meant and member.base.lower().endswith(".py"):
            yield f"{name}: not read. If it is your {max(meant, key=len)}.py, give it exactly that name."


def _of_another_course(others: Iterable[Member], where: str) -> list[str]:
    """One line where modules lie as exercises are handed in, and none is this course's."""
    names = [m.name for m in others if (found := _EXERCISE.search(m.name)) and found["folder"] == found["module"]]
    if not names:
        return []
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return [f"{where}: {shown(names[0])}{more}: no exercise of this course. Was it made for another course?"]


# --- finding submissions ----------------------------------------------------------------------------------


def find_submissions(path: Path, slugs: Collection[str], kind: Kind | None = None) -> Listing:
    """What `path` holds: one module file, a student's folder or zip, or a class of those.

    slugs: of the whole course, whatever is graded. A folder is a student's if it holds a `<slug>.py`, or a
    folder named `NN_slug` or `exercises`; otherwise it is a class. The same goes for a zip, after stepping
    into a folder that holds all the rest. `kind` overrides. In a class every folder and zip is a student;
    loose files, links and devices are `skipped`; two entries of one student (upper and lower case alike)
    become one entry whose problem names both. Nothing of a student's is read yet.

    CourseError: no such path, something else, a class without students, a class's zip that cannot be read.
    """
    target = _resolved(path)
    single = Listing("student", (Entry(_name_of(path), target),))
    is_zip = os.path.isfile(target) and _is_zip(target.name)
    if not os.path.isdir(target) and not is_zip:
        _refuse_all_but_modules(path, target, slugs, kind)
        return single
    if kind == "student":
        return single
    try:
        children = _zip_children(target, slugs, kind) if is_zip else _folder_children(target)
    except SubmissionError as problem:
        if kind is None and is_zip:
            return single  # reading it says what is wrong, to that student
        raise CourseError(f"{path}: {problem}") from None
    return single if kind is None and _is_students(children, slugs) else _class(path, target, children)


def _refuse_all_but_modules(path: Path, target: Path, slugs: Collection[str], kind: Kind | None) -> None:
    if not os.path.exists(target):
        raise CourseError(f"{path}: no such file or folder")
    if kind == "class" or not os.path.isfile(target) or target.name not in _file_names(slugs):
        raise CourseError(f"{path}: {_expected(slugs)}")


def _resolved(path: Path) -> Path:
    """The path given on the command line is trusted: its own links are followed, those below it are not."""
    return Path(os.path.realpath(path))


def _class(path: Path, target: Path, children: list[_Child]) -> Listing:
    entries: dict[str, Entry] = {}
    skipped: list[str] = []
    for child in sorted(children, key=lambda child: (child.name.casefold(), child.name)):
        if ignored(child.name) and child.name != "..":
            continue
        if child.kind == "special" or (child.kind == "file" and not _is_zip(child.name)):
            skipped.append(f"{shown(child.name)}: neither a folder nor a zip")
            continue
        entry = _child_entry(target, child)
        first = entries.setdefault(student_key(entry.student), entry)
        if first is not entry:
            entries[student_key(entry.student)] = _doubled(first, entry)
    if not entries:
        raise CourseError(
            f"{path}: holds no submissions: expected a folder or a zip a student, or one student's modules"
        )
    if len(skipped) > PROBLEMS:
        skipped[PROBLEMS:] = [f"{len(skipped) - PROBLEMS} more: neither folders nor zips"]
    return Listing("class", tuple(entries.values()), tuple(skipped))


def _child_entry(target: Path, child: _Child) -> Entry:
    raw = child.name[:-4] if child.kind == "file" else child.name
    if isinstance(child.place, Path):
        return Entry(shown_name(raw), child.place)
    if child.lists_too_much:
        return Entry(
            shown_name(raw), target, child.place, f"{shown(child.name)}: lists too many files. Zip the modules only."
        )
    return Entry(shown_name(raw), target, child.place, spans=tuple(child.spans))


def _doubled(first: Entry, second: Entry) -> Entry:
    both = f"{_label(first)} and {_label(second)}"
    problem = f"{both} are both submissions of {first.student}. Keep one of them."
    return replace(first, problem=first.problem or problem)


def _folder_children(folder: Path) -> list[_Child]:
    try:
        with os.scandir(folder) as entries:
            return [_Child(entry.name, _kind(entry), Path(entry.path)) for entry in entries]
    except OSError as problem:
        raise SubmissionError(f"cannot be listed: {problem.strerror}. Make the folder readable.") from None


def _kind(entry: os.DirEntry[str]) -> Literal["file", "folder", "special"]:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _zip_children(path: Path, slugs: Collection[str], kind: Kind | None) -> list[_Child]:
    with open_file(path) as file:
        inside, children = "", _top(zip_lines(file, path.name), "")
        for _ in range(DEPTH):
            if len(children) != 1 or children[0].kind != "folder":
                break
            inside = f"{inside}{children[0].name}/"
            below = _top(zip_lines(file, path.name), inside)
            if not below or (kind == "class" and _is_students(below, slugs)):
                break  # in the second case the only folder is the class's only student
            children = below
    return children


def _top(lines: Iterable[Line], inside: str) -> list[_Child]:
    children: dict[str, _Child] = {}
    for line in lines:
        head, slash, _ = line.name[len(inside) :].partition("/")
        if not line.name.startswith(inside) or line.name == inside:
            continue
        if leads_out(head) or not head:
            children[head or "/"] = _Child(head or "/", "special", f"{inside}{head}")
            continue
        if ignored(head):
            continue
        child = children.setdefault(head, _Child(head, "file", f"{inside}{head}"))
        if slash:
            child.kind, child.place = "folder", f"{inside}{head}/"
        child.add(line)
    return list(children.values())


def _is_students(children: Iterable[_Child], slugs: Collection[str]) -> bool:
    files = _file_names(slugs)
    for child in children:
        numbered = re.fullmatch(r"\d\d_(\w+)", child.name, re.ASCII)
        if child.kind == "folder" and (child.name == "exercises" or (numbered and numbered[1] in slugs)):
            return True
        if child.kind != "folder" and child.name in files:
            return True
    return False


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _file_names(slugs: Collection[str]) -> set[str]:
    return {f"{slug}.py" for slug in slugs}


def _expected(slugs: Collection[str]) -> str:
    return f"no submission: expected a folder, a zip or a module ({', '.join(sorted(_file_names(slugs)))})"


def _name_of(path: Path) -> str:
    name = Path(os.path.abspath(path)).name
    stem = name if path.is_dir() else re.sub(r"\.(zip|py)$", "", name, flags=re.IGNORECASE)
    return shown_name(stem)
