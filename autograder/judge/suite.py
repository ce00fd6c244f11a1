"""An exercise's checks, mutants and frozen examples, collected once and used for every submission.

A hidden property must be the same for every student. Its Hypothesis examples are therefore drawn once, seeded,
against the reference, and replayed on each submission through `inner_test`, the function below `@given`. They decide,
again and again; so students are shown others, which are drawn in the same way from another seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autograder.checks import CheckInfo
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.judge.examples import Cache, Example, Frozen, default_cache, draw, fresh
from autograder.judge.hypothesis_internals import inner_of, is_rejected, no_draw
from autograder.judge.undo_edits import Shield
from autograder.runner.session import Session
from autograder.sources import load_authored, load_reference, unloadable

if TYPE_CHECKING:
    from autograder.judge.mutants import Mutant


@dataclass(frozen=True)
class Check:
    """One graded test. `inner` is the test itself: below `@given`, where it is a property."""

    name: str
    law: str
    public: bool
    info: CheckInfo
    function: Callable[..., None] = field(repr=False)
    inner: Callable[..., None] = field(repr=False)

    @property
    def is_property(self) -> bool:
        return self.inner is not self.function

    def run(self, example: Example, submission: Session) -> bool:
        """Run the test on one example, copied afresh. False when `assume` rejects it; raises what the test raises.

        The submission is shielded, and numpy's global random state starts the same each time: what one student's code
        makes of it must not reach the next.
        """
        np.random.seed(0)
        with no_draw(self.function):  # for note() and event()
            try:
                self.inner(submission=Shield(submission), **fresh(example))
            except Exception as problem:
                if is_rejected(problem):
                    return False
                raise
        return True


class Suite:
    """Everything the judge needs of one exercise. With `public` only what students have: no reference, no mutants."""

    def __init__(self, exercise: Exercise, seed: int = 0, public: bool = False, cache: Cache | None = None) -> None:
        if not public and not exercise.solution.is_file():
            raise CourseError(f"{exercise.solution}: no such file; grading needs the reference solution")
        self.exercise = exercise
        self.seed = seed
        self.reference = None if public else load_reference(exercise)
        self.checks = tuple(checks_of(exercise, public))
        names = [check.name for check in self.checks]
        for name in names:
            if names.count(name) > 1:
                raise CourseError(f"{exercise.id}: two checks are named {name}")
        for check in self.checks:
            if check.info.needs is not None and check.info.needs not in names[: names.index(check.name)]:
                raise CourseError(f"{exercise.id}: {check.name} needs {check.info.needs}, which is no earlier check")
        self._cache = cache
        self._frozen: dict[str, Frozen] = {}
        self._mutants: tuple[Mutant, ...] | None = None

    @property
    def max_points(self) -> float:
        return points_of(self.checks)

    @property
    def mutants(self) -> tuple[Mutant, ...]:
        if self._mutants is None:
            from autograder.judge.mutants import read_mutants

            self._mutants = read_mutants(self.exercise) if self.reference is not None else ()
        return self._mutants

    def examples(self, check: Check) -> list[Example] | None:
        """The frozen examples of a check; None when it must run with Hypothesis itself."""
        if not check.is_property:
            return [{}]
        frozen = self.frozen(check)
        return None if frozen is None or frozen.draws_inside else frozen.examples

    def frozen(self, check: Check) -> Frozen | None:
        """What was drawn for a property, from the disk if it is there; None without a reference to draw against.

        Raises CourseError when the reference breaks the law.
        """
        return self._drawn(check, check.name, self.seed)

    def shown(self, check: Check) -> Frozen | None:
        """The same, of the examples that students are shown, which decide nothing."""
        return self._drawn(check, f"{check.name}.shown", self.shown_seed)

    def _drawn(self, check: Check, name: str, seed: int) -> Frozen | None:
        if self.reference is None or not check.is_property:
            return None
        if name not in self._frozen:
            place = (self.exercise.id, self._key, name)
            cache = self._cache or default_cache()
            frozen = cache.read(*place)
            if frozen is None:
                frozen = draw(check.function, self.reference, seed)
                cache.write(*place, frozen)
            self._frozen[name] = frozen
        return self._frozen[name]

    @cached_property
    def shown_seed(self) -> int:
        from autograder.judge.fingerprint import digest

        return int(digest(str(self.seed), "shown")[:8], 16)

    @cached_property
    def _key(self) -> str:
        from autograder.judge.fingerprint import examples_digest

        return examples_digest(self.exercise, self.seed)


def build_suites(course: Course, exercises: tuple[Exercise, ...] | None = None) -> dict[str, Suite]:
    """Suites by exercise id."""
    return {e.id: Suite(e, course.grading.seed) for e in (exercises or course.exercises)}


def checks_of(exercise: Exercise, public: bool = False) -> list[Check]:
    """An exercise's checks, students' own first; with `public` no others. Raises CourseError as `collect`."""
    hidden = [] if public else collect(exercise.hidden_checks, False, exercise.root)
    return [*collect(exercise.public_checks, True, exercise.root), *hidden]


def points_of(checks: Iterable[Check]) -> float:
    return sum(check.info.points for check in checks)


def collect(path: Path, public: bool, root: Path) -> list[Check]:
    """The checks of a file of the course at `root`, in order. Raises CourseError: it cannot be loaded or holds none."""
    if not path.is_file():
        raise CourseError(f"{path}: no such file; every exercise needs public and hidden checks")
    try:  # from the text, never through __pycache__, which takes a file saved twice in a second for unchanged
        module = load_authored(f"autograder_checks_{path.parent.name}_{path.stem}", path, root)
    except (Exception, SystemExit) as problem:
        raise unloadable(str(path), problem, "cannot be loaded") from problem
    checks = []
    for name, function in vars(module).items():
        info = getattr(function, "autograder_check", None)
        if isinstance(info, CheckInfo) and function.__module__ == module.__name__:
            law = " ".join((function.__doc__ or "").strip().split("\n\n")[0].split())
            inner = inner_of(function)
            if inner is not function and hasattr(inner, "autograder_check"):
                raise CourseError(f"{path}: {name}: @check stands above @given, not below")
            checks.append(Check(name, law, public, info, function, inner))
        elif name.startswith("test_") and callable(function):
            raise CourseError(f"{path}: {name} is no check; give it @check(points=…, hint=…) or another name")
    if not checks:
        raise CourseError(f"{path}: holds no checks")
    return checks
