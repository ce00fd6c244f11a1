"""Decides: runs an exercise's checks on one submission and explains what failed. The student's code is elsewhere.

Any exception that a check raises because of a value of the student's fails the student; one that the reference
raises on the same example as well is the grader's own, and makes the exercise an `error`.
"""

from __future__ import annotations

import re
import sysconfig
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from autograder.checks import CheckFailure, all_the_way, show
from autograder.errors import GraderError
from autograder.judge.calls import Recorder, Trace
from autograder.judge.diagnose import Diagnostician
from autograder.judge.examples import Example, Frozen
from autograder.judge.hypothesis_internals import Through, running, settings_of
from autograder.judge.memory import address_space, drop_cycles, memory_ceiling
from autograder.judge.suite import Check, Suite
from autograder.judge.undo_edits import Shield
from autograder.results import CheckResult, Counterexample, Diagnosis, ExerciseResult, Outcome
from autograder.runner.failures import StudentBroke, StudentDied, StudentError, StudentFailure, StudentTimeout
from autograder.runner.session import Crossing, Session

_PATH = re.compile(r"\[Errno \d+\] [^:']+: '([^']+)'")
#: Where Python's own modules lie, of which an import may be refused.
_LIBRARIES = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sysconfig.get_path("purelib"))

#: A check that goes through examples looks at this many failing ones for the diagnosis.
FAILING_EXAMPLES = 6
#: What is kept of an exercise's calls until the diagnosis; the traces of a check that goes beyond are dropped.
MAX_TRACE_BYTES = 256 << 20
#: Said in place of all that a student's code did on examples that decide: it would tell what they are.
UNSHOWN = "it does not hold for all inputs that decide; for those that may be shown, it does"
#: What the judge may take beyond what it has, while it grades one module.
JUDGE_MIB = 2048


@dataclass(frozen=True)
class Failed:
    """Why one run of a check did not pass."""

    outcome: Outcome
    message: str
    example: Example | None = None
    private: str = ""
    flag: str = ""
    rejected: bool = False  # `assume` refused what came back: no failure while looking for a smaller example
    ended: bool = False  # the worker is gone: no more examples, no shrinking
    unwritten: bool = False  # the stub's own NotImplementedError: nothing to explain
    hint: str | None = None  # in place of the check's own
    got: object = None  # what an assertion found wrong


#: Errors that say themselves what is wrong; a hint about the law would lead away from it.
_NO_ANSWER = (NameError, AttributeError, ImportError, SyntaxError, RecursionError, OSError)
OUT_OF_TIME = Failed(Outcome.TIMEOUT, "not run: the module had used up the time for all its checks")


class Judge:
    """Grades submissions of one exercise. `opener(source)` gives a fresh session in the runner."""

    def __init__(self, suite: Suite, opener: Callable[[bytes], Session], shrink_calls: int = 200) -> None:
        self.suite = suite
        self._opener = opener
        self._shrink_calls = shrink_calls
        self._diagnostician = Diagnostician(suite)
        self._end = float("inf")  # of the time that the module at hand has, on the monotonic clock
        self.most_examples: int | None = None  # of a property that draws its own; None: as many as the check says

    def grade(self, source: bytes | None, only: Callable[[Check], bool] = lambda check: True) -> ExerciseResult:
        """All checks on one module. None: it was not submitted. Raises GraderError when the runner fails."""
        suite = self.suite
        checks = [check for check in suite.checks if only(check)]
        blank = ExerciseResult(
            suite.exercise.id,
            Outcome.MISSING,
            0.0,
            sum(check.info.points for check in checks),
            pending=suite.exercise.by_hand,
        )
        if source is None:
            return replace(blank, pending=0.0, message=f"{suite.exercise.slug}.py was not submitted")
        for check in checks:
            suite.examples(check)  # drawn before the time runs: for all students, on nobody's account
        self._end = time.monotonic() + suite.exercise.limits.total_seconds
        # A warning shows the line that it comes from, which may be a hidden check's.
        before = address_space()
        with memory_ceiling(JUDGE_MIB), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return self._grade_source(blank, source, checks)
            finally:
                drop_cycles(before)

    def _open(self, source: bytes) -> Session:
        """A fresh session, which answers as long as the module has time left."""
        session = self._opener(source)
        session.answer_until(self._end)
        return session

    def _grade_source(self, blank: ExerciseResult, source: bytes, checks: list[Check]) -> ExerciseResult:
        session = self._open(source)
        try:
            unloadable = self._load_failure(session)
            if unloadable is None:
                return self._grade_checks(blank, source, checks, session)
        finally:
            session.close()
        results = tuple(replace(self._result(check, unloadable), hint="") for check in checks)
        flags = (unloadable.flag,) if unloadable.flag else ()
        return replace(blank, outcome=Outcome.FAILED, checks=results, message=unloadable.message, flags=flags)

    def _grade_checks(
        self, blank: ExerciseResult, source: bytes, checks: list[Check], loaded: Session
    ) -> ExerciseResult:
        """Every check in a fresh session; the first in the one that loaded the module."""
        results: dict[str, CheckResult] = {}
        traces: dict[str, list[Trace]] = {}
        flags: list[str] = []
        session: Session | None = loaded
        shrink_calls, room, before = self._shrink_calls, MAX_TRACE_BYTES, address_space()
        for check in checks:
            needed = results.get(check.info.needs or "")
            if needed is not None and needed.outcome is not Outcome.PASSED:
                results[check.name] = self._skipped(check, needed)
                continue
            if time.monotonic() > self._end:
                results[check.name] = self._result(check, OUT_OF_TIME)
                continue
            session = session or self._open(source)
            try:
                failed, failing = self.run_check(check, session)
            finally:
                cpu = session.close()
                session = None
            seen = None
            failed = failed and self._unshown(check, failed)
            if failed is not None and failed.outcome is Outcome.FAILED and not failed.ended and not failed.unwritten:
                of_check: list[Trace] = []
                try:
                    failed, seen, of_check = self._explain(check, failed, failing, source, shrink_calls)
                except GraderError:
                    raise
                except Exception as problem:  # the verdict stands without an explanation
                    flags.append(f"{check.name}: not explained: {type(problem).__name__}: {problem}")
                shrink_calls = 0
                room -= sum(trace.kept_bytes for trace in of_check)
                if room >= 0:
                    traces[check.name] = of_check
            if failed is not None and failed.flag:
                flags.append(f"{check.name}: {failed.flag}")
            results[check.name] = self._result(check, failed, cpu, seen)
            drop_cycles(before)
        asked = [check for check in checks if results[check.name].outcome is Outcome.PASSED or check.name in traces]
        diagnoses: tuple[Diagnosis, ...] = ()
        try:
            diagnoses = self._diagnose(traces, asked, source)
        except GraderError:
            raise
        except Exception as problem:  # the same; one check more or less of a student's must not decide on marks
            flags.append(f"no diagnosis: {type(problem).__name__}: {problem}")
        if time.monotonic() > self._end:
            flags.append(f"used up {self.suite.exercise.limits.total_seconds:g} s, the time for all its checks")
        return self._total(blank, list(results.values()), diagnoses, flags)

    # -- running one check --------------------------------------------------------------------------

    def _load_failure(self, session: Session) -> Failed | None:
        """Load the module, to tell one that never loads from a check that fails."""
        try:
            session.load()
        except StudentError as problem:
            return Failed(Outcome.FAILED, error_text(problem), flag=refusal(problem))
        except StudentFailure as problem:
            return student_failure(problem, "while the module was being imported")
        return None

    def run_check(
        self, check: Check, session: Session, most: int = FAILING_EXAMPLES, among: int | None = None
    ) -> tuple[Failed | None, list[Example]]:
        """All examples of a check (or the first `among`), until `most` failed. The first failure, and which failed."""
        examples = self.suite.examples(check)
        if examples is None:
            return self._run_unfrozen(check, session, self.suite.seed)
        return self._run_all(check, examples[:among], session, most)

    def _run_all(
        self, check: Check, examples: list[Example], session: Session, most: int
    ) -> tuple[Failed | None, list[Example]]:
        first: Failed | None = None
        failing: list[Example] = []
        for example in examples:
            failed = self.attempt(check, example, session)
            if failed is None:
                continue
            first = first or failed
            if failed.outcome is Outcome.ERROR or failed.ended or failed.unwritten:
                return failed, failing
            failing.append(example)
            if len(failing) >= most:
                break
        return first, failing

    def attempt(self, check: Check, example: Example, session: Session) -> Failed | None:
        """One check on one example."""
        return self._outcome_of(check, lambda submission: check.run(example, submission), session, example)

    def _run_unfrozen(self, check: Check, session: Session, seed: int) -> tuple[Failed | None, list[Example]]:
        """A property that draws inside the test runs with Hypothesis itself, seeded and without shrinking."""
        from hypothesis import Phase, settings
        from hypothesis import seed as seeded

        function = seeded(seed)(check.function)
        chosen = settings_of(function)
        examples = min(chosen.max_examples, self.most_examples or chosen.max_examples)

        def run(**kwargs: Any) -> None:
            try:
                check.inner(**kwargs)
            except (GraderError, StudentFailure) as problem:
                raise Through(problem) from None

        def whole(submission: Session) -> bool:
            try:
                with running(function, run, settings(chosen, max_examples=examples, phases=[Phase.generate])):
                    function(submission=Shield(submission))
            except Through as carried:
                raise carried.problem from None
            return True

        return self._outcome_of(check, whole, session), []

    def _outcome_of(
        self, check: Check, run: Callable[[Session], bool], session: Session, example: Example | None = None
    ) -> Failed | None:
        """How a check, or one example of it, ended on a submission; None: it holds. `run` is False where `assume`
        rejects what came back."""
        try:
            if not run(session):  # the reference's own answers were let through
                return Failed(Outcome.FAILED, "what came back is not what the check is about", example, rejected=True)
        except GraderError:
            raise
        except StudentFailure as problem:
            return student_failure(problem)
        except CheckFailure as problem:
            said = self._told(check, problem)
            return Failed(Outcome.FAILED, said, example, str(problem), hint=problem.hint, got=problem.got)
        except StudentError as problem:
            return Failed(
                Outcome.FAILED,
                error_text(problem),
                example,
                flag=refusal(problem),
                unwritten=isinstance(problem, NotImplementedError),
                hint="" if isinstance(problem, _NO_ANSWER) else None,
            )
        except AssertionError as problem:
            return Failed(Outcome.FAILED, str(problem).split("\n")[0] or "the law does not hold", example)
        except Exception as problem:
            return self._unforeseen(run, example, problem)
        finally:
            session.forget_lent()
        return None

    def _unforeseen(self, run: Callable[[Session], bool], example: Example | None, problem: Exception) -> Failed:
        """An exception from the check itself: the student's value is to blame only if the reference passes here."""
        private = "".join(traceback.format_exception(problem))[-4000:]
        if self.suite.reference is None:
            return Failed(Outcome.FAILED, f"the check could not go on: {type(problem).__name__}: {problem}", example)
        try:
            run(Crossing(self.suite.reference))
        except Exception:
            return Failed(Outcome.ERROR, "the grader failed on this check", example, private)
        return Failed(
            Outcome.FAILED,
            f"what came back is of no use to the check ({type(problem).__name__})",
            example,
            private,
        )

    def _told(self, check: Check, problem: CheckFailure) -> str:
        """A failure as students may read it, if they may see the example."""
        if problem.expected and (check.public or problem.reveal):
            return f"{problem.message}; expected {problem.expected}"
        return problem.message

    # -- explaining ---------------------------------------------------------------------------------

    def _unshown(self, check: Check, failed: Failed) -> Failed:
        """A failure of a property, without what a student's code said of the examples that decide: they are kept.

        Else a table of the answers to them earned all points of exercise 05 within 34 rounds of feedback.
        """
        if (
            self.suite.reference is None
            or not check.is_property
            or failed.outcome is not Outcome.FAILED
            or failed.ended
        ):
            return failed
        if not failed.unwritten:
            return replace(failed, message=UNSHOWN)
        stubs_own = [f"{name} is not written yet" for name in vars(self.suite.reference)]
        return failed if failed.message in stubs_own else replace(failed, message="not written yet")

    def _explain(
        self, check: Check, failed: Failed, failing: list[Example], source: bytes, shrink_calls: int
    ) -> tuple[Failed, Counterexample | None, list[Trace]]:
        """The failure as it may be shown, the call behind it, and traces for the diagnosis.

        Of a property it is the smallest that can be found among examples that decide nothing, by a process that has
        seen no others.
        """
        traces: list[Trace] = []
        if self.suite.reference is not None:  # else it is a student's bundle: no mutants to compare with
            session = self._open(source)
            try:
                traces = [self.trace(check, example, session) for example in failing]
            finally:
                session.close()
        session = self._open(source)
        try:
            return *self._show(check, failed, session, shrink_calls), traces
        finally:
            session.close()

    def _show(
        self, check: Check, failed: Failed, session: Session, shrink_calls: int
    ) -> tuple[Failed, Counterexample | None]:
        frozen = self.suite.shown(check)
        if frozen is not None and frozen.draws_inside:
            again, _ = self._run_unfrozen(check, session, self.suite.shown_seed)
            return again or failed, None
        example = failed.example if frozen is None else self._smallest(check, frozen, session, shrink_calls)
        if example is None:
            return failed, None
        recorder = Recorder(session)
        again = self.attempt(check, example, recorder)
        if again is None or again.outcome is not Outcome.FAILED or again.ended:
            return failed, None  # it depends on what was called before; keep what was seen
        call = recorder.about(again.got)
        return again, Counterexample(call.text(), call.outcome_text()) if call else None

    def _smallest(self, check: Check, frozen: Frozen, session: Session, shrink_calls: int) -> Example | None:
        """The smallest example that fails, in at most so many calls made smaller still; None where all hold."""
        _, failing = self._run_all(check, frozen.examples, session, FAILING_EXAMPLES)
        if not failing:
            return None
        best = min(failing, key=size_of)
        if not shrink_calls:
            return best
        choices = next(c for e, c in zip(frozen.examples, frozen.choices, strict=True) if e is best)
        from autograder.judge.shrink import shrink

        return shrink(check, best, choices, session, self.attempt, shrink_calls, self.suite.seed)

    def _diagnose(self, traces: dict[str, list[Trace]], asked: list[Check], source: bytes) -> tuple[Diagnosis, ...]:
        """The misconceptions behind what failed; none where the student's code does not last. The verdict stands."""
        session = self._open(source)

        def probe(check: Check, example: Example) -> Trace:
            trace = self.trace(check, example, session)
            for call in trace.calls:
                if isinstance(call.error, StudentFailure):
                    raise call.error
            return trace

        try:
            return self._diagnostician.explain(traces, asked, probe)
        except (MemoryError, StudentFailure):
            return ()
        finally:
            session.close()

    def trace(self, check: Check, example: Example, session: Session) -> Trace:
        """The calls of one check on one example, also those after an assertion that failed."""
        recorder = Recorder(session)
        try:
            with all_the_way():
                check.run(example, recorder)
        except GraderError:
            raise  # nothing that the student answered
        except Exception:
            pass
        finally:
            session.forget_lent()
        recorder.drop_frames()
        return Trace(example, recorder.calls, recorder.kept_bytes)

    # -- results ------------------------------------------------------------------------------------

    def _skipped(self, check: Check, needed: CheckResult) -> CheckResult:
        return CheckResult(
            check.name,
            check.law,
            check.public,
            Outcome.SKIPPED,
            0.0,
            check.info.points,
            f"not run: it needs “{needed.law}”",
        )

    def _result(
        self, check: Check, failed: Failed | None, cpu: float = 0.0, seen: Counterexample | None = None
    ) -> CheckResult:
        if failed is None:
            return CheckResult(
                check.name,
                check.law,
                check.public,
                Outcome.PASSED,
                check.info.points,
                check.info.points,
                cpu_seconds=cpu,
            )
        return CheckResult(
            check.name,
            check.law,
            check.public,
            failed.outcome,
            0.0,
            check.info.points,
            stable(failed.message),
            "" if failed.outcome is Outcome.ERROR else check.info.hint if failed.hint is None else failed.hint,
            None if seen is None else Counterexample(stable(seen.call), stable(seen.got)),
            stable(failed.private).replace(f"{self.suite.exercise.root}/", ""),
            cpu,
        )

    def _total(
        self,
        blank: ExerciseResult,
        results: list[CheckResult],
        diagnoses: tuple[Diagnosis, ...],
        flags: list[str],
    ) -> ExerciseResult:
        points = sum(result.points for result in results)
        if any(result.outcome is Outcome.ERROR for result in results):
            return replace(
                blank,
                outcome=Outcome.ERROR,
                points=None,
                checks=tuple(results),
                message="the grader failed; no marks yet",
                flags=tuple(flags),
            )
        passed = sum(result.outcome is Outcome.PASSED for result in results)
        outcome = Outcome.PASSED if passed == len(results) else Outcome.PARTIAL if passed else Outcome.FAILED
        return replace(
            blank,
            outcome=outcome,
            points=points,
            checks=tuple(results),
            diagnoses=diagnoses,
            flags=tuple(flags),
        )


def stable(text: str) -> str:
    """Text without the addresses of objects, which differ from run to run."""
    return re.sub(r" at 0x[0-9a-fA-F]+", " at 0x…", text)


def student_failure(problem: StudentFailure, where: str = "") -> Failed:
    """A timeout, a dead worker or a broken wire as a failure of one check."""
    outcome = Outcome.TIMEOUT if isinstance(problem, StudentTimeout) else Outcome.FAILED
    flag = str(problem) if isinstance(problem, StudentBroke | StudentDied) else ""
    message = f"{problem.message} ({where})" if where else problem.message
    return Failed(outcome, message, flag=flag, ended=True)


def refusal(problem: StudentError) -> str:
    """For the instructor: what the lock-down refused, as far as the student's code let the error through.

    Not what is likely to be an honest mistake: an import, a file of the student's own, a file that is not there.
    """
    said = str(problem.args[0]) if problem.args else problem.kind
    if not isinstance(problem, OSError) or not (isinstance(problem, PermissionError) or said.startswith("[Errno 38]")):
        return ""
    return "" if (named := _PATH.fullmatch(said)) and _is_innocent(PurePath(named[1])) else f"refused: {said}"


def _is_innocent(path: PurePath) -> bool:
    """Whether it is an installed package's but ours, or one that the student's code takes for its own."""
    libraries = "site-packages" in path.parts or any(path.is_relative_to(place) for place in _LIBRARIES)
    own = not path.is_absolute() or (len(path.parts) == 2 and path.suffix != "")  # the worker is at home in /
    return ".." not in path.parts and (own or (libraries and "autograder" not in path.parts))


def error_text(problem: StudentError) -> str:
    """A student's exception with their own lines, nothing of the grader's."""
    kind = problem.kind or type(problem).__name__
    message = str(problem.args[0]) if problem.args else ""
    if kind == "NotImplementedError":
        return message or "not written yet"
    if kind == "SystemExit":
        return f"the code called exit ({message})"
    if problem.loading and issubclass(type(problem), SyntaxError):
        return f"the module does not load: {problem.trace.strip() or message}"
    text = f"{kind}: {message}" if message else kind
    text = f"the module does not load: {text}" if problem.loading else f"raised {text}"
    return f"{text}\n{problem.trace.rstrip()}" if problem.trace.strip() else text


def size_of(example: Example) -> tuple[int, float]:
    """How large an example looks to a reader: entries first, then magnitudes."""
    entries, magnitude = 0, 0.0
    for value in example.values():
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            entries += len(show(value))
            continue
        entries += array.size
        magnitude += float(np.abs(array).sum())
    return entries, magnitude
