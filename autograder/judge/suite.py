"""An exercise's checks, mutants and frozen examples, collected once and used for every submission.

A hidden property must be the same for every student. Its Hypothesis examples are therefore drawn once, seeded,
against the reference, and replayed on each submission through `inner_test`, the function below `@given`. They decide,
again and again; so students are shown others, which are drawn in the same way from another seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

import numpy as np
from hypothesis.control import BuildContext
from hypothesis.errors import UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData

from autograder.authored import MutantEntry, read_entries
from autograder.checks import CheckInfo
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.judge.examples import Cache, Example, Frozen, default_cache, draw, fresh
from autograder.judge.fingerprint import digest, examples_digest
from autograder.judge.undo_edits import Shield
from autograder.sources import load_file, load_reference, run_module, unloadable, used_references


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


@dataclass(frozen=True)
class Mutant:
    """A known-wrong solution: the reference with one misconception edited in."""

    name: str
    misconception: str
    hint: str
    caught_by: tuple[str, ...]
    edits: tuple[tuple[str, str], ...] = field(repr=False)
    source: str = field(repr=False)
    module: ModuleType = field(repr=False)


class Suite:
    """Everything the judge needs of one exercise. With `public` only what students have: no reference, no mutants."""

    def __init__(self, exercise: Exercise, seed: int = 0, public: bool = False, cache: Cache | None = None) -> None:
        if not public and not exercise.solution.is_file():
            raise CourseError(f"{exercise.solution}: no such file; grading needs the reference solution")
        self.exercise = exercise
        self.seed = seed
        self.reference = None if public else load_reference(exercise)
        hidden = [] if public else collect(exercise.hidden_checks, False)
        self.checks = (*collect(exercise.public_checks, True), *hidden)
        names = [check.name for check in self.checks]
        for name in names:
            if names.count(name) > 1:
                raise CourseError(f"{exercise.id}: two checks are named {name}")
        for check in self.checks:
            if check.info.needs is not None and check.info.needs not in names[: names.index(check.name)]:
                raise CourseError(f"{exercise.id}: {check.name} needs {check.info.needs}, which is no earlier check")
        self.cache = default_cache() if cache is None else cache
        self._frozen: dict[str, Frozen] = {}
        self._mutants: tuple[Mutant, ...] | None = None

    @property
    def max_points(self) -> float:
        return sum(check.info.points for check in self.checks)

    @property
    def mutants(self) -> tuple[Mutant, ...]:
        if self._mutants is None:
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
            found = self.cache.read(*place)
            if found is None:
                found = draw(check.function, self.reference, seed)
                self.cache.write(*place, found)
            self._frozen[name] = found
        return self._frozen[name]

    @cached_property
    def shown_seed(self) -> int:
        return int(digest(str(self.seed), "shown")[:8], 16)

    @cached_property
    def _key(self) -> str:
        return examples_digest(self.exercise, self.seed)


def build_suites(course: Course, exercises: tuple[Exercise, ...] | None = None) -> dict[str, Suite]:
    """Suites by exercise id."""
    return {e.id: Suite(e, course.grading.seed) for e in (exercises or course.exercises)}


def collect(path: Path, public: bool) -> list[Check]:
    """The checks of one file, in its order. Raises CourseError when it cannot be loaded or holds none."""
    if not path.is_file():
        raise CourseError(f"{path}: no such file; every exercise needs public and hidden checks")
    try:  # from the text, never through __pycache__, which takes a file saved twice in a second for unchanged
        module = load_file(f"autograder_checks_{path.parent.name}_{path.stem}", path)
    except (Exception, SystemExit) as problem:
        raise unloadable(str(path), problem, "cannot be loaded") from problem
    checks = []
    for name, function in vars(module).items():
        info = getattr(function, "autograder_check", None)
        if isinstance(info, CheckInfo) and function.__module__ == module.__name__:
            law = " ".join((function.__doc__ or "").strip().split("\n\n")[0].split())
            handle = getattr(function, "hypothesis", None)
            if handle and hasattr(handle.inner_test, "autograder_check"):
                raise CourseError(f"{path}: {name}: @check stands above @given, not below")
            checks.append(Check(name, law, public, info, function, handle.inner_test if handle else function))
        elif name.startswith("test_") and callable(function):
            raise CourseError(f"{path}: {name} is no check; give it @check(points=…, hint=…) or another name")
    if not checks:
        raise CourseError(f"{path}: holds no checks")
    return checks


def read_mutants(exercise: Exercise) -> tuple[Mutant, ...]:
    """The mutants of an exercise, as modules. Raises CourseError naming the mutant and what is wrong."""
    path = exercise.mutants
    source = exercise.solution.read_text(encoding="utf-8")
    found: list[Mutant] = []
    for entry in read_entries(path, tuple[MutantEntry, ...]):
        if entry.name in [mutant.name for mutant in found]:
            raise CourseError(f"{path}: two mutants are named {entry.name}")
        text = source
        for edit in entry.edit:
            if (count := source.count(edit.old)) != 1:
                raise CourseError(f"{path}: {entry.name}: old must match exactly once, found {count}: {edit.old!r}")
            text = text.replace(edit.old, edit.new)
        module = run_variant(exercise, text, f"{exercise.id} mutant {entry.name}")
        edits = tuple((edit.old, edit.new) for edit in entry.edit)
        found.append(Mutant(entry.name, entry.misconception, entry.hint, entry.caught_by, edits, text, module))
    return tuple(found)


def run_variant(exercise: Exercise, source: str, filename: str) -> ModuleType:
    """A trusted module of this exercise (mutant, variant, stub), in this process."""
    uses: dict[str, ModuleType] = {}
    for slug, path, _ in used_references(exercise):
        uses[slug] = load_file(slug, path, uses)
    try:
        return run_module(exercise.slug, source, filename, uses)
    except (Exception, SystemExit) as problem:
        raise unloadable(filename, problem, "does not load") from problem


def replay(check: Check, example: Example, submission: object) -> bool:
    """Run a check on one example, copied afresh. False when `assume` rejects it; raises what the check raises.

    The submission is shielded, and numpy's global random state starts the same each time: what one student's code
    makes of it must not reach the next.
    """
    np.random.seed(0)
    submission = Shield(submission)
    if not check.is_property:
        check.inner(submission=submission)
        return True
    _NO_CHOICES.events.clear()
    with BuildContext(_NO_CHOICES, wrapped_test=check.function):  # for note() and event()
        try:
            check.inner(submission=submission, **fresh(example))
        except UnsatisfiedAssumption:
            return False
    return True


_NO_CHOICES = ConjectureData.for_choices(())  # a frozen example has made them all
