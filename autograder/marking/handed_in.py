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
    """Every hand-in that `path` holds and that can be read; of several attempts in folders of times, each.

    CourseError: nothing is there.
    """
    slugs = [exercise.slug for exercise in course.exercises]
    for attempt in in_folders(find_submissions(path, slugs).entries, course.time_zone):
        with suppress(SubmissionError):
            assert isinstance(attempt.entry, Entry)
            yield attempt.entry, read_entry(attempt.entry, slugs)
