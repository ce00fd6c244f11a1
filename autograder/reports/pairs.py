"""alike.html and pairs.csv: pairs of modules that stand out by what they have in common, for the instructor alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.files import write_file
from autograder.reports.html import ours, template
from autograder.reports.table import csv_text
from autograder.reports.text import one_line
from autograder.submissions.passages import Comparison, Line

PAGE, TABLE = "alike.html", "pairs.csv"
#: So many pairs stand side by side on the page, the most alike of each exercise first; pairs.csv has all.
SHOWN = 40


@dataclass(frozen=True)
class ShownPair:
    """A pair as it is shown: whose each module is (several, where they are the same bytes), and the modules' lines.

    `sides` is empty where the page has enough of others.
    """

    one: tuple[str, ...]
    other: tuple[str, ...]
    similarity: float
    common: int
    sides: tuple[tuple[Line, ...], ...] = ()


@dataclass(frozen=True)
class Likeness:
    """One exercise: what was compared, the pairs that stand out, and a line for each module that was left out."""

    exercise: str
    title: str
    comparison: Comparison
    pairs: tuple[ShownPair, ...]
    left_out: tuple[str, ...] = ()


def write_pairs(folder: Path, title: str, found: Sequence[Likeness]) -> None:
    """Write both. CourseError: the folder cannot be written, or jinja2 is not installed."""
    page = template("pairs.html").render(title=title, found=found, style=ours("instructor.css"))
    write_file(folder / PAGE, page)
    rows = [
        (each.exercise, _names(pair.one), _names(pair.other), pair.similarity, each.comparison.threshold, pair.common)
        for each in found
        for pair in each.pairs
    ]
    write_file(folder / TABLE, csv_text("exercise students others similarity threshold common".split(), rows))


def _names(students: Sequence[str]) -> str:
    return "; ".join(one_line(student).replace(";", ",") for student in students)
