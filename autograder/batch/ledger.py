"""The journal of a graded folder: what is graded already, and under which hashes. SQLite, append-only.

`results` has one row a (submission, exercise, suite): hashes of the module as handed in and of all else that the
result depends on, and the result as JSON. A row is never changed and never deleted, and an outcome `error` gets none.
`reported` has a row for each time that something new was written about a student, the latest last. `notes` has marks
that a person gave, and what was written about a whole class, the latest last, as JSON. Each row ends with a checksum
over all that it says, notes are numbered without a gap, and a result has to add up: a bit that flipped on a disk is
told, never a grade.

One process writes, the one that runs `grade`; it holds the file's lock for as long as it runs. The journal mode is
SQLite's classic rollback journal, not WAL: WAL needs memory that all openers share, which network file systems do
not give, and with one writer that commits a few times a second it would gain nothing. A commit is on the disk
(synchronous=FULL) before anything is written that was made from it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import msgspec

from autograder.errors import CourseError
from autograder.judge.fingerprint import digest, submission_digest
from autograder.reports.by_hand import Mark
from autograder.reports.late import HandedIn
from autograder.results import ExerciseResult, Outcome

NAME = ".ledger.sqlite"
T = TypeVar("T")
#: Of the tables below, as SQLite's user_version. A journal of another form is not read.
FORM = 2

_SCHEMA = """
CREATE TABLE IF NOT EXISTS results (
    submission TEXT NOT NULL, exercise TEXT NOT NULL, suite TEXT NOT NULL, result BLOB NOT NULL, checksum TEXT NOT NULL,
    PRIMARY KEY (submission, exercise, suite)
);
CREATE TABLE IF NOT EXISTS reported (
    number INTEGER PRIMARY KEY, student TEXT NOT NULL, exercise TEXT NOT NULL, submission TEXT NOT NULL,
    suite TEXT NOT NULL, checksum TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reported_student ON reported (student, exercise);
CREATE TABLE IF NOT EXISTS notes (
    kind TEXT NOT NULL, number INTEGER NOT NULL, note BLOB NOT NULL, checksum TEXT NOT NULL,
    PRIMARY KEY (kind, number)
);
"""


class Busy(CourseError):
    """Another process holds the journal."""


class Key(NamedTuple):
    """What a result belongs to: see `fingerprint`."""

    submission: str
    exercise: str
    suite: str


@dataclass(frozen=True)
class Told:
    """What was written about one student: exercise by exercise a result's key, or an `error`, which has none.

    `next_token`: when the student sees again what breaks hidden checks, empty where they do (`grading.tokens`).
    """

    student: str
    results: tuple[Key | ExerciseResult, ...]
    problems: tuple[str, ...] = ()
    attempt: int = 1  # how many hand-ins there were
    next_token: str = ""


@dataclass(frozen=True)
class ClassRecord:
    """What `grade` wrote about a class, and what it knew of it: enough to write it again without what was handed in.

    `counterexamples` and `counterexamples_from` as in course.yml; `ids` of the roster, by student; `times` by
    `student_key`, None where the roster has none.
    """

    level: str
    versions: dict[str, str]
    counterexamples: int | None
    exercises: tuple[str, ...]
    students: tuple[Told, ...]
    ids: dict[str, str] = field(default_factory=dict)
    times: dict[str, HandedIn] | None = None
    counterexamples_from: int = 1


class Ledger:
    """The journal at `path`, or one for this run only. A context manager.

    CourseError: it is locked by another run, damaged, a link, of another kind, or the disk is full or read-only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        with self._explained():
            if path is not None:
                _make(path)
            # "" is a private file of SQLite's own, gone with the connection
            self._db = sqlite3.connect(str(path or ""), timeout=1.0, isolation_level=None)
            try:
                self._open()
            except BaseException:
                self._db.close()
                raise

    def _open(self) -> None:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = DELETE", "synchronous = FULL"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("BEGIN EXCLUSIVE")  # kept until close: a second run is told at once
        self._require_form()
        for statement in _SCHEMA.split(";"):
            self._db.execute(statement)
        self._db.execute("COMMIT")
        if (said := self._db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(said)

    def _require_form(self) -> None:
        """A new file becomes one of this form."""
        (form,) = self._db.execute("PRAGMA user_version").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not tables:
            self._db.execute(f"PRAGMA user_version = {FORM}")
        elif form != FORM:
            raise sqlite3.DatabaseError(f"it is of form {form}, this version of autograder writes form {FORM}")

    def has(self, key: Key) -> bool:
        with self._explained():
            return self._db.execute(f"SELECT 1 FROM results WHERE {_KEY}", key).fetchone() is not None

    def result(self, key: Key) -> ExerciseResult | None:
        """The result that was kept, None if there is none. CourseError: the row is damaged."""
        with self._explained():
            row = self._db.execute(f"SELECT result, checksum FROM results WHERE {_KEY}", key).fetchone()
            if row is None:
                return None
            _require_whole(row, *key)
            try:
                return result_from(row[0])
            except msgspec.MsgspecError as problem:
                raise sqlite3.DatabaseError(f"a result that cannot be read: {problem}") from None

    def add(self, results: Iterable[tuple[Key, ExerciseResult]]) -> None:
        """Keep results, all or none. One that is there already stays as it is. ValueError: one is an `error`."""
        rows = [_checked(*key, result_bytes(result)) for key, result in results if _is_done(result)]
        with self._explained(), self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?)", rows)

    def last_reported(self, student: str, exercise: str) -> Key | None:
        """What this student was last told about an exercise. CourseError: a row is damaged."""
        told = self.history(student, exercise)
        return told[-1] if told else None

    def round(self, student: str, exercise: str, submission: str) -> int:
        """Which version of an exercise this is, from 1, among those that the student has been told about."""
        told = (key.submission for key in self.history(student, exercise))
        versions = [version for version in dict.fromkeys(told) if version != submission_digest(None)]
        return (versions.index(submission) if submission in versions else len(versions)) + 1

    def history(self, student: str, exercise: str) -> list[Key]:
        """All that this student was told about an exercise, in order. CourseError: a row is damaged."""
        query = f"SELECT {_REPORTED} FROM reported WHERE student = ? AND exercise = ? ORDER BY number"
        with self._explained():
            return [_report_of(row)[1] for row in self._db.execute(query, (student, exercise)).fetchall()]

    def told(self) -> Iterator[tuple[str, ExerciseResult]]:
        """What every student was told last, exercise by exercise. CourseError: a row is damaged."""
        latest = "SELECT MAX(number) FROM reported GROUP BY student, exercise"
        query = f"SELECT {_REPORTED} FROM reported WHERE number IN ({latest}) ORDER BY student, exercise"
        with self._explained():
            rows = [_report_of(row) for row in self._db.execute(query).fetchall()]
        for student, key in rows:
            if (result := self.result(key)) is not None:
                yield student, result

    def report(self, told: Iterable[tuple[str, Key]]) -> None:
        """Note what was written about students, where it is news."""
        news = [(name, key) for name, key in told if self.last_reported(name, key.exercise) != key]
        with self._explained(), self._transaction():
            (last,) = self._db.execute("SELECT COALESCE(MAX(number), 0) FROM reported").fetchone()
            rows = [_checked(last + i, name, *key) for i, (name, key) in enumerate(news, 1)]
            self._db.executemany(f"INSERT INTO reported ({_REPORTED}) VALUES (?, ?, ?, ?, ?, ?)", rows)

    def marks(self) -> list[Mark]:
        """Every mark that was ever given, the latest last. CourseError: a row is damaged."""
        return [self._decoded(note, Mark) for note in self._notes("mark")]

    def mark(self, marks: Iterable[Mark]) -> None:
        """Keep marks, all or none."""
        self._note("mark", [msgspec.json.encode(mark) for mark in marks])

    def class_record(self) -> ClassRecord | None:
        """What was written last about the class; None if nothing was. CourseError: a row is damaged."""
        notes = self._notes("class")
        return self._decoded(notes[-1], ClassRecord) if notes else None

    def record_class(self, record: ClassRecord) -> None:
        """Note what was written about the class, where it is news."""
        note = _json(record)
        if self._notes("class")[-1:] != [note]:
            self._note("class", [note])

    def _notes(self, kind: str) -> list[bytes]:
        with self._explained():
            query = "SELECT number, note, checksum FROM notes WHERE kind = ? ORDER BY number"
            rows = self._db.execute(query, (kind,)).fetchall()
            for row in rows:
                _require_whole(row, kind)
            if [number for number, _, _ in rows] != list(range(1, len(rows) + 1)):
                raise sqlite3.DatabaseError("a row is gone")
            return [note for _, note, _ in rows]

    def _note(self, kind: str, notes: Sequence[bytes]) -> None:
        with self._explained(), self._transaction():
            (last,) = self._db.execute("SELECT count(*) FROM notes WHERE kind = ?", (kind,)).fetchone()
            rows = [_checked(kind, last + i, note) for i, note in enumerate(notes, 1)]
            self._db.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", rows)

    def _decoded(self, note: bytes, kind: type[T]) -> T:
        with self._explained():
            try:
                return msgspec.json.decode(note, type=kind)
            except msgspec.MsgspecError as problem:
                raise sqlite3.DatabaseError(f"a note that cannot be read: {problem}") from None

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors as what went wrong and what to do."""
        try:
            yield
        except OSError as problem:
            raise CourseError(
                f"{self._path}: cannot be written: {problem.strerror}. Choose another --out, or make it writable."
            ) from None
        except sqlite3.OperationalError as problem:
            kind = Busy if "locked" in str(problem) else CourseError
            raise kind(f"{self._path}: {problem}. {_remedy(str(problem))}") from None
        except sqlite3.DatabaseError as problem:
            raise CourseError(
                f"{self._path}: the journal is damaged: {' '.join(str(problem).split())}. {_ANEW}"
            ) from None


_ANEW = "Move it away and grade again: all is graded anew. What was marked by hand is in marks.csv: give it to `marks`."
_KEY = "submission = ? AND exercise = ? AND suite = ?"
_REPORTED = "number, student, submission, exercise, suite, checksum"


def _make(path: Path) -> None:
    """The file, if there is none: it holds what only instructors may read. What is behind a link is not ours."""
    for name in (path, path.with_name(f"{path.name}-journal")):
        if name.is_symlink():
            raise CourseError(f"{name}: the journal is a link. Move it away and grade again.")
    opened = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        status = os.fstat(opened)
    finally:
        os.close(opened)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        raise CourseError(f"{path}: the journal is a link, or no plain file. Move it away and grade again.")


def _checked(*fields: Any) -> tuple[Any, ...]:
    """A row, with its checksum at the end."""
    return (*fields, digest(*(field if isinstance(field, bytes) else str(field) for field in fields)))


def _require_whole(row: tuple[Any, ...], *before: Any) -> None:
    """Raise where what a row says, after fields that were asked for, is not what was written."""
    *fields, _ = row
    if not all(isinstance(field, str | bytes | int) for field in fields) or _checked(*before, *fields)[-1] != row[-1]:
        raise sqlite3.DatabaseError("a row is not what was written")


def _report_of(row: tuple[Any, ...]) -> tuple[str, Key]:
    """The student and what was told, of a row of `reported`."""
    _require_whole(row)
    _, student, *key, _ = row
    return student, Key(*key)


def _is_done(result: ExerciseResult) -> bool:
    if result.outcome is Outcome.ERROR or result.points is None:
        raise ValueError(f"{result.exercise}: an error is no result; it is graded again")
    return True


def _remedy(problem: str) -> str:
    if "locked" in problem:
        return "Another run grades into this folder. Wait for it, or give another --out."
    if "full" in problem or "I/O" in problem:
        return "Make room on the disk and run the same command again: what was graded is kept."
    if "readonly" in problem or "unable to open" in problem:
        return "Choose another --out, or make it writable."
    return _ANEW


def result_bytes(result: ExerciseResult) -> bytes:
    """As JSON; equal results give equal bytes. Half characters, which a student's text may hold, become `?`."""
    return _json(result)


def _json(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_whole(msgspec.to_builtins(value)))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _whole(entry) for key, entry in value.items()}
    return [_whole(entry) for entry in value] if isinstance(value, list | tuple) else value


def result_from(data: bytes) -> ExerciseResult:
    """The inverse of `result_bytes`. Raises msgspec.MsgspecError, also for points that do not add up."""
    result = msgspec.json.decode(data, type=ExerciseResult)
    if result.points is not None and not _adds_up(result):
        raise msgspec.ValidationError(f"the points of {result.exercise} are not the sum of its checks")
    return result


def _adds_up(result: ExerciseResult) -> bool:
    """Whether points follow from the checks' outcomes. One without checks (not submitted, not loaded) has none."""
    earned = [check.max_points if check.outcome is Outcome.PASSED else 0.0 for check in result.checks]
    possible = sum(check.max_points for check in result.checks) if result.checks else result.max_points
    return (
        [check.points for check in result.checks] == earned
        and result.points == sum(earned)
        and result.max_points == possible
    )
