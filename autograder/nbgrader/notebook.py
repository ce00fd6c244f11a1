"""The notebook of an assignment, nbgrader's form around our modules.

What counts is in the modules. The notebook shows the instructions, runs the public checks and the picture, and has a
grade cell for each exercise, and for each EXPLANATION a cell that a person marks. The grader fills both.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from rich.console import Console

from autograder import __version__
from autograder.course import Assignment, Exercise
from autograder.release.bundle import Worth
from autograder.release.wheel import wheel_name
from autograder.reports import terminal
from autograder.reports.text import number, plain
from autograder.results import ExerciseResult
from autograder.versions import DISTRIBUTION

REQUIREMENTS, CONSTRAINTS = "requirements.txt", "constraints.txt"  # beside the notebook
#: What an untouched manual cell says. nbgrader's ClearSolutions writes it, so it is the same for all exercises.
UNTOUCHED = (
    "*Nothing to write here: the grader copies* `EXPLANATION` *from your module to this place, and a person marks it.*"
)
_EVIDENCE = "autograder_evidence"  # in the metadata of a cell
#: Paragraphs as written, in words that stay whole; nbgrader's pages would break them anywhere.
_PROSE_STYLE = "white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere; font-family: inherit"
#: A magic of IPython's, so the cell is no plain Python: pip has to work in the kernel's own environment.
_SET_UP_CELL = """\
# Brings what the cells below need into this kernel, once, from the files beside this notebook.
from importlib.metadata import distributions

if {version!r} not in [found.version for found in distributions(name={name!r})]:
    %pip install --quiet --disable-pip-version-check --requirement {requirements}"""
_GRADE_CELL = """\
# {title}: {points} points by checks. The grader fills this cell in; running it yourself proves nothing.
import sys
print("Not graded: the points of {slug} come from the grader.", file=sys.stderr)"""


def requirements() -> str:
    """requirements.txt: what a kernel needs to run the notebook, the wheel beside it and what that asks for."""
    return (
        "# What a kernel needs to run the notebook beside this file. In this folder: python -m pip install -r "
        f"{REQUIREMENTS}\n# and, for the versions that were tested together: -c {CONSTRAINTS}\n"
        f"./{wheel_name()}[pictures]\nipykernel\n"
    )


def grade_id(exercise: Exercise) -> str:
    """The name of an exercise's grade cell in nbgrader."""
    return exercise.slug


def written_id(exercise: Exercise) -> str:
    """The name of the cell for its EXPLANATION."""
    return f"{exercise.slug}-explanation"


def make_notebook(assignment: Assignment, worth: Mapping[str, Worth]) -> str:
    """The notebook of an assignment as JSON, the same at every call. `worth`: of the checks, by exercise id."""
    set_up = _SET_UP_CELL.format(version=__version__, name=DISTRIBUTION, requirements=REQUIREMENTS)
    cells = [new_markdown_cell(_opening(assignment)), new_code_cell(set_up)]
    for exercise in assignment.exercises:
        cells += _exercise_cells(exercise, worth[exercise.id].points)
    for i, cell in enumerate(cells):
        cell["id"] = f"{assignment.id}-{i}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook))


def _opening(assignment: Assignment) -> str:
    return (
        f"# {assignment.title}\n\n"
        f"Due {assignment.due:%d %B %Y, %H:%M %Z}. You write in the modules, the `.py` files in `exercises/`: open "
        "them from the file browser, save, and run the cells below each exercise's instructions. Hand in the whole "
        "folder.\n\n"
        "This notebook itself is only a form: what you change in it is not graded. Run its first cell first."
    )


def _exercise_cells(exercise: Exercise, points: float) -> list[Any]:
    number_ = exercise.id[:2]
    module = f"exercises/{exercise.id}/{exercise.slug}.py"
    check = (
        f'# Runs the public checks on {module}.\nfrom autograder.cli import main\n\n_ = main(["check", "{number_}"])'
    )
    picture = (
        "# Draws what your functions make.\nfrom IPython.display import Image\n\n"
        "from autograder.student import picture\n\n"
        f'Image(picture("{number_}"))'
    )
    cells = [
        new_markdown_cell(exercise.readme.read_text(encoding="utf-8").rstrip()),
        new_markdown_cell(f"Write in [`{module}`]({module}). Hints: [`HINTS.md`](exercises/{exercise.id}/HINTS.md)."),
        new_code_cell(check),
        new_code_cell(picture),
        _graded(
            new_code_cell(_GRADE_CELL.format(title=exercise.title, points=number(points), slug=exercise.slug)),
            grade_id(exercise),
            points,
        ),
    ]
    if exercise.by_hand:
        cells.append(_graded(new_markdown_cell(UNTOUCHED), written_id(exercise), exercise.by_hand, by_hand=True))
    return cells


def _graded(cell: Any, name: str, points: float, by_hand: bool = False) -> Any:
    cell.metadata["nbgrader"] = {
        "grade": True,
        "grade_id": name,
        "locked": not by_hand,
        "points": points,
        "schema_version": 3,
        "solution": by_hand,
        "task": False,
        "cell_type": cell.cell_type,
    }
    return cell


# -- filling ----------------------------------------------------------------------------------------


def fill(notebook: Any, results: Mapping[str, ExerciseResult], by_hand: Mapping[str, ExerciseResult]) -> None:
    """Write results into the cells of these names: points and what was found, and each student's prose."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in results:
            cell.execution_count = 1
            cell.outputs = _outputs(results[name])
        elif name in by_hand and by_hand[name].pending:
            cell.source = prose(by_hand[name].written)


def _outputs(result: ExerciseResult) -> list[Any]:
    """What was found as plain text, then the points as nbgrader reads them: a number, 0 or above, never missing."""
    if result.points is None:
        raise ValueError(f"{result.exercise} is in error and has no points")
    text = io.StringIO()
    by_checks = replace(result, pending=0.0)  # what waits is said by the cell that waits
    terminal.print_exercise(by_checks, Console(file=text, width=100, no_color=True))
    lines = [line.rstrip() for line in text.getvalue().strip("\n").splitlines()]
    shown = new_output("stream", name="stdout", text="\n".join([*lines, ""]))
    score = new_output("execute_result", data={"text/plain": repr(float(result.points))}, execution_count=1)
    return [shown, score]


def prose(text: str | None) -> str:
    """A student's text for a Markdown cell, as text and nothing else: no markup, no link, no script, no mathematics."""
    if text is None:
        return "**No `EXPLANATION` could be read from the module:** it is no string, or the module is not valid Python."
    return f"**From the module:**\n\n{_as_text(text)}"


def _as_text(text: str) -> str:
    shown = "".join(c if c.isalnum() or c in " ,;:?" else f"&#{ord(c)};" for c in plain(text, 20_000))
    return f'<pre class="tex2jax_ignore" style="{_PROSE_STYLE}">{shown}</pre>'


# -- evidence ---------------------------------------------------------------------------------------


def show_evidence(notebook: Any, evidence: Mapping[str, str]) -> None:
    """A cell of its own below each manual cell that has evidence, which the person who marks sees while they write."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if said := evidence.get(name):
            heading, _, lines = said.partition("\n")  # in bold, as no student's text can be
            source = f"**{heading}**\n\n{_as_text(lines)}"
            cells.append(new_markdown_cell(source, id=f"evidence-{len(cells)}", metadata={_EVIDENCE: True}))
    notebook.cells = cells


def without_evidence(cells: Iterable[Any]) -> list[Any]:
    """The cells that students may see too."""
    return [cell for cell in cells if _EVIDENCE not in cell.metadata]
