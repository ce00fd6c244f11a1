"""A template repository of an assignment: the students' folder, and what GitHub and editors read beside it."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import CourseError
from autograder.release import folder
from autograder.release.wheel import wheel_name

WORKFLOW = ".github/workflows/checks.yml"
CLASSROOM = ".github/classroom50/autograder.py"
_INSTALL = "python -m pip install --constraint constraints.txt ./{wheel}"
_WORKFLOW = """\
# The public checks at every push, as a table in the run's summary. No marks: whoever owns the repository owns this run.
name: public checks
on: [push, workflow_dispatch]
permissions:
  contents: read
jobs:
  checks:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - name: set up
        run: {install}
      - name: public checks
        run: autograder check --summary "$GITHUB_STEP_SUMMARY"
"""
_CLASSROOM = '''\
"""For Classroom 50: the public checks as result.json.

The instructor puts this file into the classroom's own repository, as CLASSROOM/autograders/ASSIGNMENT/autograder.py.
A point stands for a check that holds, and is no mark: the code that is checked runs beside this program, and whoever
owns the repository owns the run.
"""

import subprocess
import sys

INSTALL = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", "constraints.txt", "./{wheel}"]
CHECK = [sys.executable, "-m", "autograder", "check", "--classroom50", "result.json"]

if subprocess.run(INSTALL).returncode:
    sys.exit(1)  # the runner calls this an error, and not a score
sys.exit(int(subprocess.run(CHECK).returncode > 1))
'''
_NOTE = """
## In this repository
Every push runs the checks that lie here; *Actions* on the repository's page shows a table of what holds. In an editor
that reads `.vscode/` the checks stand in the test explorer, and `.devcontainer/` opens the course with everything in it
(a codespace, say). The table gives no marks: those come from more checks, run elsewhere.
"""


def release(course: Course, assignment: Assignment, to: Path) -> Path:
    """Write the template into `to`, a new or empty folder. Returns `to`. CourseError: as `folder.release`."""
    if to.suffix == ".zip":
        raise CourseError(f"{to}: a template repository is a folder. Give a new one.")
    return folder.release(course, assignment, to, files(course, assignment), _NOTE)


def files(course: Course, assignment: Assignment) -> dict[str, str]:
    """What lies beside the students' folder, by name."""
    install = _INSTALL.format(wheel=wheel_name())
    container = {
        "name": f"{course.title}: {assignment.title}",
        "image": "python:3.13-bookworm",
        "postCreateCommand": install.replace(".whl", ".whl[pictures,watch]").replace("./", "'./") + "'",
        "customizations": {"vscode": {"extensions": ["ms-python.python"]}},
    }
    editor = {
        "python.testing.pytestEnabled": True,
        "python.testing.unittestEnabled": False,
        "python.testing.pytestArgs": ["exercises"],
    }
    return {
        WORKFLOW: _WORKFLOW.format(install=install),
        CLASSROOM: _CLASSROOM.format(wheel=wheel_name()),
        ".devcontainer/devcontainer.json": _json(container),
        ".vscode/settings.json": _json(editor),
        ".vscode/extensions.json": _json({"recommendations": ["ms-python.python"]}),
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
