"""What all reports share: text that is safe to show, numbers, and the words for an outcome.

Much of a report's text comes from student code (reprs, messages, names of files), so every renderer passes
all text through `plain` or `one_line`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from textwrap import dedent

from autograder.results import ByHand, CheckResult, Diagnosis, ExerciseResult, Outcome, Report

LIMIT = 4000
LINE_LIMIT = 300
NAME_LIMIT = 40
#: How the error of a stub ends.
UNWRITTEN = "is not written yet"

# Sequences for terminals go as a whole, so that "[31m" does not stay behind: CSI, then OSC and its kin.
_SEQUENCES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]{0,2000}(?:\x07|\x1b\\|\x9c)")
# C0 but newline and tab, DEL, C1, marks and overrides of direction, tags, and what XML cannot hold.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")

WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "not yet",
    Outcome.TIMEOUT: "too slow",
    Outcome.SKIPPED: "not run",
    Outcome.PARTIAL: "in part",
    Outcome.MISSING: "not submitted",
    Outcome.ERROR: "not graded",
}


def plain(text: str, limit: int = LIMIT) -> str:
    """`text` without control characters, newline and tab apart, and at most `limit` characters long."""
    head = text[: 4 * limit]  # a student may hand over megabytes
    shown = _CONTROLS.sub("", _BREAKS.sub("\n", _SEQUENCES.sub("", head)))
    shown = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", shown)
    return shown if len(shown) <= limit and head == text else shown[: limit - 1] + "…"


def one_line(text: str, limit: int = LINE_LIMIT) -> str:
    """`plain` in one line: any white space is a single space."""
    return plain(" ".join(plain(text, 4 * limit).split()), limit)


def some(names: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def number(value: float) -> str:
    """Points as text: at most four decimals, no trailing zeros."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def points(result: ExerciseResult) -> str:
    """ "3 of 5", or "– of 5" when the grader failed."""
    earned = "–" if result.points is None else number(result.points)
    return f"{earned} of {number(result.max_points)}"


def by_hand(given: ByHand) -> str:
    """ "2.5 of 3", or "– of 3" while it waits."""
    earned = "–" if given.points is None else number(given.points)
    return f"{earned} of {number(given.max_points)}"


def passed(result: ExerciseResult) -> int:
    """How many checks passed."""
    return sum(check.outcome is Outcome.PASSED for check in result.checks)


def remark(result: ExerciseResult, said: Collection[str] = ()) -> str:
    """The exercise's message, unless it repeats the word for its outcome or what was `said` already."""
    text = plain(result.message)
    return "" if text.strip(" .").lower() == WORDS[result.outcome] or result.message in said else text


def summary(report: Report, titles: Mapping[str, str] | None = None) -> str:
    """The score in one sentence, with what still awaits a human and what could not be graded."""
    failed = [result.exercise for result in report.exercises if result.outcome is Outcome.ERROR]
    if failed and len(failed) == len(report.exercises):
        return f"Nothing could be graded yet, of {number(report.max_points)} points by checks"
    known = titles or {}
    text = _score(report)
    if report.pending:
        text += f"; up to {number(report.pending)} more are still to come from the person who marks"
    names = ", ".join(one_line(known.get(exercise, exercise)) for exercise in failed)
    return f"{text}; not graded yet: {names}" if failed else text


def _score(report: Report) -> str:
    """The points so far, or the final mark, of all that there are; and what they are made of."""
    by_checks = f"{number(report.points)} of {number(report.max_points)}"
    parts = [f"{by_checks} by checks"] if report.max_by_hand else []
    if marked_of := report.max_by_hand - report.pending:
        parts.append(f"{number(report.marked)} of {number(marked_of)} by hand")
    if report.final and report.final.late_penalty:
        parts.append(f"{number(report.final.late_penalty)} lost by lateness")
    made_of = f" ({', '.join(parts)})" if parts else ""
    if report.final:
        return f"Final mark: {number(report.final.mark)} of {number(report.out_of)} points{made_of}"
    if report.max_by_hand:
        return f"{number(report.earned)} of {number(report.out_of)} points so far{made_of}"
    return f"{by_checks} points by checks"


def explanation(check: CheckResult, diagnoses: tuple[Diagnosis, ...] = (), said: str = "") -> str:
    """What a student reads about one check, as plain lines, without a message that was `said` already.

    Never `private`.
    """
    told = [] if check.outcome is Outcome.PASSED else [line for diagnosis in diagnoses for line in diagnosed(diagnosis)]
    broken = [f"{label + ':':5} {plain(text)}" for label, text in details(check, said)]
    return "\n".join([one_line(check.law), *told, *broken])


def details(check: CheckResult, said: str = "") -> list[tuple[str, str]]:
    """What breaks a law, each part with its label: Call, Got, At (an error), Want, Why, Hint. Empty where it holds.

    The texts are as they came: `plain` is still to be applied.
    """
    if check.outcome is Outcome.PASSED:
        return []
    rows, label, message = [], "Why", check.message if check.message != said else ""
    if check.counterexample is not None:
        rows = [("Call", check.counterexample.call), ("Got", check.counterexample.got)]
        label, message = _beyond(message, check.counterexample.got)
    rows += [(label, message)] if message else []
    return rows + ([("Hint", check.hint)] if check.hint and not _is_unanswered(check) else [])


def _beyond(message: str, got: str) -> tuple[str, str]:
    """What a message says beyond what came back, which stands above it already."""
    if message == got or message.startswith(f"{got}\n"):
        return "At", dedent(message[len(got) + 1 :])
    name, repeated, rest = message.partition(f" is {got}")
    if not repeated or len(name) > NAME_LIMIT or rest[:2] not in ("", "; ", ", "):
        return "Why", message
    wanted = rest[2:].removeprefix("expected ")
    return ("Why" if wanted == rest[2:] else "Want"), wanted


def _is_unanswered(check: CheckResult) -> bool:
    """Whether there is no answer that a hint could be about."""
    return check.outcome is Outcome.TIMEOUT or check.message.endswith(UNWRITTEN)


def mistake(diagnosis: Diagnosis) -> str:
    """The misconception, without a full stop."""
    return plain(diagnosis.misconception).rstrip(". \n")


def diagnosed(diagnosis: Diagnosis) -> list[str]:
    """A misconception and its hint, as lines."""
    lines = [f"Diagnosis: your outputs equal those of a solution with this mistake: {mistake(diagnosis)}."]
    return [*lines, f"Hint: {plain(diagnosis.hint)}"] if diagnosis.hint else lines
