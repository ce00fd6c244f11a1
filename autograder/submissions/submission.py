"""From a path to submissions: whose they are and which modules they hold. Reads, never executes.

A class comes as a folder or a zip of students' folders and zips; the folder's or zip's name is the student.
Names are untrusted as well: `students`.
"""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Literal

from autograder.errors import CourseError, SubmissionError
from autograder.submissions.layouts import (
    METADATA,
    METADATA_BYTES,
    Owner,
    is_platforms_own,
    login_prefix,
    of_gradescope,
    owner_of,
    platforms_of,
)
from autograder.submissions.meant import (
    exercise_of,
    is_archive,
    is_python,
    is_released,
    is_systems_own,
    is_tar,
    is_zip,
    not_python,
    resembles,
)
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
    read_file,
    shown,
    tar_members,
    zip_lines,
    zip_member,
    zip_members,
)

Kind = Literal["student", "class"]

PROBLEMS = 20
COPIES = 20  # of one module in one submission: each is read
#: In which Teams lays a class's folders.
_TEAMS = "Submitted files"
_VERSION = re.compile(r"(?P<above>(?:.*?/)?)Version (?P<number>\d{1,6})/")
#: Where `submit` and a release put an exercise's module.
_EXERCISE = re.compile(r"(?:^|/)exercises/\d\d_(?P<folder>\w+)/(?P<module>\w+)\.py$", re.ASCII)


@dataclass(frozen=True)
class Submission:
    """What one student handed in: source by slug, undecoded, and what is said of other files.

    Nobody can be graded in an exercise that is `unread`: a person has to look.
    """

    student: str
    modules: dict[str, bytes]
    problems: tuple[str, ...] = ()
    unread: dict[str, str] = field(default_factory=dict)  # by slug, what was handed in and could not be taken for it

    def unread_of(self, slugs: Collection[str]) -> dict[str, str]:
        """The same of these exercises; all of them where modules were handed in, and only of other ones."""
        if self.modules and not any(slug in self.modules or slug in self.unread for slug in slugs):
            names = ", ".join(f"{slug}.py" for slug in [*self.modules][:3])
            return dict.fromkeys(slugs, f"handed in: {names}, of another assignment, and nothing of this one")
        return {slug: self.unread[slug] for slug in slugs if slug in self.unread}


@dataclass(frozen=True)
class Entry:
    """Where one student's submission lies; nothing of it is read yet.

    `inside` is the place in a class's zip: "alice/" or "alice.zip", whose lines in the zip's directory stand at
    `spans`. A `problem` makes reading it fail. `ids` are what a learning platform calls the student. Where it lies as
    loose files, `parts` are their own names and places. `notes` are told with what is read. `is_late`: the platform
    says so.
    """

    student: str
    path: Path
    inside: str = ""
    problem: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    ids: tuple[str, ...] = ()
    parts: tuple[tuple[str, Path | str], ...] = ()
    notes: tuple[str, ...] = ()
    is_late: bool = False


@dataclass(frozen=True)
class Listing:
    """What a path holds: a student's submission or a class, in order of name, and what was passed over.

    `unowned` looks like somebody's work, and nothing tells whose.
    """

    kind: Kind
    entries: tuple[Entry, ...]
    skipped: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()


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
    any depth, at most 1 MiB, or a Python file whose name plainly means that exercise; those absent are absent from
    `modules`. A folder or zip that holds one archive and no module is what the archive holds. SubmissionError: nothing
    there, a zip that is damaged, encrypted or leads out of itself, too many or too large files.
    """
    return read_entry(Entry(student or _name_of(path), _resolved(path)), slugs)


def read_entry(entry: Entry, slugs: Collection[str]) -> Submission:
    """The submission that `find_submissions` found. SubmissionError as above, or the entry's own problem."""
    if entry.problem:
        raise SubmissionError(entry.problem)
    with _members(entry, slugs) as members:
        kept, older = _newest_version(members)
        collected = _collect(kept, slugs, _label(entry))
    collected.problems[:0] = [f"{_label(entry)}: {note}" for note in (*entry.notes, *older)]
    modules = {
        slug: collected.modules[slug] for slug in slugs if slug in collected.modules and slug not in collected.unread
    }
    unread = {slug: collected.unread[slug] for slug in slugs if slug in collected.unread}
    return Submission(entry.student, modules, tuple(collected.problems), unread)


def _label(entry: Entry) -> str:
    if entry.parts:
        return shown(entry.student)
    return shown(entry.inside.rstrip("/") or entry.path.name)


@contextmanager
def _members(entry: Entry, slugs: Collection[str]) -> Iterator[Iterable[Member]]:
    path = entry.path
    if entry.parts:
        with _loose_files(entry) as members:
            yield members
    elif path.is_dir():
        yield folder_members(path)
    elif is_zip(path.name):
        with _zip_of(entry) as members:
            yield members
    elif path.name in _file_names(slugs):
        yield (file_member(path),)
    else:
        raise SubmissionError(f"{shown(path.name)}: {_expected(slugs)}")


@contextmanager
def _loose_files(entry: Entry) -> Iterator[Iterable[Member]]:
    """A student's files at the top of a class, by the names that they were handed in under."""
    places = [(name, place) for name, place in entry.parts if isinstance(place, Path)]
    if places:
        yield [replace(file_member(place), name=name) for name, place in places]
        return
    with open_file(entry.path) as file, open_zip(PartOfZip(file, entry.spans, entry.path.name), "") as archive:
        names = {str(place): name for name, place in entry.parts}
        members = zip_members(archive, _label(entry))
        yield [replace(member, name=names[member.name]) for member in members if member.name in names]


def _newest_version(members: Iterable[Member]) -> tuple[list[Member], tuple[str, ...]]:
    """Without the older of folders called `Version 1`, `Version 2` (Teams), and a line that names them."""
    versions = [(member, _VERSION.match(member.name)) for member in members]
    newest: dict[str, int] = {}
    for _, version in versions:
        if version:
            newest[version["above"]] = max(int(version["number"]), newest.get(version["above"], 0))
    kept = [m for m, version in versions if not version or int(version["number"]) == newest[version["above"]]]
    older = sorted({v[0] for _, v in versions if v and int(v["number"]) < newest[v["above"]]})
    return kept, (f"not read, as there is a newer one: {_several(older)}",) if older else ()


def _several(names: Sequence[str]) -> str:
    """The first of some names, and how many more."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(_brief(name) for name in names[:3]) + more


def _brief(name: str) -> str:
    """A name for a message; in a zip it may be as long as a book."""
    return shown(name if len(name) <= 200 else f"{name[:99]}…{name[-99:]}")


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


@dataclass
class _Found:
    """What was made of one submission's files so far."""

    modules: dict[str, bytes] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # by slug, where each module came from
    copies: Counter[str] = field(default_factory=Counter)

    def take(self, slug: str, member: Member, where: str) -> None:
        """A module, unless it is none, or another is there already that differs."""
        self.copies[slug] += 1
        if self.copies[slug] > COPIES:
            self.refuse(slug, f"{where}: more than {COPIES} files are {slug}.py. Hand in one of them.")
            return
        name, content = _brief(member.name), _module(member, where)
        if what := not_python(content):
            self.refuse(slug, f"{where}: {name} is {what}, not a module in Python. Save it as {slug}.py.")
        elif slug in self.modules and self.modules[slug] != content:
            both = f"{self.names[slug]} and {name}"
            self.refuse(slug, f"{where}: two files are {slug}.py, and they differ: {both}. Hand in one of them.")
        elif slug not in self.modules:
            self.modules[slug], self.names[slug] = content, name

    def refuse(self, slug: str, why: str) -> None:
        self.unread.setdefault(slug, why)


def _collect(members: Iterable[Member], slugs: Collection[str], where: str, inside: bool = False) -> _Found:
    """Modules by their names, then by what their names plainly mean; what is left may have been meant as well."""
    collected = _Found()
    others: list[Member] = []
    for member in members:
        if member.base in _file_names(slugs) and not member.special:
            collected.take(member.base.removesuffix(".py"), member, where)
        elif not member.special and is_released(member.base):
            continue
        else:
            others.append(member)
    left = []
    for member in others:
        slug = exercise_of(member.base, slugs)
        if slug is None or member.special or not is_python(member.base) or is_archive(member.base):
            left.append(member)
            continue
        had = slug in collected.modules
        collected.take(slug, member, where)
        if not had and slug in collected.modules:
            collected.problems.append(f"{where}: {_brief(member.name)} was taken for {slug}.py.")
    archives = [member for member in left if is_archive(member.base) and not member.special]
    if not collected.modules and not collected.unread and len(archives) == 1 and not inside:
        return _opened(archives[0], slugs, where)
    _tell_unread(collected, left, slugs, where)
    if len(collected.problems) > PROBLEMS:
        collected.problems[PROBLEMS:] = [f"{where}: {len(collected.problems) - PROBLEMS} more files were not read."]
    return collected


def _opened(archive: Member, slugs: Collection[str], where: str) -> _Found:
    """The one archive in a submission without modules: what lies in it is what was handed in."""
    place = f"{where}: {_brief(archive.name)}"
    try:
        if is_tar(archive.base):
            return _collect(tar_members(archive.read(ARCHIVE_BYTES), place), slugs, place, inside=True)
        if not is_zip(archive.base):
            raise SubmissionError("it is no zip, and other archives are not opened. Hand in a zip.")
        with open_zip(io.BytesIO(archive.read(ARCHIVE_BYTES)), place) as inner:
            return _collect(zip_members(inner, place), slugs, place, inside=True)
    except SubmissionError as problem:
        said = str(problem)
        why = said if said.startswith(place) else f"{place}: {said}"
        return _Found(unread=dict.fromkeys(slugs, why), problems=[why])


def _tell_unread(collected: _Found, left: list[Member], slugs: Collection[str], where: str) -> None:
    """Whoever handed something in gets no silent 0: what may have been meant as a module is an error of its exercise.

    Where a name tells none, of all that are missing: an archive and a module of an unknown name always, a document or
    notebook where nothing else was read.
    """
    missing = [slug for slug in slugs if slug not in collected.modules]
    unclear: list[str] = []
    for member in left:
        name, alike = f"{where}: {_brief(member.name)}", resembles(member.base, slugs)
        if member.special:
            collected.problems.append(f"{name}: {member.special} is not read. Hand in the file itself.")
            if alike and alike[0] in missing:
                collected.refuse(alike[0], collected.problems[-1])
        elif alike and alike[0] in missing:
            collected.refuse(alike[0], f"{name} was handed in and not read. Is it {alike[0]}.py? Hand it in as that.")
        elif not alike and _may_be_work(member, bool(collected.modules)):
            unclear.append(member.name)
    if unclear and missing:
        why = f"{where}: handed in and not read: {_several(unclear)}. Hand in the modules themselves."
        why = (not collected.modules and _of_another_course(left, where)) or why
        collected.problems.append(why)
        for slug in missing:
            collected.refuse(slug, why)


def _may_be_work(member: Member, something_was_read: bool) -> bool:
    if is_archive(member.base):
        return True
    if something_was_read:
        other = _EXERCISE.search(member.name)  # of another assignment, handed in as it lay
        return is_python(member.base) and not (other and other["folder"] == other["module"])
    return True


def _module(member: Member, where: str) -> bytes:
    try:
        return member.read()
    except SubmissionError as problem:
        raise SubmissionError(f"{where}: {problem}") from None


def _of_another_course(others: Iterable[Member], where: str) -> str:
    """What is said where modules lie as exercises are handed in, and none is this course's."""
    names = [m.name for m in others if (match := _EXERCISE.search(m.name)) and match["folder"] == match["module"]]
    if not names:
        return ""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{where}: {_brief(names[0])}{more}: no exercise of this course. Was it made for another course?"


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
    zipped = os.path.isfile(target) and is_zip(target.name)
    if not os.path.isdir(target) and not zipped:
        _refuse_all_but_modules(path, target, slugs, kind)
        return single
    if kind == "student":
        return single
    try:
        children = _zip_children(target, slugs, kind) if zipped else _folder_children(target)
        while not zipped and [child.name for child in children if not _is_nobodys(child.name)] == [_TEAMS]:
            target = target / _TEAMS
            children = _folder_children(target)
    except SubmissionError as problem:
        if kind is None and zipped:
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
    groups: dict[tuple[str, ...], list[tuple[Owner, _Child]]] = {}
    entries: list[Entry] = []
    skipped: list[str] = []
    unowned: list[str] = []
    of_gradescope = _gradescopes(target, children)
    platforms = platforms_of([(child.name, child.kind == "folder") for child in children])
    for child in sorted(children, key=lambda child: (child.name.casefold(), child.name)):
        if child.name != ".." and _is_nobodys(child.name):
            continue
        owner = owner_of(child.name, child.kind == "folder", platforms) if child.kind != "special" else None
        owners = of_gradescope.get(child.name) or ([owner] if owner is not None else [])
        for each in owners:
            groups.setdefault((student_key(shown_name(each.name)), *each.ids[:1]), []).append((each, child))
        if owners:
            continue
        if child.kind == "special" or (child.kind == "file" and not is_zip(child.name)):
            looks_like_work = child.kind == "file" and (is_python(child.name) or is_archive(child.name))
            (unowned if looks_like_work else skipped).append(f"{shown(child.name)}: neither a folder nor a zip")
        else:
            entries.append(_child_entry(target, child))
    entries = _of_repositories(entries) + [_group_entry(target, group) for group in _apart(groups)]
    if not entries and not unowned:
        raise CourseError(
            f"{path}: holds no submissions: expected a folder or a zip a student, or one student's modules"
        )
    return Listing("class", tuple(_once_each(entries)), tuple(_summed(skipped)), tuple(_summed(unowned)))


def _is_nobodys(name: str) -> bool:
    """Whether a file or folder at the top of a class is of a system or platform."""
    return ignored(name) or is_systems_own(name) or is_platforms_own(name)


def _summed(lines: list[str]) -> list[str]:
    more = len(lines) - PROBLEMS
    return lines if more <= 0 else [*lines[:PROBLEMS], f"{more} more: neither folders nor zips"]


def _once_each(entries: Iterable[Entry]) -> list[Entry]:
    """An entry a student, by name; of two of one student, one whose problem names both."""
    once: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: (entry.student.casefold(), entry.student)):
        first = once.setdefault(student_key(entry.student), entry)
        if first is not entry:
            once[student_key(entry.student)] = _doubled(first, entry)
    return list(once.values())


def _gradescopes(target: Path, children: Iterable[_Child]) -> dict[str, list[Owner]]:
    """Whose each folder is, where Gradescope's list lies beside them. Raises CourseError."""
    metadata = next((child for child in children if child.name == METADATA and child.kind == "file"), None)
    if metadata is None:
        return {}
    try:
        if isinstance(metadata.place, Path):
            return of_gradescope(read_file(metadata.place, METADATA_BYTES))
        with open_file(target) as file, open_zip(PartOfZip(file, metadata.spans, target.name), target.name) as archive:
            return of_gradescope(zip_member(archive, target.name, metadata.place).read(METADATA_BYTES))
    except SubmissionError as problem:
        raise CourseError(f"{METADATA}: {problem}") from None


def _apart(groups: dict[tuple[str, ...], list[tuple[Owner, _Child]]]) -> Iterator[list[tuple[Owner, _Child]]]:
    """Each student's files and folders. Two people of one name with different ids get them into their names."""
    names = Counter(key[0] for key in groups)
    for key, group in groups.items():
        if names[key[0]] > 1 and len(key) > 1:
            yield [(replace(owner, name=f"{owner.name} ({owner.ids[0]})"), child) for owner, child in group]
        else:
            yield group


def _of_repositories(entries: list[Entry]) -> list[Entry]:
    """Where all are a class's repositories, `assignment-login`, the logins are the students."""
    if not entries or not all(not entry.inside and (entry.path / ".git").is_dir() for entry in entries):
        return entries
    prefix = login_prefix(entry.student for entry in entries)
    return [replace(entry, student=shown_name(entry.student[len(prefix) :])) for entry in entries]


def _group_entry(target: Path, group: list[tuple[Owner, _Child]]) -> Entry:
    """One student's newest attempt; the older ones are named."""
    newest = max(owner.order for owner, _ in group)
    mine = [(owner, child) for owner, child in group if owner.order == newest]
    older = sorted({child.name for owner, child in group if owner.order != newest})
    notes = (f"not read, as there is a newer attempt or a file: {_several(older)}",) if older else ()
    owner, child = mine[0]
    student = shown_name(owner.name)
    if len(mine) == 1 and not owner.base:
        return replace(_child_entry(target, child), student=student, ids=owner.ids, notes=notes)
    if any(child.lists_too_much for _, child in mine) or len(mine) > MEMBERS:
        return Entry(student, target, ".", f"{student}: too many files", ids=owner.ids)
    parts = tuple((owner.base or child.name, child.place) for owner, child in mine)
    spans = tuple(span for _, child in mine for span in child.spans)
    is_late = any(owner.is_late for owner, _ in mine)
    return Entry(student, target, spans=spans, ids=owner.ids, notes=notes, parts=parts, is_late=is_late)


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
            if (folder := _wrapper(children)) is None:
                break
            below = _top(zip_lines(file, path.name), f"{inside}{folder}/")
            if not below or (kind == "class" and _is_students(below, slugs)):
                break  # in the second case the only folder is the class's only student
            inside, children = f"{inside}{folder}/", below
            if folder == _TEAMS:
                break
    return children


def _wrapper(children: list[_Child]) -> str | None:
    """The folder that holds all the rest, if it is no student's by its name; what systems add does not count."""
    rest = [child for child in children if not _is_nobodys(child.name) or child.name == METADATA]
    if len(rest) != 1 or rest[0].kind != "folder" or owner_of(rest[0].name, True) is not None:
        return None
    return rest[0].name


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
        if child.kind == "file" and (child.name in files or _is_a_students_own(child.name, slugs)):
            return True
    return False


def _is_a_students_own(name: str, slugs: Collection[str]) -> bool:
    """Whether a loose file is a module under another name, and not one that a platform named by its student."""
    return is_python(name) and owner_of(name, False) is None and exercise_of(name, slugs) is not None


def _file_names(slugs: Collection[str]) -> set[str]:
    return {f"{slug}.py" for slug in slugs}


def _expected(slugs: Collection[str]) -> str:
    return f"no submission: expected a folder, a zip or a module ({', '.join(sorted(_file_names(slugs)))})"


def _name_of(path: Path) -> str:
    name = Path(os.path.abspath(path)).name
    stem = name if path.is_dir() else re.sub(r"\.(zip|py)$", "", name, flags=re.IGNORECASE)
    return shown_name(stem)
