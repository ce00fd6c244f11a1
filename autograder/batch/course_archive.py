"""The course as one value: a zip for those who grade on another machine, and a hash that names it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from autograder.course import Course
from autograder.files import zip_bytes
from autograder.judge.fingerprint import digest

_ROOTS = ("exercises", "solutions", "tests/exercises", "vocabulary")


def pack(course: Course) -> bytes:
    """What grading needs: course.yml, exercises, solutions, hidden checks, vocabulary, data.

    Equal courses: equal bytes. Raises CourseError: a file of the data is not there.
    """
    course.given.check_data()
    files = [course.root / "course.yml", *course.given.data.values()]
    for root in _ROOTS:
        files += [path for path in (course.root / root).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return zip_bytes((path.relative_to(course.root).as_posix(), path.read_bytes()) for path in sorted({*files}))


def name_of(packed: bytes) -> str:
    """The hash under which an archive is known."""
    return digest(packed)


def unpack(packed: bytes, place: str | None = None) -> tempfile.TemporaryDirectory[str]:
    """Into a private folder (in `place`), in one named by the archive's hash, which is the course's root.

    The folder goes with the object that is returned. Archives come from the machine that grades, never from a student.
    """
    private = tempfile.TemporaryDirectory(prefix="autograder-", dir=place, ignore_cleanup_errors=True)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(Path(private.name) / name_of(packed))
    return private
