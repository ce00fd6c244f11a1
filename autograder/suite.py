"""An exercise's checks, mutants and frozen examples, collected once and used for every submission.

A hidden property must be the same for every student. Its Hypothesis examples are therefore drawn once, seeded,
against the reference, and replayed on each submission through `inner_test`, the function below `@given`.
"""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import numpy as np
import yaml
from hypothesis.control import BuildContext
from hypothesis.errors import UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.strategies import DataObject

from autograder.checks import CheckInfo
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.modules import load_reference, run_module

Example = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One graded test. `examples` is None for a property that cannot be frozen, `[{}]` for a plain test."""

    name: str
    law: str
    public: bool
    info: CheckInfo
    function: Callable[..., None] = field(repr=False)

    @property
    def is_property(self) -> bool:
        return hypothesis.is_hypothesis_test(self.function)

    @property
    def inner(self) -> Callable[..., None]:
        """The test itself, below `@given`."""
        return self.function.hypothesis.inner_test if self.is_property else self.function  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Mutant:
    """A known-wrong solution: the reference with one misconception edited in."""

    name: str
    misconception: str
    hint: str
    caught_by: tuple[str, ...]
    source: str = field(repr=False)
    module: ModuleType = field(repr=False)


class Suite:
    """Everything the judge needs of one exercise. With `public` only what students have: no reference, no mutants."""

    def __init__(self, exercise: Exercise, seed: int = 0, public: bool = False) -> None:
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
        self._examples: dict[str, list[Example] | None] = {}
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
        if check.name not in self._examples:
            frozen = self.reference is not None and check.is_property
            plain: list[Example] | None = None if check.is_property else [{}]
            self._examples[check.name] = freeze(check, self.reference, self.seed) if frozen else plain
        return self._examples[check.name]


def build_suites(course: Course, exercises: tuple[Exercise, ...] | None = None) -> dict[str, Suite]:
    """Suites by exercise id."""
    return {e.id: Suite(e, course.grading.seed) for e in (exercises or course.exercises)}


def collect(path: Path, public: bool) -> list[Check]:
    """The checks of one file, in its order. Raises CourseError when it cannot be loaded or holds none."""
    spec = importlib.util.spec_from_file_location(f"autograder_checks_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise CourseError(f"{path}: no such file; every exercise needs public and hidden checks")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        raise CourseError(f"{path}: cannot be loaded: {type(problem).__name__}: {problem}") from problem
    checks = []
    for name, function in vars(module).items():
        info = getattr(function, "autograder_check", None)
        if isinstance(info, CheckInfo) and function.__module__ == module.__name__:
            law = " ".join((function.__doc__ or "").strip().split("\n\n")[0].split())
            checks.append(Check(name, law, public, info, function))
        elif name.startswith("test_") and callable(function):
            raise CourseError(f"{path}: {name} is no check; give it @check(points=…, hint=…) or another name")
    if not checks:
        raise CourseError(f"{path}: holds no checks")
    return checks


def read_mutants(exercise: Exercise) -> tuple[Mutant, ...]:
    """The mutants of an exercise, as modules. Raises CourseError naming the mutant and what is wrong."""
    path = exercise.mutants
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as problem:
        raise CourseError(f"{path}: cannot be read: {problem}") from None
    source = exercise.solution.read_text(encoding="utf-8")
    found: list[Mutant] = []
    for entry in entries or []:
        allowed = {"name", "misconception", "hint", "edit", "caught_by"}
        if not isinstance(entry, dict) or set(entry) != allowed:
            raise CourseError(
                f"{path}: every mutant has exactly the keys {', '.join(sorted(allowed))}; found {entry!r}"
            )
        if entry["name"] in [mutant.name for mutant in found]:
            raise CourseError(f"{path}: two mutants are named {entry['name']}")
        text = source
        for edit in entry["edit"] if isinstance(entry["edit"], list) else [entry["edit"]]:
            if (count := source.count(edit["old"])) != 1:
                raise CourseError(
                    f"{path}: {entry['name']}: old must match exactly once, found {count}: {edit['old']!r}"
                )
            text = text.replace(edit["old"], edit["new"])
        module = run_variant(exercise, text, f"{exercise.id} mutant {entry['name']}")
        found.append(
            Mutant(entry["name"], entry["misconception"], entry["hint"], tuple(entry["caught_by"]), text, module)
        )
    return tuple(found)


def run_variant(exercise: Exercise, source: str, filename: str) -> ModuleType:
    """A trusted module of this exercise (mutant, variant, stub), in this process."""
    from autograder.modules import load_file, used_references

    uses: dict[str, ModuleType] = {}
    for slug, path, _ in used_references(exercise):
        uses[slug] = load_file(slug, path, uses)
    try:
        return run_module(exercise.slug, source, filename, uses)
    except Exception as problem:
        raise CourseError(f"{filename}: does not load: {type(problem).__name__}: {problem}") from problem


def freeze(check: Check, reference: object, seed: int) -> list[Example] | None:
    """Draw a property's examples, keeping those that pass `assume`; None when it draws inside the test.

    Raises CourseError when the reference itself breaks the law.
    """
    if "target" in check.inner.__code__.co_names:
        return None
    kept: list[Example] = []
    original = check.inner
    draws_inside = False

    def record(**kwargs: Any) -> None:
        nonlocal draws_inside
        example = {key: value for key, value in kwargs.items() if key != "submission"}
        if any(isinstance(value, DataObject) for value in example.values()):
            draws_inside = True
            original(**kwargs)
            return
        saved = fresh(example)
        original(**kwargs)
        kept.append(saved)

    with swapped_inner(check, record):
        try:
            hypothesis.seed(seed)(check.function)(submission=reference)
        except Exception as problem:
            raise CourseError(f"the reference fails {check.name}: {type(problem).__name__}: {problem}") from problem
    return None if draws_inside else kept


@contextmanager
def swapped_inner(check: Check, inner: Callable[..., None]) -> Iterator[None]:
    """Let Hypothesis run `inner` in place of the property, for as long as the block lasts."""
    handle = check.function.hypothesis  # type: ignore[attr-defined]
    original = handle.inner_test
    handle.inner_test = inner
    try:
        yield
    finally:
        handle.inner_test = original


def replay(check: Check, example: Example, submission: object) -> bool:
    """Run a check on one example, copied afresh. False when `assume` rejects it; raises what the check raises."""
    if not check.is_property:
        check.inner(submission=submission)
        return True
    with BuildContext(ConjectureData.for_choices(()), wrapped_test=check.function):  # for note() and event()
        try:
            check.inner(submission=submission, **fresh(example))
        except UnsatisfiedAssumption:
            return False
    return True


def fresh(value: Any) -> Any:
    """A copy that shares nothing that a call could change."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if value is None or isinstance(value, int | float | str | bytes | np.generic):
        return value
    if type(value) is dict:
        return {key: fresh(entry) for key, entry in value.items()}
    if type(value) is list:
        return [fresh(entry) for entry in value]
    if type(value) is tuple:
        return tuple(fresh(entry) for entry in value)
    return copy.deepcopy(value)
