"""A student's desk: an assignment as released, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from autograder.course import Course
from autograder.release.bundle import Worth, write_parts

HALF = '''"""Half done: the root is missing, the range is not tested, and it talks."""
import numpy as np


def add_noise(x0, eps, t, alpha_bars):
    """Task 1."""
    print("level", t, "\\x1b[31m\\x1b]0;title\\x07 red")
    level = np.asarray(alpha_bars)[t]
    return level * x0 + np.sqrt(1 - level) * eps


def predict_x0(x_t, eps, t, alpha_bars):
    """Task 2."""
    raise NotImplementedError("predict_x0 is not written yet")
'''


def make_desk(folder: Path, course: Course, assignment: str = "dirty-it") -> Course:
    """The released parts of an assignment, 4 points an exercise."""
    chosen = course.assignment(assignment)
    write_parts(course, chosen, {exercise.id: Worth(4.0, 13) for exercise in chosen.exercises}, folder)
    return Course.load(folder)


def solve(desk: Course, course: Course, *names: str) -> None:
    """Write the reference solutions over the stubs."""
    for name in names:
        desk.exercise(name).stub.write_bytes(course.exercise(name).solution.read_bytes())
