"""Names the misconception behind a failure: the mutant whose outputs equal the student's on the same inputs.

Calls of the student, of a mutant and of the reference are lined up, check by check and example by example, and compared
where their arguments are equal: results, kinds of errors, edits of arguments, draws. Results are equal within 1e-9 of
their largest entry (float32: 1e-5). A mutant is named when

- in every function in which it differs from the reference, the student answers as the mutant does, in all calls;
- at least two different inputs show the mistake: the student equals the mutant there, and not the reference;
- and that is so not only where the student happened to fail: before anything is said, the student is also asked
  about inputs, of all checks, on which the mutant is known to differ from the reference.

So a second mistake in another function hides nothing. Where there is one in the same function (no root, and no test of
the range), a mutant is still named if at least three inputs with numbers for answers show its mistake, and nothing in
the checks where they stood speaks against it; but only if no mutant explains everything.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, zip_longest
from types import ModuleType
from typing import TYPE_CHECKING, Self

from autograder.checks import all_the_way
from autograder.judge.calls import Call, Recorder, Trace, agree, alike_to_precision, has_numbers, same_input
from autograder.judge.examples import Example
from autograder.judge.suite import Check, Suite
from autograder.results import Diagnosis
from autograder.runner.session import InProcess

if TYPE_CHECKING:
    from autograder.judge.mutants import Mutant

#: So many different inputs must show the mistake before it is named.
MIN_EVIDENCE = 2
MIN_PARTIAL = 3
MAX_NAMED = 2
#: So many mutants are looked at closely, each on so many further inputs a check.
MAX_SUSPECTS = 4
PROBES = 3
#: A check's telling inputs are looked for among its first examples.
LOOKED_AT = 25
#: What is kept of the mutants' and the reference's calls for the next student.
MAX_CACHE_BYTES = 128 << 20

#: Asks the student once more: the calls of one check on one example.
Probe = Callable[[Check, Example], Trace]


@dataclass
class Suspicion:
    """What speaks for one mutant: the inputs that show its mistake, by check."""

    mutant: Mutant
    inputs: dict[str, set[str]]
    is_whole: bool  # nothing anywhere speaks against it

    @property
    def evidence(self) -> set[str]:
        return set().union(*self.inputs.values())


@dataclass(frozen=True)
class Line:
    """One call of a mutant, beside the reference's if that had the same arguments."""

    wrong: Call
    fine: Call | None
    differs: bool
    only_in_precision: bool = False
    only_in_form: bool = False  # as laws look at it, that is: the shape is the mistake

    @classmethod
    def of(cls, wrong: Call, fine: Call | None) -> Self:
        if fine is None or not same_input(wrong, fine):
            return cls(wrong, None, False)  # its arguments come from earlier results, which differ
        differs = not alike_to_precision(wrong, fine)
        return cls(wrong, fine, differs, differs and agree(wrong, fine), differs and agree(wrong, fine, loose=True))

    def speaks(self, call: Call) -> bool | None:
        """Whether a student's call speaks for the mutant, against it, or neither.

        Where mutant and reference differ in precision only, precision decides; else float32 is as good as float64.
        """
        if not same_input(call, self.wrong):
            return None
        if not agree(call, self.wrong) and (self.only_in_form or not agree(call, self.wrong, loose=True)):
            return False
        if not self.differs or self.fine is None:
            return None
        if self.only_in_precision:
            return alike_to_precision(call, self.wrong)
        return None if agree(call, self.fine, loose=not self.only_in_form) else True


class Diagnostician:
    """Compares a student's calls with those of an exercise's mutants."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._checks = {check.name: check for check in suite.checks}
        self._lines: dict[tuple[str, str, int], tuple[Example, list[Line]]] = {}
        self._right: dict[tuple[str, int], tuple[Example, list[Call]]] = {}
        self._bytes = 0

    def explain(
        self, traces: dict[str, list[Trace]], asked: Iterable[Check] = (), probe: Probe | None = None
    ) -> tuple[Diagnosis, ...]:
        """The misconceptions behind the failed checks, at most two.

        traces: by failed check, its failing examples. asked: the checks that came to a verdict; `probe` puts the
        student to more of their examples. Raises what `probe` raises.
        """
        suspects = [s for mutant in self._suite.mutants if (s := self.suspect(mutant, traces)) is not None]
        suspects = _ranked(suspects)[:MAX_SUSPECTS]
        if probe is not None and suspects:
            more = self._probe(suspects, traces, list(asked), probe)
            confirmed = [self.suspect(suspect.mutant, traces, more) for suspect in suspects]
            suspects = [suspect for suspect in confirmed if suspect is not None]
        suspects = [s for s in suspects if len(s.evidence) >= (MIN_EVIDENCE if s.is_whole else MIN_PARTIAL)]
        return tuple(Diagnosis(s.mutant.name, s.mutant.misconception, s.mutant.hint) for s in _named(suspects))

    def suspect(
        self, mutant: Mutant, traces: dict[str, list[Trace]], more: dict[str, list[Trace]] | None = None
    ) -> Suspicion | None:
        """What speaks for a mutant in the checks that failed; None when nothing does."""
        inputs: dict[str, set[str]] = {}
        numeric: dict[str, set[str]] = {}
        differs, contradicted, against = set[str](), set[str](), set[str]()
        everything = [*_flat(traces), *_flat(more or {})]
        with_numbers = {name for name, trace in everything if any(map(has_numbers, trace.calls))}
        for name, trace in everything:
            if differs & contradicted and (name in against or name not in with_numbers):
                continue  # nothing here can speak for the mutant any more; to run it would cost most of all
            for call, line in zip(trace.calls, self._line_up(self._checks[name], trace.example, mutant), strict=False):
                if line.differs:
                    differs.add(line.wrong.name)
                verdict = line.speaks(call)
                if verdict is False:
                    contradicted.add(call.name)
                    against.add(name)
                elif verdict:
                    shown = f"{call.text()} {call.outcome_text()}"
                    inputs.setdefault(name, set()).add(shown)
                    if has_numbers(call):
                        numeric.setdefault(name, set()).add(shown)
        is_whole = not differs & contradicted
        # A second mistake in the same function: then only numbers count, and only checks without a contradiction.
        agreeing = inputs if is_whole else {name: seen for name, seen in numeric.items() if name not in against}
        return Suspicion(mutant, agreeing, is_whole) if set(agreeing) & set(traces) else None

    def _probe(
        self, suspects: list[Suspicion], traces: dict[str, list[Trace]], asked: list[Check], probe: Probe
    ) -> dict[str, list[Trace]]:
        """The student's calls on inputs on which a suspect is known to differ from the reference."""
        done = {(name, _mark(self._checks[name], trace.example)) for name, trace in _flat(traces)}
        more: dict[str, list[Trace]] = {}
        for check in asked:
            for suspect in suspects:
                for example in self._telling(check, suspect.mutant, done):
                    done.add((check.name, _mark(check, example)))
                    more.setdefault(check.name, []).append(probe(check, example))
        return more

    def _telling(self, check: Check, mutant: Mutant, done: set[tuple[str, int]]) -> list[Example]:
        """Examples of a check, not among those `done`, on which the mutant's calls differ from the reference's."""
        examples = (self._suite.examples(check) or [])[:LOOKED_AT]
        fresh = (e for e in examples if (check.name, _mark(check, e)) not in done)
        return list(islice((e for e in fresh if any(x.differs for x in self._line_up(check, e, mutant))), PROBES))

    def _line_up(self, check: Check, example: Example, mutant: Mutant) -> list[Line]:
        """A mutant's calls in one check on one example beside the reference's; kept for the next student."""
        key = (check.name, mutant.name, _mark(check, example))
        if key not in self._lines:
            right = self._reference(check, example)
            theirs = self._replayed(check, example, mutant.module)
            lines = [Line.of(wrong, fine) for wrong, fine in zip_longest(theirs, right[: len(theirs)])]
            for call in theirs:
                call.thin()
            self._make_room(theirs)
            self._lines[key] = (example, lines)
        return self._lines[key][1]

    def _reference(self, check: Check, example: Example) -> list[Call]:
        key = (check.name, _mark(check, example))
        if key not in self._right:
            calls = self._replayed(check, example, self._suite.reference)
            self._make_room(calls)
            self._right[key] = (example, calls)
        return self._right[key][1]

    def _make_room(self, calls: list[Call]) -> None:
        """Before these are kept: forget everything where it would become too much."""
        size = sum(call.all_bytes for call in calls)
        if self._bytes + size > MAX_CACHE_BYTES:
            self._lines.clear()
            self._right.clear()
            self._bytes = 0
        self._bytes += size

    def _replayed(self, check: Check, example: Example, module: ModuleType | None) -> list[Call]:
        assert module is not None  # without a reference nothing is diagnosed
        recorder = Recorder(InProcess(module))
        with suppress(Exception), warnings.catch_warnings(), all_the_way():
            warnings.simplefilter("ignore")  # a mutant may divide by zero
            check.run(example, recorder)
        recorder.drop_frames()
        for call in recorder.calls:
            call.forget_spies()
        return recorder.calls


def _mark(check: Check, example: Example) -> int:
    """Tells the frozen examples of a check apart; a plain check has one only. Kept calls keep theirs alive."""
    return id(example) if check.is_property else 0


def _flat(traces: dict[str, list[Trace]]) -> list[tuple[str, Trace]]:
    return [(name, trace) for name, those in traces.items() for trace in those]


def _ranked(suspects: list[Suspicion]) -> list[Suspicion]:
    return sorted(suspects, key=lambda suspect: (not suspect.is_whole, -len(suspect.inputs), -len(suspect.evidence)))


def _named(suspects: list[Suspicion]) -> list[Suspicion]:
    """The strongest, and one more: that explains what the first leaves open, else one that is as strong."""
    if not suspects:
        return []
    first, *rest = [s for s in _ranked(suspects) if s.is_whole] or _ranked(suspects)
    open_ends = [s for s in rest if not s.evidence & first.evidence]
    ties = [s for s in rest if s.evidence == first.evidence]
    return [first, *(open_ends or ties)[: MAX_NAMED - 1]]
