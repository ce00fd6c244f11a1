"""Whole classes of made-up students, as platforms, systems and browsers name what they carry: nobody is lost.

Each student hands in some of three modules, under names that may or may not be understood. Whatever becomes of them,
everyone is there once, under the roster's name, and every file is either the module that was meant or named as unread.
CLASSES=2000 tries so many, each time others.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from autograder.errors import SubmissionError
from autograder.submissions.roster import Person, matched, read_roster
from autograder.submissions.submission import Entry, Listing, Submission, find_submissions, read_entry

SLUGS = ("noisy_sample", "reverse_step", "decay")
NUMBERS = {"noisy_sample": "05", "reverse_step": "11", "decay": "03"}

# -- students ---------------------------------------------------------------------------------------

WORDS = """José Zoë Ángel anna Émile Müller Søren Đặng Иван Ольга 李 小龙 محمد हिन्दी O'Neil Anne-Marie d’Arc
Łukasz J. (Bo) Smith, Decay
Großmann Ærø İpek Ὀδυσσεύς 한글""".split()
LETTERS = st.characters(categories=("Lu", "Ll", "Lo"), max_codepoint=0x2FFF)
NAMES = st.lists(st.sampled_from(WORDS) | st.text(LETTERS, min_size=2, max_size=6), min_size=1, max_size=3)


def folded(name: str) -> str:
    """Letters alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def spelt(draw: st.DrawFn, name: str) -> str:
    """The name as another system has it; one that says another name is not taken."""
    change: list[Callable[[str], str]] = [str, str.upper, str.lower, lambda text: text.replace(" ", "  ")]
    changed = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), draw(st.sampled_from(change))(name))
    return changed if folded(changed) == folded(name) else name


@dataclass(frozen=True)
class Student:
    """One of a class. `files` are by the exercise that is meant, as they were called at home."""

    number: int
    name: str
    files: dict[str, str]
    packed: str
    folder: str
    beside: tuple[str, ...]
    older: bool

    def content(self, slug: str) -> bytes:
        if self.files[slug].endswith(".ipynb"):
            return b'{"cells": [], "nbformat": 4}'
        return f"{slug} = {self.number}\n".encode()

    def attempt_before(self) -> dict[str, bytes]:
        """Files of an attempt that does not count any more, if there was one."""
        return {f"{slug}.py": b"older = True" for slug in SLUGS} if self.older else {}

    def loose(self) -> dict[str, bytes]:
        """Files by their places below the student's own folder."""
        places = {"": "", "exercises": "exercises/NN_", "deep": "my work/week 1/"}
        prefix = places[self.folder]
        names = {
            s: f"{prefix.replace('NN', NUMBERS[s])}{s if 'NN' in prefix else ''}/{n}" for s, n in self.files.items()
        }
        return {name.lstrip("/").replace("//", "/"): self.content(slug) for slug, name in names.items()}

    def handed_in(self) -> dict[str, bytes]:
        """What is uploaded: the files, or one archive, and what lies beside them."""
        beside = dict.fromkeys(self.beside, b"\1")
        if self.packed:
            return {f"my work.{self.packed}": PACKED[self.packed](self.loose()), **beside}
        return self.loose() | beside

    def names(self, slug: str) -> set[str]:
        """What a message may call this exercise's file."""
        return {self.files[slug], f"my work.{self.packed}"} if self.packed in BROKEN else {self.files[slug]}


class Unmarked(zipfile.ZipInfo):
    """A name in UTF-8 of which nothing says so, as macOS writes it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode(), self.flag_bits


def zip_of(files: dict[str, bytes], marked: bool) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr((zipfile.ZipInfo if marked else Unmarked)(name), content)
    return packed.getvalue()


def tar_of(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


BROKEN = ("rar", "ZIP", "tgz")
PACKED: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": lambda files: zip_of(files, marked=False),
    "tar.gz": tar_of,
    "rar": lambda files: b"Rar!",
    "ZIP": lambda files: zip_of(files, marked=True)[:-30],
    "tgz": lambda files: tar_of(files)[:-20],
}
BESIDE = [".DS_Store", "README.md", "__pycache__/decay.pyc", "notes.txt", "plot.png", "test_decay.py", ".git/HEAD"]
#: How a module of an exercise may be called; the last few are not taken for it, and have to be named.
CALLED: list[Callable[[str], str]] = [
    lambda slug: f"{slug}.py",
    lambda slug: f"{slug}.py",
    lambda slug: f"{NUMBERS[slug]}_{slug}.py",
    lambda slug: f"{slug}.py.txt",
    lambda slug: f"{slug} (1).py",
    lambda slug: f"{slug}-1.py",
    lambda slug: f"{slug}.PY",
    lambda slug: f"{slug.upper()}.py",
    lambda slug: slug.replace("_", " ") + " copy.py",
    lambda slug: slug.replace("_", "-") + ".py",
    lambda slug: slug.title().replace("_", "") + ".py",
    lambda slug: f"é{slug}.py",
    lambda slug: slug.replace("_", "%20") + " (1) (2).py.txt",
    lambda slug: f"week 1 - {slug} - final.pyw",
    lambda slug: slug.replace("_", "") + " final.py",
    lambda slug: f"{slug}_old.py",
    lambda slug: f"{slug}.ipynb",
    lambda slug: slug.title().replace("_", "") + ".ipynb",
    lambda slug: slug.title().replace("_", "") + "(1).docx",
    lambda slug: f"{slug}s.py",
    lambda slug: f"solution {NUMBERS[slug]}.py",
]


@st.composite
def classes(draw: st.DrawFn) -> list[Student]:
    names = draw(st.lists(NAMES.map(" ".join), min_size=1, max_size=4))
    keys = [{folded(" ".join(w[i:] + w[:i])) for i in range(len(w))} for w in (name.split() for name in names)]
    assume(sum(map(len, keys)) == len(set().union(*keys)) and "" not in set().union(*keys))
    return [
        Student(
            number,
            name,
            {
                s: draw(st.sampled_from(CALLED))(s)
                for s in draw(st.lists(st.sampled_from(SLUGS), min_size=1, unique=True))
            },
            draw(st.sampled_from(["", "", "", "zip", "zip", "tar.gz", "tar.gz", *BROKEN])),
            draw(st.sampled_from(["", "", "exercises", "deep"])),
            tuple(draw(st.lists(st.sampled_from(BESIDE), max_size=3, unique=True))),
            draw(st.booleans()),
        )
        for number, name in enumerate(names)
    ]


# -- layouts: every file of a class by its path -----------------------------------------------------

Files = dict[str, bytes]


def plain(draw: st.DrawFn, student: Student) -> Files:
    name = spelt(draw, student.name)
    if draw(st.booleans()):
        return {f"{name}.zip": zip_of(student.loose(), draw(st.booleans()))}
    return {f"{name}/{place}": content for place, content in student.handed_in().items()}


def moodle(draw: st.DrawFn, student: Student) -> Files:
    prefix = f"{spelt(draw, student.name)}_{9000 + student.number}_assignsubmission_"
    files = {f"{prefix}file_/{place}": content for place, content in student.handed_in().items()}
    return files | ({f"{prefix}onlinetext_/onlinetext.html": b"<p>hello</p>"} if draw(st.booleans()) else {})


def moodle_flat(draw: st.DrawFn, student: Student) -> Files:
    return flat(student, f"{spelt(draw, student.name)}_{9000 + student.number}_assignsubmission_file_")


def canvas(draw: st.DrawFn, student: Student) -> Files:
    last, *others = reversed(student.name.split())
    joined = "".join(
        letter for letter in "".join([last, *reversed(others)]) if letter.isalnum() or not letter.isascii()
    )
    name = spelt(draw, joined.replace("’", ""))
    late = draw(st.sampled_from(["", "LATE_"]))
    return flat(student, f"{name}_{late}{9000 + student.number}_{7000 + student.number}_")


def blackboard(draw: st.DrawFn, student: Student) -> Files:
    prefix = f"Week 1_login{student.number}_attempt_2027-01-20-10-00-0{student.number}"
    before = f"Week 1_login{student.number}_attempt_2027-01-19-23-00-00_"
    older = {f"{before}{name}": content for name, content in student.attempt_before().items()}
    return flat(student, f"{prefix}_") | older | {f"{prefix}.txt": b"Name: somebody"}


def brightspace(draw: st.DrawFn, student: Student) -> Files:
    folder = f"{9000 + student.number}-31 - {spelt(draw, student.name)} - Jan 20, 2027"
    older = {f"{folder} 959 AM/{name}": content for name, content in student.attempt_before().items()}
    return {f"{folder} 1000 AM/{place}": content for place, content in student.handed_in().items()} | older


def teams(draw: st.DrawFn, student: Student) -> Files:
    folder = f"Submitted files/{spelt(draw, student.name)}/Week 1"
    older = {f"{folder}/Version 9/{name}": content for name, content in student.attempt_before().items()}
    return {f"{folder}/Version 10/{place}": content for place, content in student.handed_in().items()} | older


def gradescope(draw: st.DrawFn, student: Student) -> Files:
    return {f"submission_{student.number}/{place}": content for place, content in student.handed_in().items()}


def repositories(draw: st.DrawFn, student: Student) -> Files:
    files = {**student.handed_in(), ".git/HEAD": b"ref: refs/heads/main"}
    return {f"week-1-login{student.number}/{place}": content for place, content in files.items()}


def flat(student: Student, prefix: str) -> Files:
    return {f"{prefix}{place.rpartition('/')[2]}": content for place, content in student.handed_in().items()}


LAYOUTS = [plain, moodle, moodle_flat, canvas, blackboard, brightspace, teams, gradescope, repositories]
NOISE = {".DS_Store": b"\0", "__MACOSX/._x": b"\0", "desktop.ini": b"", "index.html": b"<html></html>"}


@st.composite
def laid_out(draw: st.DrawFn) -> tuple[list[Student], Files, bool, bool]:
    """Students, their class's files, whether those come as a zip, and whether its names say that they are UTF-8."""
    students, layout = draw(classes()), draw(st.sampled_from(LAYOUTS))
    files: Files = {}
    for student in students:
        files |= layout(draw, student)
    if layout is gradescope:
        who = [{":name": spelt(draw, s.name), ":sid": str(9000 + s.number)} for s in students]
        listed = {f"submission_{s.number}": {":submitters": [each]} for s, each in zip(students, who, strict=True)}
        files["submission_metadata.yml"] = yaml.safe_dump(listed, allow_unicode=draw(st.booleans())).encode()
    if draw(st.booleans()):
        files |= NOISE
    # Whether the only folder of a zip is a student's or the class's, or what of one repository's name is the login,
    # nothing tells.
    assume(layout is not repositories or len(students) > 1)
    as_zip = draw(st.booleans()) and layout is not repositories and (layout is not plain or len(students) > 1)
    return students, files, as_zip, draw(st.booleans())


def written(folder: Path, files: Files, as_zip: bool, marked: bool) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if as_zip:
        path = folder / "class.zip"
        path.write_bytes(zip_of(files, marked))
        return path
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


# -- the property -----------------------------------------------------------------------------------


def roster(folder: Path, students: list[Student]) -> tuple[Person, ...]:
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("name", "id", "login"), *((s.name, 9000 + s.number, f"login{s.number}") for s in students)]
        )
    return read_roster(folder / "roster.csv")


def each_once(listing: Listing, people: tuple[Person, ...]) -> list[Entry]:
    """Every student's entry; the roster knows them all."""
    who = matched(listing.entries, people)
    assert (listing.unowned, who.unknown, who.absent) == ((), (), ())
    entries = {entry.student: entry for entry in who.entries}
    assert len(entries) == len(who.entries) == len(people)
    return [entries[person.name] for person in people]


def outcome(entry: Entry) -> Submission:
    """What is read; where nothing can be, that is said of every exercise."""
    try:
        return read_entry(entry, SLUGS)
    except SubmissionError as problem:
        return Submission(entry.student, {}, unread=dict.fromkeys(SLUGS, str(problem)))


@settings(
    max_examples=int(os.environ.get("CLASSES", "60")),
    deadline=None,
    derandomize="CLASSES" not in os.environ,
    database=None,
    suppress_health_check=[*HealthCheck],
)
@given(laid_out())
def test_nobody_and_nothing_of_a_class_is_lost(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[list[Student], Files, bool, bool]
) -> None:
    students, files, as_zip, marked = made
    people = roster(tmp_path_factory.getbasetemp(), students)
    path = written(tmp_path_factory.getbasetemp() / "whole", files, as_zip, marked)
    for kind in ("class",) if len(students) == 1 else (None, "class"):
        entries = each_once(find_submissions(path, SLUGS, kind), people)
        for student, entry in zip(students, entries, strict=True):
            submission = outcome(entry)
            for slug in SLUGS:
                told = submission.unread.get(slug, "")
                if slug in submission.modules:
                    assert submission.modules[slug] == student.content(slug)
                elif slug in student.files:
                    assert any(name in told for name in student.names(slug)), (
                        f"{slug}: {told or 'absent, nobody is told'}"
                    )
