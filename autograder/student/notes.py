"""What `autograder` remembers in a student's folder: the last result of each exercise, and which hints were shown.

`.autograder/notes.json`, safe to delete at any time. A result counts only as long as the files that it came from
are the same.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from autograder import __version__
from autograder.course import Course, Exercise, vocabulary_of
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.results import ExerciseResult


class Note(msgspec.Struct):
    """The last result of one exercise, and the hash of what it came from."""

    digest: str
    result: ExerciseResult


class Notes(msgspec.Struct):
    """results by exercise id; hints: how many were shown, by exercise id and task."""

    results: dict[str, Note] = {}
    hints: dict[str, dict[str, int]] = {}

    @classmethod
    def read(cls, course: Course) -> Notes:
        """What was kept; nothing where there is no file, or none that can be read."""
        try:
            return msgspec.json.decode(place(course).read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            return cls()

    def write(self, course: Course) -> None:
        """Keep it. A folder that cannot be written forgets, and nothing else happens."""
        try:
            write_file(place(course), msgspec.json.encode(self))
        except (CourseError, UnicodeEncodeError):
            return

    def known(self, course: Course, exercise: Exercise) -> ExerciseResult | None:
        """The last result, if the files are still the same."""
        note = self.results.get(exercise.id)
        return note.result if note is not None and note.digest == state_digest(course, exercise) else None

    def keep(self, course: Course, exercise: Exercise, result: ExerciseResult) -> None:
        self.results[exercise.id] = Note(state_digest(course, exercise), result)


def place(course: Course) -> Path:
    return course.root / ".autograder" / "notes.json"


def state_digest(course: Course, exercise: Exercise) -> str:
    """Of all that a self-check depends on: the module, those that it uses, the checks, the vocabulary, our version."""
    total = hashlib.sha256(__version__.encode())
    used = [course.exercise(slug).stub for slug in exercise.uses]
    for path in (exercise.stub, exercise.public_checks, *used, *vocabulary_of(course.root)):
        total.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    return total.hexdigest()
