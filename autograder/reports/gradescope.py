"""results.json as Gradescope's autograder specification has it.

https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format. All text is sent as `text`, so
that nothing of a student's is rendered. Gradescope hides a student's total as long as any test is hidden from
them, and `hidden` is for tests without points; hidden checks therefore appear `after_published`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from autograder.errors import GraderError
from autograder.files import remove_file, write_file
from autograder.reports.text import diagnosed, explanation, one_line, plain, remark, summary
from autograder.results import CheckResult, ExerciseResult, Outcome, Report
from autograder.versions import untested

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]


def write_results(path: Path, report: Report, hidden: Visibility = "after_published") -> None:
    """Write results.json; errors as in `results`. An older file goes when there is none to put in its place.

    CourseError: the folder cannot be written.
    """
    try:
        content = json.dumps(results(report, hidden), indent=2, allow_nan=False, ensure_ascii=False)
    except GraderError:
        remove_file(path)
        raise
    write_file(path, content + "\n")


def results(report: Report, hidden: Visibility = "after_published") -> dict[str, Any]:
    """The content of results.json; `hidden` is when students see hidden checks.

    `score` is the final mark, and before there is one what checks, and a person so far, gave; Gradescope takes it, not
    the sum of the tests. `output` says how many points are still to come. GraderError: an exercise is in error, and so
    there is no score to tell.
    """
    errors = [one_line(r.exercise) for r in report.exercises if r.outcome is Outcome.ERROR or r.points is None]
    if errors:
        raise GraderError(
            f"{one_line(report.student)}: no results.json, the grader failed in {', '.join(errors)}. "
            "Mend the cause and grade again."
        )
    return {
        "score": report.final.mark if report.final else round(report.earned, 6),
        "output": _output(report),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "lockdown": one_line(report.level),
            "versions": report.versions,
            "untested": list(untested(report.versions)),
        },
        "tests": [test for result in report.exercises for test in (*_tests(result, hidden), *_by_hand(report, result))],
    }


def _output(report: Report) -> str:
    lines = [f"{summary(report)}.", *(plain(problem) for problem in report.problems)]
    lines += [f"{one_line(r.exercise)}: {remark(r)}" for r in report.exercises if remark(r, report.problems)]
    return plain("\n".join(lines), 20_000)


def _tests(result: ExerciseResult, hidden: Visibility) -> Iterator[dict[str, Any]]:
    if not result.checks:
        yield _whole(result)
    told = False
    for check in result.checks:
        failed = check.outcome in (Outcome.FAILED, Outcome.TIMEOUT)
        diagnoses = result.diagnoses if failed and not told else ()
        told = told or failed
        yield _test(result, check, explanation(check, diagnoses), hidden)


def _by_hand(report: Report, result: ExerciseResult) -> Iterator[dict[str, Any]]:
    """A test for what a person gave: it has no status, as nothing passed or failed."""
    given = report.by_hand.get(result.exercise)
    if given is not None and given.points is not None:
        yield {
            "name": f"{one_line(result.exercise)}: by hand",
            "name_format": "text",
            "score": round(given.points, 6),
            "max_score": round(given.max_points, 6),
            "output": plain(given.comment),
            "output_format": "text",
            "visibility": "visible",
        }


def _test(result: ExerciseResult, check: CheckResult, output: str, hidden: Visibility) -> dict[str, Any]:
    return {
        "name": f"{one_line(result.exercise)}: {one_line(check.law)}",
        "name_format": "text",
        "score": round(check.points, 6),
        "max_score": round(check.max_points, 6),
        "status": "passed" if check.outcome is Outcome.PASSED else "failed",
        "output": output,
        "output_format": "text",
        "visibility": "visible" if check.public else hidden,
    }


def _whole(result: ExerciseResult) -> dict[str, Any]:
    """One test for an exercise of which no check ran: not submitted, or its module did not load."""
    lines = [plain(result.message) or "Not submitted."]
    lines += [line for diagnosis in result.diagnoses for line in diagnosed(diagnosis)]
    return {
        "name": one_line(result.exercise),
        "name_format": "text",
        "score": round(result.points or 0.0, 6),
        "max_score": round(result.max_points, 6),
        "status": "passed" if result.outcome is Outcome.PASSED else "failed",
        "output": "\n".join(lines),
        "output_format": "text",
        "visibility": "visible",
    }
