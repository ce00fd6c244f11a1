"""What `autograder` remembers in a student's folder: the last result of each exercise, and which hints were shown.

Also what it knows of the course's other assignments on this machine, whose modules this one's may use.

`.autograder/notes.json`, safe to delete at any time. A result counts only as long as the files that it came from
are the same.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from autograder import __version__
from autograder.course import Course, Exercise, vocabulary_of
from autograder.errors import CourseError
from autograder.files import write_file
from autograder.results import ExerciseResult, Outcome


@dataclass
class Note:
    """The last result of one exercise, and the hash of what it came from."""

    digest: str
    result: ExerciseResult


@dataclass
class Notes:
    """results by exercise id; hints: how many were shown, by exercise id and task."""

    results: dict[str, Note] = field(default_factory=dict)
    hints: dict[str, dict[str, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, course: Course) -> Notes:
        """What was kept; nothing where there is no file, or none that can be read."""
        import msgspec

        try:
            return msgspec.json.decode(place(course).read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            return cls()

    def write(self, course: Course) -> None:
        """Keep it. A folder that cannot be written forgets, and nothing else happens."""
        import msgspec

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
    used = [used_module(course, slug) for slug in exercise.uses]
    for path in (exercise.stub, exercise.public_checks, *used, *vocabulary_of(course.root)):
        total.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    return total.hexdigest()


def used_module(course: Course, slug: str) -> Path:
    """The student's file behind `from <slug> import …`; it may be missing.

    Of an earlier assignment it is the student's own where all its public checks held when they last ran, else what lies
    in this release's `earlier/`: nobody is held up by a piece that is wrong or was never written.
    """
    if slug in course.earlier:
        for other in other_releases(course):
            for exercise in other.exercises:
                if exercise.slug == slug and _holds(other, exercise):
                    return exercise.stub
    return course.used_module(slug)


def _holds(course: Course, exercise: Exercise) -> bool:
    result = Notes.read(course).known(course, exercise)
    return result is not None and result.outcome is Outcome.PASSED


def other_releases(course: Course) -> list[Course]:
    """The same course's other assignments that start.py was called in; those that are gone or broken are left out."""
    list_of = os.environ.get("AUTOGRADER_FOLDERS")
    if not list_of or not Path(list_of).is_file():
        return []
    releases: dict[str, Course] = {}
    for line in filter(None, Path(list_of).read_text(encoding="utf-8", errors="surrogateescape").split("\n")):
        with suppress(CourseError):
            other = Course.load(Path(line))
            releases[other.assignments[0].id] = other  # of two copies of one release the newer counts
    mine = {assignment.id for assignment in course.assignments}
    return [other for name, other in releases.items() if name not in mine and other.title == course.title]
