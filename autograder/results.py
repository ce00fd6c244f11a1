"""What grading yields: plain frozen values, no behaviour beyond sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How one check, or one exercise, ended."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"  # a check only
    SKIPPED = "skipped"  # a check only: the check that it needs did not pass
    PARTIAL = "partial"  # an exercise only
    MISSING = "missing"  # an exercise only: not submitted
    ERROR = "error"  # the grader's own fault


@dataclass(frozen=True)
class Counterexample:
    """The smallest call that breaks a law, as text a student can read."""

    call: str
    got: str


@dataclass(frozen=True)
class Diagnosis:
    """A misconception whose outputs equal the student's."""

    mutant: str
    misconception: str
    hint: str


@dataclass(frozen=True)
class CheckResult:
    """One check on one submission. `message` is safe to show; `private` is for the instructor only."""

    name: str
    law: str
    public: bool
    outcome: Outcome
    points: float
    max_points: float
    message: str = ""
    hint: str = ""
    counterexample: Counterexample | None = None
    private: str = ""
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class Own:
    """What of a module is the student's own, for a comparison within the class: a hash of its form, and its size."""

    form: str
    statements: int


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise of one submission. `points` is None when the grader failed: an error is never a 0.

    `own` is for the instructor only; None where the module could not be read, or was not looked at.
    """

    exercise: str
    outcome: Outcome
    points: float | None
    max_points: float
    pending: float = 0.0
    checks: tuple[CheckResult, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    message: str = ""
    flags: tuple[str, ...] = ()
    written: str | None = None
    own: Own | None = None

    @property
    def lost(self) -> float:
        """Points that checks did not give; where the grader failed, none are known to be lost."""
        return 0.0 if self.points is None else self.max_points - self.points


@dataclass(frozen=True)
class ByHand:
    """What a person gives for the prose of one exercise: `points` is None while it waits.

    `earlier` is what they gave for an answer that has changed since: for the person who marks, never for students.
    """

    max_points: float
    points: float | None
    comment: str = ""
    earlier: float | None = None


@dataclass(frozen=True)
class Final:
    """The mark that counts: checks and marks by hand, less what lateness cost. To four decimals, as it is written."""

    mark: float
    late_penalty: float


@dataclass(frozen=True)
class Report:
    """Everything known about one student's submission. `by_hand`: by the exercise; `final`: None before `finish`."""

    student: str
    level: str
    exercises: tuple[ExerciseResult, ...]
    problems: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    by_hand: dict[str, ByHand] = field(default_factory=dict)
    final: Final | None = None

    @property
    def points(self) -> float:
        """Points earned by checks; exercises in error count nothing here and are listed apart."""
        return sum(result.points or 0.0 for result in self.exercises)

    @property
    def max_points(self) -> float:
        return sum(result.max_points for result in self.exercises)

    @property
    def marked(self) -> float:
        """Points that a person gave so far."""
        return sum(given.points or 0.0 for given in self.by_hand.values())

    @property
    def earned(self) -> float:
        """Points by checks and by hand so far."""
        return self.points + self.marked

    @property
    def max_by_hand(self) -> float:
        """What a person may give, in what is known of it: `by_hand`, else what waits."""
        known = self.by_hand
        return sum(known[r.exercise].max_points if r.exercise in known else r.pending for r in self.exercises)

    @property
    def out_of(self) -> float:
        """What all is worth, by checks and by hand."""
        return self.max_points + self.max_by_hand

    @property
    def pending(self) -> float:
        """Points that await a human."""
        return sum(result.pending for result in self.exercises)

    @property
    def has_error(self) -> bool:
        return any(result.outcome is Outcome.ERROR for result in self.exercises)
