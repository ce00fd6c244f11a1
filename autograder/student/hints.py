"""Tiered hints, one at a time: HINTS.md, and which task a student is at."""

from __future__ import annotations

import ast
import re

from autograder.course import Exercise
from autograder.errors import CourseError
from autograder.results import ExerciseResult, Outcome


def hints_by_task(text: str) -> dict[str, list[str]]:
    """The numbered hints below each `## Task N` of a HINTS.md."""
    tasks: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        if heading := re.match(r"## Task (\d+)", line):
            current = tasks.setdefault(heading.group(1), [])
        elif current is not None and (numbered := re.match(r"\d+\.\s+(.*)", line)):
            current.append(numbered.group(1))
        elif current and line.strip():
            current[-1] += " " + line.strip()
    return tasks


def read_hints(exercise: Exercise) -> dict[str, list[str]]:
    """Raises CourseError: there is no HINTS.md, or it holds none."""
    if not exercise.hints.is_file() or not (hints := hints_by_task(exercise.hints.read_text(encoding="utf-8"))):
        raise CourseError(f"{exercise.hints}: holds no hints. Unpack the release again to get them back.")
    return hints


def tasks_by_function(source: bytes) -> dict[str, str]:
    """The number of the task that each function of a module is; empty where it is not valid Python."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return {}
    tasks: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef) and (task := re.search(r"\bTask (\d+)\b", ast.get_docstring(node) or "")):
            tasks[node.name] = task.group(1)
    return tasks


def task_at_work(
    exercise: Exercise, result: ExerciseResult, unwritten: tuple[str, ...], known: dict[str, list[str]]
) -> str | None:
    """The task behind the first check that fails, else the first that is `unwritten`; None when all is done."""
    failed = [check for check in result.checks if check.outcome is not Outcome.PASSED]
    functions = tasks_by_function(exercise.stub.read_bytes() if exercise.stub.is_file() else b"")
    if not failed and result.outcome is Outcome.PASSED:
        open_tasks = [functions.get(name, "") for name in unwritten]
        return next((task for task in open_tasks if task in known), None)
    for check in failed:
        said = f"{check.counterexample.call if check.counterexample else ''} {check.message}"
        for name, task in functions.items():
            if task in known and re.search(rf"\b{re.escape(name)}\b", said):
                return task
    return next(iter(known))
