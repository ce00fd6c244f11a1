"""The public checks told to others: a table in Markdown, and Classroom 50's result.json. Neither holds marks.

result.json is the contract `classroom50/result/v1` of https://github.com/foundation50/classroom50/wiki/Advanced-Autograding.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import CourseError
from autograder.files import write_file
from autograder.reports.text import one_line
from autograder.results import CheckResult, Outcome
from autograder.student.selfcheck import Checked
from autograder.student.told import UNVERIFIED, state

#: Of result.json, by the variables that Classroom 50's runner sets.
_TOLD = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}


def append_summary(path: Path, listed: Sequence[Checked]) -> None:
    """Append a table to `path`, as GitHub wants its step summaries. CourseError: it cannot be written."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join([*summary(listed), ""]))
    except OSError as problem:
        raise CourseError(f"{path}: cannot be written: {problem.strerror}") from None


def summary(listed: Sequence[Checked]) -> Iterator[str]:
    """A row an exercise: what holds, and the first law that does not. Nothing that students' code said is in it."""
    yield "## Public checks"
    yield ""
    yield "| | exercise | state | checks that hold | the first that does not |"
    yield "|---|---|---|---|---|"
    for checked in listed:
        checks = checked.result.checks
        broken = next((check.law for check in checks if check.outcome is not Outcome.PASSED), "")
        held = f"{checked.held} of {len(checks)}" if checks else "none could run"
        mark = "✅" if checked.is_done else "❌" if checked.is_begun else "⬜"
        name = f"{checked.exercise.id} {checked.exercise.title}"
        yield f"| {mark} | {_cell(name)} | {_cell(state(checked))} | {held} | {_cell(broken)} |"
    yield ""
    yield f"{_cell(UNVERIFIED)}; more checks grade it."
    yield ""


def _cell(text: str) -> str:
    """Text as it is, in a cell of a table in Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>()#|~$])", r"\\\1", one_line(text))


def write_result(path: Path, listed: Sequence[Checked]) -> None:
    """Write result.json: a test a check, worth 1; an exercise that does not load has a single one.

    CourseError: a variable that the runner sets is not there, or the file cannot be written.
    """
    if lacks := [variable for variable in _TOLD.values() if variable not in os.environ]:
        raise CourseError(f"--classroom50 is for Classroom 50's runner, which sets {', '.join(lacks)}")
    told = {key: os.environ[variable] for key, variable in _TOLD.items()}
    tests = [test for checked in listed for test in _tests(checked)]
    result = {
        "schema": "classroom50/result/v1",
        **told,
        "review": os.environ.get("REVIEW_URL") or told["commit"],
        "datetime": _submitted().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(int(test["passed"]) for test in tests),
        "max-score": len(tests),
        "tests": tests,
    }
    write_file(path, json.dumps(result, indent=2, ensure_ascii=False) + "\n")


def _tests(checked: Checked) -> Iterator[dict[str, str | int | bool]]:
    exercise = checked.exercise.id
    checks: Sequence[CheckResult | None] = checked.result.checks or (None,)
    for check in checks:
        passed = check is not None and check.outcome is Outcome.PASSED
        name = f"{exercise}: {one_line(check.law) if check else state(checked)}"
        yield {"test-name": name, "passed": passed, "score": int(passed), "max-score": 1}


def _submitted() -> datetime:
    """When the graded commit was made; now, where git does not tell."""
    asked = ["git", "show", "--no-patch", "--format=%ct", "HEAD"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
        return datetime.fromtimestamp(int(done.stdout), UTC)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return datetime.now(UTC)
