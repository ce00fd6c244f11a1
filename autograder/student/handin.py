"""The zip to hand in: one assignment's modules, nothing else."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Assignment
from autograder.errors import SubmissionError
from autograder.files import write_file, zip_bytes
from autograder.student.selfcheck import MAX_MODULE


def write_zip(assignment: Assignment, path: Path) -> list[str]:
    """Write the modules in place as `exercises/NN_slug/slug.py`. Returns the names of those that are missing.

    The same files give the same bytes. SubmissionError: there is no module at all, or one is over 1,020 KiB.
    CourseError: the zip cannot be written.
    """
    files, missing = [], []
    for exercise in assignment.exercises:
        if not exercise.stub.is_file():
            missing.append(exercise.stub.name)
            continue
        source = exercise.stub.read_bytes()
        if len(source) > MAX_MODULE:
            raise SubmissionError(f"{exercise.stub}: {len(source):,} bytes, allowed: {MAX_MODULE:,}")
        files.append((f"exercises/{exercise.id}/{exercise.stub.name}", source))
    if len(missing) == len(assignment.exercises):
        raise SubmissionError(f"no module of {assignment.id} is here: {', '.join(missing)}")
    write_file(path, zip_bytes(files, packed=False))  # a page in a browser writes the same bytes, and cannot pack
    return missing
