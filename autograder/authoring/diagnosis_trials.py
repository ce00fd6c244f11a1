"""Measures the diagnosis: whom it names rightly, and whether it ever names a misconception that is not there.

Three kinds of wrong solutions are tried: each mutant; pairs of mutants, two misconceptions in one module; and unrelated
wrong answers: functions that return rubbish, the reference's results bent in some way, and small edits of the
reference that nobody chose. A name is wrong when its mutant is none of those put in and, on all frozen examples of all
checks, does not answer as the wrong solution does: everywhere, or in all of one law's examples.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.errors import CourseError
from autograder.judge.calls import Trace
from autograder.judge.diagnose import MIN_PARTIAL, Diagnostician
from autograder.judge.mutants import Mutant, edited
from autograder.judge.suite import Check, Suite
from autograder.judge.verdict import Failed, Judge
from autograder.limits import Limits
from autograder.results import Outcome
from autograder.sources import run_variant

#: So many pairs and so many edits are tried of an exercise; of one whose checks train or sample, fewer.
TRIALS, FEW_TRIALS = 10, 2
#: Of a check's frozen examples so many are run in a trial, until some fail.
EXAMPLES = 25

Opener = Callable[[], Any]


@dataclass
class Tally:
    """How the diagnosis did. The lists say who, in words for the audit."""

    mutants: int = 0
    right: int = 0
    pairs: int = 0
    pairs_named: int = 0
    unrelated: int = 0
    undiagnosed: list[str] = field(default_factory=list)
    wrong_mutants: list[str] = field(default_factory=list)
    wrong_pairs: list[str] = field(default_factory=list)
    wrong_unrelated: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        return self.wrong_mutants + self.wrong_pairs + self.wrong_unrelated

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def __str__(self) -> str:
        return (
            f"rightly named {self.right} of {self.mutants} mutants and at least one of {self.pairs_named} of "
            f"{self.pairs} pairs; wrongly {len(self.wrong_mutants)} mutants, {len(self.wrong_pairs)} pairs and "
            f"{len(self.wrong_unrelated)} of {self.unrelated} unrelated wrong answers"
        )


class Trials:
    """Tries wrong solutions of one exercise in this process. `opened(module)` makes a session of a module."""

    def __init__(self, judge: Judge, opened: Callable[[Any], Any]) -> None:
        self._judge, self._suite, self._opened = judge, judge.suite, opened
        self._diagnostician = Diagnostician(judge.suite)
        self.tally = Tally()
        usual = judge.suite.exercise.limits.cpu_seconds <= Limits().cpu_seconds
        self._count = TRIALS if usual else FEW_TRIALS

    def all(self, rubbish: dict[str, Any]) -> Tally:
        """Every mutant, pairs, and unrelated wrong answers, the values of `rubbish` among them."""
        for mutant in self._suite.mutants:
            self.mutant(mutant, self._session(mutant.source, mutant.name))
        return self.others(rubbish)

    def others(self, rubbish: dict[str, Any]) -> Tally:
        """Pairs and unrelated wrong answers. Returns the whole tally."""
        for one, two, source in pairs(self._suite, self._count):
            self.tally.pairs += 1
            name = f"{one.name} with {two.name}"
            known = {one.name, two.name}
            names = self._expect(name, self._session(source, name), known, self.tally.wrong_pairs)
            self.tally.pairs_named += bool(known & set(names))
        unrelated = {**{name: self._returning(value) for name, value in rubbish.items()}, **self._bent()}
        for i, source in enumerate(edits(self._suite, self._count)):
            unrelated[f"edit {i + 1}"] = self._session(source, f"edit {i + 1}")
        for name, opener in unrelated.items():
            self.tally.unrelated += 1
            self._expect(name, opener, set(), self.tally.wrong_unrelated)
        return self.tally

    def mutant(self, mutant: Mutant, opener: Opener) -> None:
        """Whether a mutant is named when it is what was handed in."""
        self.tally.mutants += 1
        names = self._names(opener)
        if mutant.name in names:
            self.tally.right += 1
        elif not names:
            self.tally.undiagnosed.append(mutant.name)
        else:
            self._judge_names(mutant.name, opener, names, self.tally.wrong_mutants)

    def _expect(self, who: str, opener: Opener, known: set[str], wrong: list[str]) -> list[str]:
        """Who is named; a name that is not among the `known` ones has to hold everywhere."""
        names = self._names(opener, EXAMPLES)
        self._judge_names(who, opener, [name for name in names if name not in known], wrong)
        return names

    def _judge_names(self, who: str, opener: Opener, names: list[str], wrong: list[str]) -> None:
        """A name that nobody put in is right only if, on all frozen examples, it would be found again."""
        for mutant in (m for m in self._suite.mutants if m.name in names):
            session = opener()
            everything = {c.name: self._traces(c, session, self._suite.examples(c) or []) for c in self._suite.checks}
            suspicion = self._diagnostician.suspect(mutant, everything)
            if suspicion is None or not (suspicion.is_whole or len(suspicion.evidence) >= MIN_PARTIAL):
                wrong.append(f"{who} is taken for {mutant.name}")

    def _names(self, opener: Opener, among: int | None = None) -> list[str]:
        """The mutants that the diagnosis names, as in `Judge.grade`."""
        results: dict[str, Failed | None] = {}
        traces: dict[str, list[Trace]] = {}
        for check in self._suite.checks:
            session = opener()
            failed, failing = self._judge.run_check(check, session, among=among)
            results[check.name] = failed
            needs = results.get(check.info.needs or "")
            if failed is not None and failed.outcome is Outcome.FAILED and not failed.unwritten and needs is None:
                traces[check.name] = self._traces(check, session, failing)
        asked = [check for check in self._suite.checks if results[check.name] is None or check.name in traces]
        session = opener()
        diagnoses = self._diagnostician.explain(traces, asked, lambda check, e: self._judge.trace(check, e, session))
        return [diagnosis.mutant for diagnosis in diagnoses]

    def _traces(self, check: Check, session: Any, examples: list[dict[str, Any]]) -> list[Trace]:
        return [self._judge.trace(check, example, session) for example in examples]

    # -- wrong solutions ----------------------------------------------------------------------------

    def _session(self, source: str, name: str) -> Opener:
        return lambda: self._opened(run_variant(self._suite.exercise, source, f"{self._suite.exercise.id} {name}"))

    def _functions(self) -> dict[str, Callable[..., Any]]:
        named = vars(self._suite.reference).items()
        return {name: f for name, f in named if callable(f) and not name.startswith("_") and not isinstance(f, type)}

    def _returning(self, value: Any) -> Opener:
        module = SimpleNamespace(**{name: lambda *args, **kwargs: value for name in self._functions()})
        return lambda: self._opened(module)

    def _bent(self) -> dict[str, Opener]:
        """The reference with every result bent."""
        ways: dict[str, Callable[[Any], Any]] = {
            "a tenth more": lambda result: result * 1.1,
            "a tenth added": lambda result: result + 0.1,
            "two decimals": lambda result: np.round(result, 2),
            "turned round": lambda result: np.asarray(result)[::-1],
            "one axis more": lambda result: np.asarray(result)[None],
        }
        return {name: self._bending(way) for name, way in ways.items()}

    def _bending(self, way: Callable[[Any], Any]) -> Opener:
        def bent(function: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *args, **kwargs: way(function(*args, **kwargs))

        module = SimpleNamespace(**{name: bent(function) for name, function in self._functions().items()})
        return lambda: self._opened(module)


def pairs(suite: Suite, count: int) -> Iterator[tuple[Mutant, Mutant, str]]:
    """Two mutants in one source, chosen by the exercise's name; those whose edits overlap cannot be."""
    every = list(combinations(suite.mutants, 2))
    random.Random(suite.exercise.id).shuffle(every)
    made = 0
    for one, two in every:
        source = both(suite, one, two)
        if source is not None and made < count:
            made += 1
            yield one, two, source


def both(suite: Suite, one: Mutant, two: Mutant) -> str | None:
    """The reference with the edits of two mutants; None where they do not go together."""
    source = suite.exercise.solution.read_text(encoding="utf-8")
    try:
        source = edited(source, (*one.edits, *two.edits))
        run_variant(suite.exercise, source, f"{suite.exercise.id} {one.name} with {two.name}")
    except CourseError:
        return None
    return source


_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.Lt,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
}


def edits(suite: Suite, count: int) -> Iterator[str]:
    """Small edits of the reference: an operator, a comparison, a number. Functions with `while` are left alone."""
    source = suite.exercise.solution.read_text(encoding="utf-8")
    chance = random.Random(suite.exercise.id)
    places = _places(ast.parse(source))
    for place in chance.sample(range(len(places)), min(count, len(places))):
        tree = ast.parse(source)
        _edit(_places(tree)[place])
        text = ast.unparse(tree)
        try:
            run_variant(suite.exercise, text, f"{suite.exercise.id} edited")
        except CourseError:
            continue  # it does not even load
        yield text


def _places(tree: ast.Module) -> list[ast.AST]:
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    safe = [f for f in functions if not any(isinstance(node, ast.While) for node in ast.walk(f))]
    return [node for f in safe for statement in f.body for node in ast.walk(statement) if _is_editable(node)]


def _is_editable(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return type(node.op) in _SWAPPED
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in _SWAPPED
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _edit(node: ast.AST) -> None:
    if isinstance(node, ast.BinOp):
        node.op = _SWAPPED[type(node.op)]()  # type: ignore[assignment]
    elif isinstance(node, ast.Compare):
        node.ops[0] = _SWAPPED[type(node.ops[0])]()  # type: ignore[call-overload]
    elif isinstance(node, ast.Constant):
        node.value = node.value + 1  # type: ignore[operator]
