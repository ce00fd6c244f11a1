"""What the tests of nbgrader's road begin with."""

from __future__ import annotations

from pathlib import Path

import mini_course as mini
import pytest
from once import once

from autograder.course import Course


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Path]:
    """The mini course, and nbgrader's course directory after `generate_assignment`: to be copied, not changed."""
    base = once(tmp_path_factory, "generated", generate)
    return Course.load(base / "course"), base / "nbgrader"


def generate(base: Path) -> None:
    course = mini.make_course(base / "course")
    mini.run(course.root, "autograder", "release", mini.ASSIGNMENT, "--to", base / "nbgrader", "--nbgrader")
    mini.run(base / "nbgrader", "nbgrader", "generate_assignment", mini.ASSIGNMENT)
