"""Names the misconception behind a failure: the mutant whose outputs equal the student's on the same inputs.

A mutant explains a failed check if it and the student agree in every call of every failing example (results,
raised errors, edits of arguments, draws), and differs from the reference in at least two different results, here
or in the other checks that it explains. Agreement is within 1e-9 of the value (float32: 1e-5).
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any

from autograder.results import Diagnosis
from autograder.suite import Check, Example, Mutant, Suite, replay
from autograder.trace import Call, Recorder, Trace, agree

#: So many different wrong results must agree before a misconception is named.
MIN_EVIDENCE = 2
MAX_NAMED = 2


class Diagnostician:
    """Compares a student's calls with those of an exercise's mutants."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._checks = {check.name: check for check in suite.checks}

    def explain(self, traces: dict[str, list[Trace]]) -> tuple[Diagnosis, ...]:
        """The misconceptions behind the failed checks: at most two, those with most evidence first."""
        if not traces:
            return ()
        evidence: dict[str, tuple[int, int]] = {}
        found: dict[str, Mutant] = {}
        for mutant in self._suite.mutants:
            explained, results = 0, []
            for name, theirs in traces.items():
                wrong = self._wrong_results(self._checks[name], mutant, theirs)
                if wrong:
                    explained += 1
                    results += wrong
            distinct = self._distinct(results)
            if explained and distinct >= MIN_EVIDENCE:
                evidence[mutant.name], found[mutant.name] = (explained, distinct), mutant
        if not evidence:
            return ()
        most = max(explained for explained, _ in evidence.values())
        best = [name for name, (explained, _) in evidence.items() if explained == most]
        named = [found[name] for name in best]
        return tuple(Diagnosis(m.name, m.misconception, m.hint) for m in named[:MAX_NAMED])

    def _wrong_results(self, check: Check, mutant: Mutant, traces: list[Trace]) -> list[Any]:
        """What the mutant and the student have in common against the reference; empty if they differ anywhere."""
        wrong: list[Any] = []
        for trace in traces:
            theirs = self._calls(check, trace.example, mutant.module)
            if len(theirs) != len(trace.calls) or not all(map(agree, trace.calls, theirs)):
                return []
            right = self._calls(check, trace.example, self._suite.reference)
            for i, call in enumerate(theirs):
                if i >= len(right) or not agree(call, right[i]):
                    wrong.append([call.text(), call.outcome_text()])
        return wrong

    def _calls(self, check: Check, example: Example, module: Any) -> list[Call]:
        recorder = Recorder(module)
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a mutant may divide by zero
            replay(check, example, recorder)
        return recorder.calls

    @staticmethod
    def _distinct(results: list[Any]) -> int:
        return len({repr(result) for result in results})
