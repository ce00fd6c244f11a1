"""pytest plugin: the `submission` fixture, so that the checks of the course run under plain pytest too.

Without options it is the reference solution (in a student's bundle: the stub in place); with
`--submission FILE` it is that file, run in the runner as in grading.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.errors import CourseError
from autograder.judge.undo_edits import Shield
from autograder.runner.session import InProcess
from autograder.sources import load_reference


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--submission",
        metavar="FILE",
        default=None,
        help="run the checks on this module instead of the reference",
    )


def pytest_collect_file(file_path: Path) -> None:
    """Checks may import their course's `vocabulary`."""
    root = next((folder for folder in file_path.parents if (folder / "course.yml").is_file()), None)
    if root is not None and (root / "vocabulary").is_dir() and str(root) not in sys.path:
        sys.path.append(str(root))


@pytest.fixture(scope="module")
def submission(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The module under test, for the exercise in whose folder the check lies."""
    course = Course.find(Path(str(request.path)).parent)
    try:
        exercise = course.exercise(Path(str(request.path)).parent.name)
    except CourseError as problem:
        pytest.fail(str(problem), pytrace=False)
    chosen = request.config.getoption("--submission")
    if chosen is None:
        yield Shield(InProcess(load_reference(exercise)))
        return
    path = Path(chosen)
    if not path.is_file():
        raise pytest.UsageError(f"--submission {chosen}: no such file")
    from autograder.runner.runners import open_student

    with open_student(course, exercise, path.read_bytes()) as student:
        yield Shield(student)
