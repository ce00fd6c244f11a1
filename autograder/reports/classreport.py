"""report.html, checks.csv and misconceptions.csv: what a graded class knows and believes, for the instructor.

Made from a folder that `grade --out` wrote: grades.csv says who is in the class, the journal holds every check.
"""

from __future__ import annotations

import statistics
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from autograder.files import write_file
from autograder.reports.html import ours, template
from autograder.reports.table import csv_text, read_grades
from autograder.reports.text import number, one_line
from autograder.reports.totals import FINAL, read_finals
from autograder.results import CheckResult, ExerciseResult, Outcome
from autograder.submissions.students import student_folder
from autograder.versions import untested, versions

BINS = 10
#: So many names stand in a cell, and so many lines in a list; more are folded away.
NAMED, LISTED = 12, 20


@dataclass(frozen=True)
class CheckRow:
    """One check over the class. `passed` of `tried`; those whose module is missing or was not graded did not try.

    `discrimination` is the correlation of passing it with the points of all other checks, -1 … 1; None where
    everybody or nobody passes.
    """

    exercise: str
    check: str
    law: str
    public: bool
    max_points: float
    tried: int
    passed: int
    timeouts: int
    discrimination: float | None
    cpu_median: float
    cpu_max: float

    @property
    def rate(self) -> float:
        return self.passed / self.tried

    @property
    def note(self) -> str:
        if self.passed == 0:
            return "nobody passes"
        if self.passed == self.tried:
            return "everybody passes"
        return "the weaker pass it" if self.discrimination is not None and self.discrimination < 0 else ""


@dataclass(frozen=True)
class Belief:
    """One misconception, and who holds it."""

    exercise: str
    misconception: str
    students: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.students)


@dataclass(frozen=True)
class Total:
    """One student's points by checks; None when something could not be graded. `page`: where their feedback lies, if it
    does. `final` is the mark of `out_of` points that counts, None while there is none."""

    student: str
    points: float | None
    max_points: float
    page: str = ""
    final: float | None = None
    out_of: float = 0.0


@dataclass
class ClassReport:
    """Everything on the page."""

    totals: list[Total] = field(default_factory=list)
    checks: list[CheckRow] = field(default_factory=list)
    beliefs: list[Belief] = field(default_factory=list)
    pending: list[tuple[str, str, float]] = field(default_factory=list)
    hostile: list[tuple[str, str, str]] = field(default_factory=list)
    ungraded: list[tuple[str, str]] = field(default_factory=list)
    outcomes: dict[str, Counter[Outcome]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    is_finished: bool = False  # whether there are final marks
    queue: str = ""  # the address of the list of what waits, where it lies beside the page
    marked_in: str = "`autograder mark`"

    @property
    def finals(self) -> list[float]:
        return [total.final for total in self.totals if total.final is not None]

    @property
    def waiting(self) -> dict[str, int]:
        """How many answers of each exercise wait for a person."""
        return dict(Counter(exercise for _, exercise, _ in self.pending))

    @property
    def scored(self) -> list[float]:
        return [total.points for total in self.totals if total.points is not None]

    @property
    def max_points(self) -> float:
        return max((total.max_points for total in self.totals), default=0.0)

    def bins(self) -> list[tuple[str, int]]:
        """How many students in each tenth of the points, the last with its upper end."""
        width = self.max_points / BINS
        counts = Counter(min(int(points / width), BINS - 1) if width else 0 for points in self.scored)
        return [(f"{number(i * width)} – {number((i + 1) * width)}", counts[i]) for i in range(BINS)]


def build(results: Mapping[str, Sequence[ExerciseResult]]) -> ClassReport:
    """The report on a class: results by student."""
    report = ClassReport()
    held: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for student, theirs in results.items():
        points = [result.points for result in theirs]
        whole = None if None in points else sum(p for p in points if p is not None)
        report.totals.append(Total(student, whole, sum(result.max_points for result in theirs)))
        for result in theirs:
            report.outcomes.setdefault(result.exercise, Counter())[result.outcome] += 1
            if result.checks:
                report.cpu.setdefault(result.exercise, []).append(sum(c.cpu_seconds for c in result.checks))
            if result.pending:
                report.pending.append((student, result.exercise, result.pending))
            if result.outcome is Outcome.ERROR:
                report.ungraded.append((student, f"{result.exercise}: {result.message}"))
            report.hostile += [(student, result.exercise, flag) for flag in result.flags]
            for diagnosis in result.diagnoses:
                held[result.exercise, diagnosis.mutant, diagnosis.misconception].append(student)
    beliefs = [Belief(exercise, said, tuple(students)) for (exercise, _, said), students in held.items()]
    report.beliefs = sorted(beliefs, key=lambda belief: (-belief.count, belief.exercise, belief.misconception))
    report.checks = check_rows(results)
    return report


def check_rows(results: Mapping[str, Sequence[ExerciseResult]]) -> list[CheckRow]:
    """Every check that anybody tried, in the order of the exercises and checks."""
    seen: dict[tuple[str, str], list[tuple[CheckResult, float]]] = {}
    for theirs in results.values():
        total = sum(result.points or 0.0 for result in theirs)
        for result in (r for r in theirs if r.outcome is not Outcome.ERROR):
            for check in result.checks:
                seen.setdefault((result.exercise, check.name), []).append((check, total - check.points))
    rows = []
    for (exercise, name), tried in sorted(seen.items(), key=lambda item: item[0][0]):
        first = tried[0][0]
        passed = [check.outcome is Outcome.PASSED for check, _ in tried]
        seconds = [check.cpu_seconds for check, _ in tried]
        rows.append(
            CheckRow(
                exercise,
                name,
                first.law,
                first.public,
                first.max_points,
                len(tried),
                sum(passed),
                sum(check.outcome is Outcome.TIMEOUT for check, _ in tried),
                correlation([float(p) for p in passed], [rest for _, rest in tried]),
                statistics.median(seconds),
                max(seconds),
            )
        )
    return rows


def correlation(one: list[float], two: list[float]) -> float | None:
    """Pearson's; None where either does not vary."""
    if len(set(one)) < 2 or len(set(two)) < 2:
        return None
    return round(statistics.correlation(one, two), 3)


def render(report: ClassReport, title: str = "Class report") -> str:
    """The page as HTML: self-contained, nothing is fetched; one script, named by its hash, sorts the tables."""
    script = ours("report.js")
    return template("report.html").render(
        report=report,
        title=title,
        number=number,
        median=statistics.median,
        style=ours("instructor.css"),
        script=script,
        NAMED=NAMED,
        LISTED=LISTED,
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        bins=report.bins(),
        most=max((count for _, count in report.bins()), default=0) or 1,
        untested=untested(versions()),
    )


def write_report(
    folder: Path, results: Mapping[str, Sequence[ExerciseResult]], title: str, marked_in: str = ClassReport.marked_in
) -> ClassReport:
    """Write report.html, checks.csv and misconceptions.csv into `folder`. CourseError: it cannot be written.

    marked_in: what shows the answers that wait for a person.
    """
    report = build(results)
    report.marked_in = marked_in
    finals = read_finals(folder / FINAL)
    report.totals = [_complete(folder, total, finals) for total in report.totals]
    report.is_finished = bool(finals)
    report.queue = "pending.csv" if (folder / "pending.csv").is_file() else ""
    write_file(folder / "report.html", render(report, title))
    names = [entry.name for entry in fields(CheckRow)]
    write_file(folder / "checks.csv", _csv(names, (astuple(row) for row in report.checks)))
    lines = ((b.exercise, b.misconception, b.count, "; ".join(map(one_line, b.students))) for b in report.beliefs)
    write_file(folder / "misconceptions.csv", _csv(["exercise", "misconception", "count", "students"], lines))
    return report


def _complete(folder: Path, total: Total, finals: Mapping[str, tuple[float | None, float]]) -> Total:
    """A student's total with what the folder knows of them besides."""
    final, out_of = finals.get(one_line(total.student), (None, 0.0))
    return replace(total, page=_page(folder, total.student), final=final, out_of=out_of)


def _page(folder: Path, student: str) -> str:
    """The address of a student's feedback from the report's own place; empty when it is not there."""
    page = student_folder(folder, student) / "feedback.html"
    return quote(page.relative_to(folder).as_posix()) if page.is_file() else ""


def _csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return csv_text(names, ([one_line(entry) if isinstance(entry, str) else entry for entry in row] for row in rows))


def class_of(
    folder: Path, told: Iterable[tuple[str, ExerciseResult]], ids: Mapping[str, str]
) -> dict[str, list[ExerciseResult]]:
    """Results by student: those of grades.csv, in its order, each with all that the journal has of it.

    ids: an exercise's id by its slug. CourseError: there is no grades.csv, or it is not one.
    """
    known = {(one_line(student), result.exercise): result for student, result in told}
    results: dict[str, list[ExerciseResult]] = {}
    for row in read_grades(folder / "grades.csv"):
        exercise = ids.get(row.exercise, row.exercise)
        bare = ExerciseResult(exercise, row.outcome, row.points, row.max_points, row.pending)
        kept = known.get((row.student, exercise))
        known_now = bare if kept is None or row.outcome is Outcome.ERROR else replace(kept, pending=row.pending)
        results.setdefault(row.student, []).append(known_now)
    return results
