"""What a student is told of a self-check, as plain data: the terminal and the page in a browser show the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from autograder.course import Exercise
from autograder.reports.text import UNWRITTEN, details, number, one_line, plain
from autograder.results import CheckResult, ExerciseResult, Outcome
from autograder.student.selfcheck import Checked

UNVERIFIED = "unverified self-check: public checks only, no marks"


@dataclass(frozen=True)
class Law:
    """One check: `parts` tell what breaks it, each with its label; `line`: of the module, where an error arose."""

    name: str
    law: str
    outcome: Outcome
    parts: tuple[tuple[str, str], ...]
    line: int | None


@dataclass(frozen=True)
class Told:
    """One exercise. `notes`: what no check can see; `laws`: those that are broken come first; `prints`: in lines."""

    heading: str
    state: str
    is_done: bool
    outcome: Outcome | None  # None: nothing was written yet
    counts: str
    notes: tuple[str, ...]
    message: str
    laws: tuple[Law, ...]
    prints: tuple[str, ...]
    prints_again: bool  # a failing call was made a second time, to show it


def told_of(checked: Checked) -> Told:
    """All texts as they may be shown, without control characters."""
    exercise, result = checked.exercise, checked.result
    broken = [check for check in result.checks if check.outcome is not Outcome.PASSED]
    held = [check for check in result.checks if check.outcome is Outcome.PASSED]
    return Told(
        heading(exercise),
        state(checked),
        checked.is_done,
        _outcome(checked),
        _counts(checked),
        (*checked.missing, *(f"{name} {UNWRITTEN}" for name in (*checked.awaited, *checked.unwritten))),
        plain(result.message),
        tuple(_law(check, exercise, result.message) for check in (*broken, *held)),
        _lines(checked.prints),
        any(check.counterexample for check in broken),
    )


def heading(exercise: Exercise) -> str:
    return f"{exercise.id}: {one_line(exercise.title)}"


def state(checked: Checked) -> str:
    """One exercise in two or three words."""
    if checked.result.outcome is Outcome.MISSING:
        return "file is missing"
    if checked.is_done:
        return "checks hold"
    if not checked.is_begun:
        return "not begun"
    if checked.result.message:
        return "does not load"
    return f"{len(checked.unwritten)} not written" if checked.unwritten else "in work"


def worth(exercise: Exercise) -> str:
    """Points by checks and by hand; nothing where course.yml does not tell (it does in a release)."""
    total = (exercise.points or 0.0) + exercise.by_hand
    return f"{number(total)} point{'s' * (total != 1)}" if exercise.points else ""


def _outcome(checked: Checked) -> Outcome | None:
    if not checked.is_begun and checked.result.outcome is not Outcome.MISSING:
        return None
    is_half = checked.result.outcome is Outcome.PASSED and not checked.is_done
    return Outcome.FAILED if is_half else checked.result.outcome


def _counts(checked: Checked) -> str:
    result, exercise = checked.result, checked.exercise
    held = [f"{checked.held} of {len(result.checks)} checks that you can see hold"] if result.checks else []
    to_earn = [f"{worth(exercise)} to earn then"] if exercise.points else []
    return " · ".join(held + _unseen(exercise, result) + to_earn)


def _unseen(exercise: Exercise, result: ExerciseResult) -> list[str]:
    """How many checks there are beside those that students have; nothing where course.yml does not tell."""
    more = (exercise.checks or 0) - len(result.checks)
    return [f"{more} more when it is graded"] if result.checks and more > 0 else []


def _law(check: CheckResult, exercise: Exercise, said: str) -> Law:
    parts = tuple((label, plain(text)) for label, text in details(check, said))
    lines = re.findall(rf'"{re.escape(exercise.stub.name)}", line (\d+)', "\n".join(text for _, text in parts))
    return Law(check.name, one_line(check.law), check.outcome, parts, int(lines[-1]) if lines else None)


def _lines(prints: str) -> tuple[str, ...]:
    """What the code printed; a line that comes again and again, once with its number."""
    shown = plain(prints, 5000).strip("\n")
    counted = [(line, len(list(same))) for line, same in groupby(shown.split("\n"))] if shown else []
    return tuple(line + (f"  ({count} times)" if count > 1 else "") for line, count in counted)
