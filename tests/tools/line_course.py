"""A course of two quick exercises with its own vocabulary, and a class: for tests of what happens around grading."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import courses
import msgspec

from autograder.course import Course

COURSE = """\
title: Lines
grading: {level: basic, seed: 7, shrink_calls: 60}
limits: {cpu_seconds: 2, memory_mib: 256}
assignments:
  - id: only
    title: Only
    due: 2027-01-22T23:59:00+00:00
    exercises:
      - {id: 01_line, title: A line}
      - {id: 02_double, title: Twice}
"""
CHECKS = '''\
import numpy as np
from hypothesis import given
from autograder.checks import assert_close, check
from vocabulary.points import points

@check(points=1, hint="Look at zero.")
def test_{name}_of_zero(submission):
    """At zero it is {offset}."""
    assert_close(submission.{name}(0.0), {offset})
'''
HIDDEN = '''
@check(points=2, hint="Look at the slope.", examples=15)
@given(x=points())
def test_{name}_slope(submission, x):
    """It rises by 2."""
    assert_close(submission.{name}(x), 2 * x + {offset}, atol=1e-12, what="{name}")
'''
VOCABULARY = '''\
"""Strategies in the words of this course."""

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


def points():
    """Places on the axis: float64 `(4,)`."""
    return hnp.arrays("float64", 4, elements=st.integers(-64, 64).map(lambda k: k / 64))
'''
SOLUTION = '''\
"""Task 1."""


def {name}(x):
    ### BEGIN SOLUTION
    return 2 * x + {offset}
    ### END SOLUTION
'''
MUTANTS = """\
- name: triple
  misconception: it rises by 3
  hint: Count again.
  edit: {old: "2 * x", new: "3 * x"}
  caught_by: [SLOPE]
"""
EXERCISES = {"01_line": ("line", 1.0), "02_double": ("double", 0.0)}
MAIN = "import sys; from autograder.cli import main; sys.exit(main())"
SOURCES = {  # what students write for the line, and its points
    "right": ("def line(x):\n    return 2 * x + 1.0\n", 3.0),
    "right_too": ("def line(x):\n    return x + x + 1\n", 3.0),
    "triple": ("def line(x):\n    return 3 * x + 1.0\n", 1.0),
    "in_part": ("def line(x):\n    return 2 * x + 1.0 + (abs(x) > 0.5)\n", 1.0),
    "flat": ("def line(x):\n    return 0 * x\n", 0.0),
    "broken": ("def line(x)\n", 0.0),
    "address": ("class Odd: pass\ndef line(x):\n    raise ValueError(f'{Odd()} {set(dir())}')\n", 0.0),
    "chance": ("import numpy as np\ndef line(x):\n    return x + np.random.default_rng().normal()\n", 0.0),
}


def make_course(folder: Path) -> Course:
    """The course, whole enough to be graded."""
    files = {"vocabulary/points.py": VOCABULARY}
    for name, (function, offset) in EXERCISES.items():
        values = {"name": function, "offset": offset}
        public, hidden = CHECKS.format(**values), HIDDEN.format(**values)
        files |= {
            f"solutions/{name}.py": SOLUTION.format(**values),
            f"exercises/{name}/test_{function}.py": public,
            f"tests/exercises/{name}/test_{function}_hidden.py": public.split("@check")[0] + hidden,
            f"tests/exercises/{name}/mutants.yml": MUTANTS.replace("SLOPE", f"test_{function}_slope"),
        }
    return courses.write(folder, COURSE, files)


def write_class(folder: Path, copies: int = 1) -> dict[str, float]:
    """`copies` of each kind of student, no two modules alike. Returns each student's points for the line."""
    points = {}
    for number in range(copies):
        for kind, (source, earned) in SOURCES.items():
            student = f"{kind}_{number}"
            points[student] = earned
            (folder / student).mkdir(parents=True)
            (folder / student / "line.py").write_text(f"{source}# {number}\n", encoding="utf-8")
            if number % 2:
                (folder / student / "double.py").write_text("def double(x):\n    return x + x\n", encoding="utf-8")
    return points


def command(course: Path, *arguments: object) -> list[str]:
    """The command line as its users run it, in a process of its own."""
    return [sys.executable, "-c", MAIN, "--course", str(course), *map(str, arguments)]


def run(course: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(course, *arguments), capture_output=True, text=True, timeout=300, check=False)


def outputs(out: Path) -> dict[str, Any]:
    """All that was written, by name, but for the journal."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and not path.name.startswith(".ledger"):
            found[str(path.relative_to(out))] = path.read_bytes()
    return found


def points_of(out: Path) -> dict[str, str]:
    """Each student's points for the line, as grades.csv says it; fails on a student who is there twice."""
    with (out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] == "line"]
    assert len({row["student"] for row in rows}) == len(rows)
    return {row["student"]: row["points"] for row in rows}


def without_times(result: bytes) -> bytes:
    """A result of the journal without CPU seconds."""
    value = msgspec.json.decode(result)
    for check in value["checks"]:
        del check["cpu_seconds"]
    return msgspec.json.encode(value)
