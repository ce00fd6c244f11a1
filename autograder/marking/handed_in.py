"""What was handed in, found again by what the journal knows of it: the hash, whatever its folder is called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autograder.course import Course
from autograder.errors import SubmissionError
from autograder.submissions.attempts import in_folders
from autograder.submissions.submission import Entry, Submission, find_submissions, read_entry


def hand_ins(course: Course, path: Path) -> Iterator[tuple[Entry, Submission]]:
    """Every hand-in that `path` holds and that can be read; where the course has attempts, each of them.

    CourseError: nothing is there.
    """
    slugs = [exercise.slug for exercise in course.exercises]
    entries: list[Entry | str] = [*find_submissions(path, slugs).entries]
    if course.attempts is not None:
        entries = [attempt.entry for attempt in in_folders(entries, course.time_zone)]
    for entry in entries:
        with suppress(SubmissionError):
            assert isinstance(entry, Entry)
            yield entry, read_entry(entry, slugs)
