"""A small course of the course's own exercises, one of them with prose, in a folder of its own; nbgrader around it."""

from __future__ import annotations

import html
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import courses

from autograder.course import Course

ASSIGNMENT = "demo"
CODE, PROSE = "schedules", "explain_slowness"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
COURSE = """\
title: Mini course
late: {grace_minutes: 30, penalty_per_day: 0.1, max_days: 5}
assignments:
  - id: demo
    title: A demo
    due: 2027-01-15T23:59:00+00:00
    exercises:
      - {id: 04_schedules, title: Noise schedules}
      - {id: 23_explain_slowness, title: Why it is slow, by_hand: 3}
"""
IN_TIME, A_DAY_AND_A_HALF_LATE = "2027-01-15 20:00:00 UTC", "2027-01-17 10:00:00 UTC"


def make_course(folder: Path) -> Course:
    """The mini course, its exercises copied from the real one."""
    return courses.copy(folder, COURSE, ("04_schedules", "23_explain_slowness"))


def references(course: Course) -> dict[str, str]:
    return {e.slug: e.solution.read_text(encoding="utf-8") for e in course.exercises}


def with_prose(course: Course, literal: str) -> str:
    """The reference of the exercise with prose, saying `EXPLANATION = literal` instead."""
    source = references(course)[PROSE]
    start, end = source.index("EXPLANATION = ("), source.index("### END SOLUTION")
    return f"{source[:start]}EXPLANATION = {literal}\n{source[end:]}"


def hand_in(
    directory: Path, course: Course, student: str, modules: Mapping[str, str | None], when: str = IN_TIME
) -> Path:
    """submitted/student/…: as released, with these modules in place of the stubs. None: the module is deleted."""
    assignment = course.assignments[0].id
    folder = directory / "submitted" / student / assignment
    shutil.copytree(directory / "source" / assignment, folder)
    write_modules(folder, course, modules)
    (folder / "timestamp.txt").write_text(when)
    return folder


def write_modules(folder: Path, course: Course, modules: Mapping[str, str | None]) -> None:
    for slug, source in modules.items():
        path = folder / "exercises" / course.exercise(slug).id / f"{slug}.py"
        if source is None:
            path.unlink()
        else:
            path.write_text(source, encoding="utf-8")


def run(directory: Path, *command: str | Path, code: int | None = 0, timeout: float = 300) -> str:
    """A real command of the environment, in `directory`. Returns all its output; its exit code must be `code`."""
    program, *arguments = map(str, command)
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *arguments],
        cwd=directory,
        env=environment(directory),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )
    assert code is None or done.returncode == code, done.stdout[-3000:]
    return done.stdout


def environment(directory: Path) -> dict[str, str]:
    """Nothing of this machine's configuration; no folder of the environment's programs on PATH, where alembic lies."""
    names = ("LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START", "AUTOGRADER_CACHE")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "PATH": "/usr/bin:/bin", "HOME": str(directory), "JUPYTER_PREFER_ENV_PATH": "1"}


Rows = dict[tuple[str, str], dict[str, Any]]


def grades(database: Path) -> Rows:
    """What the gradebook says of each student's cell, read without nbgrader."""
    query = """
        select s.student_id, cell.name as cell, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade,
               n.late_submission_penalty as penalty, s.timestamp
        from grade g join submitted_notebook n on n.id = g.notebook_id
        join submitted_assignment s on s.id = n.assignment_id join base_cell cell on cell.id = g.cell_id"""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        found = {(row["student_id"], row["cell"]): dict(row) for row in connection.execute(query)}
    connection.close()
    return found


def evidence(directory: Path, student: str) -> str:
    """What the autograded notebook shows below the cell of PROSE's explanation; empty where it shows nothing there."""
    path = directory / "autograded" / student / ASSIGNMENT / NOTEBOOK
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    (cell,) = cells[names.index(f"{PROSE}-explanation") + 1 :][:1] or [{"source": [], "metadata": {}}]
    return html.unescape("".join(cell["source"])) if "autograder_evidence" in cell["metadata"] else ""


def change(database: Path, statement: str, *values: object) -> None:
    """What a human, or an accident, does to the gradebook."""
    with sqlite3.connect(database) as connection:
        connection.execute(statement, values)
    connection.close()


def mark(database: Path, student: str, cell: str, score: float, extra: float | None = None) -> None:
    """A human marks a cell as the formgrader does: manual_score set, needs_manual_grade cleared."""
    change(
        database,
        """update grade set manual_score = ?, extra_credit = ?, needs_manual_grade = 0 where id in (
            select g.id from grade g join submitted_notebook n on n.id = g.notebook_id
            join submitted_assignment s on s.id = n.assignment_id join base_cell c on c.id = g.cell_id
            where s.student_id = ? and c.name = ?)""",
        score,
        extra,
        student,
        cell,
    )
