"""alike.csv: modules of one exercise that several students handed in, for the instructor. No mark hangs on it.

Columns `exercise,students,how,statements`, a row a group; the students' names stand between semicolons. `identical` are
the same bytes; `same after renaming` have the same statements of their own, in the same order, whatever their names,
comments and layout (see `likeness`). Of short answers honest ones agree, so a row of the second kind needs FEWEST
statements; the first has none where Python cannot read the module. Left out are modules that say no more than the stub,
and one hand-in of a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.files import remove_file, write_file
from autograder.reports.table import csv_text
from autograder.reports.text import one_line
from autograder.results import Own

FEWEST = 8


@dataclass(frozen=True)
class HandedModule:
    """One student's module. `place` is equal for those of one hand-in, `digest` for equal bytes."""

    student: str
    place: str
    exercise: str
    digest: str
    own: Own | None


def write_alike(path: Path, modules: Iterable[HandedModule]) -> int:
    """Write alike.csv where there is a row, else remove it. Returns how many. CourseError: it cannot be written."""
    by_exercise: dict[str, list[HandedModule]] = {}
    for module in modules:
        if module.own is None or module.own.statements:
            by_exercise.setdefault(module.exercise, []).append(module)
    rows = [row for _, each in sorted(by_exercise.items()) for row in _rows(each)]
    if rows:
        write_file(path, csv_text(("exercise", "students", "how", "statements"), rows))
    else:
        remove_file(path)
    return len(rows)


def _rows(modules: list[HandedModule]) -> Iterator[tuple[str, str, str, int | None]]:
    same_bytes: dict[str, list[HandedModule]] = {}
    same_form: dict[Own, list[HandedModule]] = {}
    for module in modules:
        same_bytes.setdefault(module.digest, []).append(module)
        if module.own is not None and module.own.statements >= FEWEST:
            same_form.setdefault(module.own, []).append(module)
    for group in same_bytes.values():
        if _are_several(group):
            yield _row(group, "identical")
    for group in same_form.values():
        if _are_several(group) and len({module.digest for module in group}) > 1:
            yield _row(group, "same after renaming")


def _are_several(group: list[HandedModule]) -> bool:
    return len({module.place for module in group}) > 1


def _row(group: list[HandedModule], how: str) -> tuple[str, str, str, int | None]:
    first = group[0]
    names = sorted(one_line(module.student).replace(";", ",") for module in group)
    return first.exercise, "; ".join(names), how, first.own.statements if first.own else None
