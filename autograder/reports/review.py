"""review.html: how one mark came about, for the instructor whom a student asks. It shows hidden checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograder.reports.by_hand import Mark
from autograder.reports.html import ours, template
from autograder.reports.text import WORDS, details, number, points
from autograder.results import CheckResult, Counterexample, ExerciseResult

#: Where in a graded folder such pages lie.
REVIEWS = "reviews"
#: What is shown of a module, in lines; honest ones have a tenth of that.
LINES = 5000


@dataclass(frozen=True)
class Graded:
    """What came of a module, and by which checks: their `suite_digest`, empty where nothing was kept of it."""

    result: ExerciseResult
    suite: str


@dataclass(frozen=True)
class Asked:
    """What one check asks on one of its examples, the `number`-th of `examples`, and what came back.

    It is the first example that does not hold, else the first of all. `calls` are the first of `count`.
    """

    check: str
    number: int
    examples: int
    holds: bool
    calls: tuple[Counterexample, ...]
    count: int


@dataclass(frozen=True)
class Version:
    """One version of the module that the student was told about. `graded`: None where nothing is known of it."""

    module: str
    graded: Graded | None


@dataclass(frozen=True)
class Case:
    """All that is known of one student in one exercise.

    `module` is the digest of what was handed in; `handed_in` says when, empty where no roster did. `today_suite` is
    the digest of the checks of today; `today` is what they make of `source`, and both are None where the module was not
    at hand. `seen` is what the student was shown.
    """

    student: str
    id: str
    title: str
    module: str
    graded: Graded
    seen: ExerciseResult
    today_suite: str
    level: str
    handed_in: str = ""
    attempts: int = 1
    versions: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    told: tuple[Version, ...] = ()
    marks: tuple[Mark, ...] = ()
    today: ExerciseResult | None = None
    asked: tuple[Asked, ...] = ()
    source: bytes | None = None

    @property
    def is_another(self) -> bool:
        """Whether the checks of today are others than those that graded."""
        return self.graded.suite != self.today_suite

    @property
    def rows(self) -> list[Row]:
        return list(rows(self))

    @property
    def changes(self) -> bool:
        """Whether the checks of today say anything else."""
        return self.today is not None and any(row.differs for row in self.rows)


@dataclass(frozen=True)
class Row:
    """One check as it was and as it is; None where it was or is not there.

    `is_unseen`: the student was not shown the call that breaks it. `differs`: it says something else today.
    """

    law: str
    public: bool
    max_points: float
    then: CheckResult | None
    now: CheckResult | None
    asked: Asked | None
    is_unseen: bool
    differs: bool


def rows(case: Case) -> Iterator[Row]:
    """Every check that graded, and every one of today."""
    then = {check.name: check for check in case.graded.result.checks}
    now = {check.name: check for check in case.today.checks} if case.today else {}
    seen = {check.name: check for check in case.seen.checks}
    asked = {each.check: each for each in case.asked}
    for name in dict.fromkeys([*then, *now]):
        was, is_now = then.get(name), now.get(name)
        known = is_now or was
        assert known is not None
        differs = case.today is not None and _verdict(was) != _verdict(is_now)
        unseen = was is not None and was.counterexample is not None and seen[name].counterexample is None
        shown = (known.law, known.public, known.max_points)
        yield Row(*shown, was, is_now, asked.get(name), unseen, differs)


def _verdict(check: CheckResult | None) -> object:
    return None if check is None else (check.outcome, check.points, check.max_points)


def render(case: Case) -> str:
    """The page as HTML: self-contained, without a script. CourseError: jinja2 is not installed."""
    return template("review.html").render(
        case=case,
        style=ours("instructor.css"),
        lines=_lines(case.source),
        words=WORDS,
        number=number,
        points=points,
        details=details,
    )


def _lines(source: bytes | None) -> Sequence[str]:
    """The module as text, a line each."""
    lines = (source or b"").decode("utf-8", "replace").splitlines()
    return lines if len(lines) <= LINES else [*lines[:LINES], f"… and {len(lines) - LINES} lines more"]
