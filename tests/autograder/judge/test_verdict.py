"""The judge's decisions: outcomes, points, explanations, and whose fault a failure is."""

import gc
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import courses
import pytest

from autograder.course import Exercise
from autograder.errors import CourseError, GraderError
from autograder.judge.suite import Suite
from autograder.judge.verdict import Judge
from autograder.results import CheckResult, ExerciseResult, Outcome
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.locked import ZygoteRunner
from autograder.runner.runners import module_of
from autograder.runner.student import Runner

COURSE = """\
title: Small
grading: {level: basic}
limits: {cpu_seconds: 1, memory_mib: 256}
assignments:
  - id: only
    title: Only
    due: 2027-01-22T23:59:00+00:00
    exercises:
      - {id: 01_line, title: A line}
"""
REFERENCE = '''\
"""Task 1."""


def line(x, slope=2.0):
    ### BEGIN SOLUTION
    return slope * x + 1.0
    ### END SOLUTION


def offset():
    ### BEGIN SOLUTION
    return 1.0
    ### END SOLUTION
'''
PUBLIC = '''\
from autograder.checks import assert_close, check

@check(points=1, hint="Look at the offset.")
def test_offset(submission):
    """The line starts at 1."""
    assert_close(submission.line(0.0), 1.0)
'''
HIDDEN = '''\
from hypothesis import assume, event, given, note
from hypothesis import strategies as st
from autograder.checks import assert_close, as_float, check

@check(points=2, hint="Look at the slope.")
@given(x=st.integers(-1000, 1000))
def test_slope(submission, x):
    """One step to the right is two steps up."""
    assume(x % 7)
    note("a note")
    event("an event")
    rise = as_float(submission.line(float(x) + 1)) - as_float(submission.line(float(x)))
    assert_close(rise, 2.0, atol=1e-9, what="the rise")

@check(points=1, hint="Nothing to hint at.", needs="test_slope")
def test_given_slope(submission):
    """Another slope is used when it is given."""
    assert_close(submission.line(2.0, slope=5.0), 11.0)

@check(points=1, hint="It is a constant.")
def test_offset_function(submission):
    """offset() is 1."""
    assert_close(submission.offset(), 1.0, what="the offset")
'''
MUTANTS = """\
- name: wrong_slope
  misconception: the slope is 3
  hint: Count again.
  edit: {old: "slope * x + 1.0", new: "3.0 * x + 1.0"}
  caught_by: [test_slope]
"""


@pytest.fixture
def small(tmp_path: Path) -> Exercise:
    """A course with one exercise, whole enough to be graded."""
    files = {
        "solutions/01_line.py": REFERENCE,
        "exercises/01_line/test_line.py": PUBLIC,
        "tests/exercises/01_line/test_line_hidden.py": HIDDEN,
        "tests/exercises/01_line/mutants.yml": MUTANTS,
    }
    return courses.write(tmp_path, COURSE, files).exercises[0]


def judged(exercise: Exercise, runner: Runner, source: str | None, shrink_calls: int = 50) -> ExerciseResult:
    judge = Judge(Suite(exercise, 1), lambda code: runner.open(module_of(exercise, code)), shrink_calls)
    return judge.grade(None if source is None else textwrap.dedent(source).encode())


def check_named(result: ExerciseResult, name: str) -> CheckResult:
    return next(check for check in result.checks if check.name == name)


def test_the_reference_earns_everything(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, REFERENCE)
    assert (result.outcome, result.points, result.max_points) == (Outcome.PASSED, 5.0, 5.0)


def test_nothing_handed_in_is_missing(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, None)
    assert (result.outcome, result.points) == (Outcome.MISSING, 0.0)
    assert "line.py was not submitted" in result.message


def test_one_wrong_function_leaves_the_other_its_points(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, "def offset(): return 1.0\ndef line(x, slope=2.0): return slope * x")
    assert (result.outcome, result.points) == (Outcome.PARTIAL, 3.0)


def test_a_check_whose_need_failed_is_skipped(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, "def offset(): return 1.0\ndef line(x, slope=3.0): return slope * x + 1")
    skipped = check_named(result, "test_given_slope")
    assert (skipped.outcome, skipped.points) == (Outcome.SKIPPED, 0.0)
    assert "One step to the right" in skipped.message


def test_a_counterexample_is_the_smallest_call(small: Exercise, runner: Runner) -> None:
    wrong = "def line(x, slope=2.0): return slope * x + 1 + (x > 10) * x"
    seen = check_named(judged(small, runner, wrong), "test_slope").counterexample
    assert seen is not None
    assert seen.call == "line(10)"
    assert seen.got == "21"


def test_a_hidden_check_does_not_show_what_it_expected(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, "def offset(): return 7.0\ndef line(x, slope=2.0): return slope * x + 1")
    hidden = check_named(result, "test_offset_function")
    assert hidden.message == "the offset is 7"
    assert "expected" in hidden.private
    public = check_named(judged(small, runner, "def line(x): return 0.0"), "test_offset")
    assert "expected 1" in public.message


def test_a_model_of_a_hidden_check_does_not_show_what_it_expected(small: Exercise, runner: Runner) -> None:
    """Neither as the failure of the check nor as what the call came to."""
    with small.hidden_checks.open("a") as file:
        file.write(LENDS_A_MODEL)
    wrong = REFERENCE.replace("x + 1.0", "(x(1.0) if callable(x) else x) + 1.0")
    told = check_named(judged(small, runner, wrong), "test_model")
    assert "the model was called" in told.message
    assert told.counterexample is not None
    assert "the model was called" in told.counterexample.got
    assert "but once" not in told.message + told.counterexample.got


LENDS_A_MODEL = '''
from autograder.checks import CheckFailure

def model(x):
    raise CheckFailure("the model was called", "but once")

@check(points=1, hint="None.")
def test_model(submission):
    """A function is no number."""
    submission.line(model)
'''


def test_a_broken_frame_tells_the_student_nothing_of_what_was_asked(small: Exercise, runner: Runner) -> None:
    source = (
        "import os, struct\ndef line(x):\n    os.write(4, struct.pack('<4sIH', b'AGR1', 12345 * 10**5 + int(x), 0))"
    )
    result = judged(small, runner, f"{source}\n    os.read(3, 1)")
    slope = check_named(result, "test_slope")
    assert slope.message == "the answer could not be read"
    assert any("12345" in flag for flag in result.flags)


def test_the_misconception_is_named(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, "def line(x, slope=2.0): return x + x + x + 1.0")
    assert [diagnosis.mutant for diagnosis in result.diagnoses] == ["wrong_slope"]
    other = judged(small, runner, "def line(x, slope=2.0): return 4.0 * x + 1.0")
    assert other.diagnoses == ()


@pytest.mark.parametrize(
    "value", ["None", "'text'", "[]", "object()", "(1, 2)", "float('nan')", "lambda: 1", "10**400"]
)
def test_what_is_no_answer_fails_and_is_no_error(small: Exercise, runner: Runner, value: str) -> None:
    result = judged(small, runner, f"def line(*a, **k): return {value}\noffset = line")
    assert (result.outcome, result.points) == (Outcome.FAILED, 0.0)


def test_an_endless_loop_costs_its_check_only(small: Exercise, runner: Runner) -> None:
    source = "def offset():\n    while True: pass\ndef line(x, slope=2.0): return slope * x + 1"
    result = judged(small, runner, source)
    assert (result.outcome, result.points) == (Outcome.PARTIAL, 4.0)
    assert check_named(result, "test_offset_function").outcome is Outcome.TIMEOUT


def test_a_module_that_used_up_its_time_is_checked_no_further(small: Exercise, runner: Runner) -> None:
    """Of the first check on: one endless loop uses up all of it. What was right before keeps its points."""
    limits = replace(small.limits, total_seconds=1.0)
    source = "def offset(): return 1.0\ndef line(x, slope=2.0):\n    while x: pass\n    return 1.0"
    result = judged(replace(small, limits=limits), runner, source)
    assert (result.outcome, result.points) == (Outcome.PARTIAL, 1.0)
    assert check_named(result, "test_slope").outcome is Outcome.TIMEOUT
    last = check_named(result, "test_offset_function")
    assert (last.outcome, last.message) == (
        Outcome.TIMEOUT,
        "not run: the module had used up the time for all its checks",
    )
    assert result.flags == ("used up 1 s, the time for all its checks",)


STORES = '''
import weakref
import numpy as np
from autograder.diffusion.spies import ModelSpy

held = []

class Cycle:
    def __init__(self):
        self.itself, self.data = self, np.ones(8 << 20)

@check(points=1, hint="None.")
def test_stores(submission):
    """A model is called, and fails."""
    cycle, spy = Cycle(), ModelSpy()
    held.extend([weakref.ref(cycle), weakref.ref(spy)])
    spy._answer = lambda x, t: len(cycle.data) + spy.inputs[0] + "no number"
    submission.line(spy)
'''


def test_what_a_check_stored_is_gone_when_it_ends(small: Exercise, runner: Runner) -> None:
    """Errors hold their frames, frames their variables, and a model its check: nobody waits for the collector."""
    with small.hidden_checks.open("a") as file:
        file.write(STORES)
    suite = Suite(small, 1)
    judge = Judge(suite, lambda code: runner.open(module_of(small, code)))
    held = next(check.function.__globals__["held"] for check in suite.checks if check.name == "test_stores")
    gc.disable()
    try:
        judge.grade(REFERENCE.replace("slope * x", "slope * (x(1.0, 0) if callable(x) else x)").encode())
        assert len(held) >= 4  # once for the verdict, and again for what is told of it
        assert [ref() for ref in held if ref() is not None] == []
    finally:
        gc.enable()


def test_a_trace_keeps_no_frames(small: Exercise, runner: Runner) -> None:
    """They would hold what the check and the student's code made, uncounted, until the diagnosis."""
    suite = Suite(small, 1)
    judge = Judge(suite, lambda code: runner.open(module_of(small, code)))
    with runner.open(module_of(small, b"def line(x, slope=2.0): raise ValueError('no')")) as session:
        (call,) = judge.trace(suite.checks[0], {}, session).calls
    assert str(call.error) == "no"
    assert call.error is not None
    assert call.error.__traceback__ is None


def test_a_module_that_does_not_load_says_so_once(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, "def line(x)\n    return x")
    assert (result.outcome, result.points) == (Outcome.FAILED, 0.0)
    assert "does not load" in result.message
    assert "line.py" in result.message


def test_an_endless_import_ends(small: Exercise, runner: Runner) -> None:
    result = judged(small, runner, "while True: pass")
    assert {check.outcome for check in result.checks} == {Outcome.TIMEOUT}
    assert result.outcome is Outcome.FAILED


def test_state_kept_between_checks_is_gone(small: Exercise, runner: Runner) -> None:
    """A module that works on its first call only passes no property, and the plain checks each anew."""
    source = """
calls = 0
def offset(): return 1.0
def line(x, slope=2.0):
    global calls
    calls += 1
    return slope * x + 1 if calls < 2 else 0
"""
    result = judged(small, runner, source)
    assert result.points == 2.0  # the plain checks; test_given_slope is skipped


def test_a_bug_in_a_check_is_the_graders_error(small: Exercise, runner: Runner) -> None:
    path = small.hidden_checks
    path.write_text(path.read_text().replace("assert_close(submission.offset(), 1.0", "undefined_name(1.0"))
    result = judged(small, runner, REFERENCE)
    assert (result.outcome, result.points) == (Outcome.ERROR, None)
    assert "NameError" in check_named(result, "test_offset_function").private


def test_a_reference_that_breaks_its_own_law_is_a_course_error(small: Exercise, runner: Runner) -> None:
    small.solution.write_text(small.solution.read_text().replace("slope * x", "9.0 * x"))
    with pytest.raises(CourseError, match="the reference fails test_slope"):
        judged(small, runner, REFERENCE)


WRONG = """
def line(x, slope=2.0):
    return slope * x * abs(x) + 1.0

def offset():
    return 1.0
"""


@contextmanager
def lost_runner() -> Iterator[Any]:
    """A runner whose workers can never be started."""

    def opener(code: bytes) -> Any:
        raise GraderError("no worker could be started")

    yield opener


def test_a_runner_that_fails_is_never_a_zero(small: Exercise) -> None:
    with lost_runner() as opener, pytest.raises(GraderError):
        Judge(Suite(small, 1), opener).grade(b"")


def test_a_zygote_that_dies_at_any_moment_never_changes_a_result(
    small: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while a failure is being made smaller, or explained: it is no answer of the student's."""
    asked, fatal = 0, 0
    ask = JudgePeer.request

    def request(peer: JudgePeer, *message: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == fatal:
            zygote = runner._process
            assert zygote is not None
            zygote.kill()
            zygote.wait()
        return ask(peer, *message)

    monkeypatch.setattr(JudgePeer, "request", request)
    with ZygoteRunner("basic") as runner:
        judged(small, runner, WRONG)
        whole, asked = asked, 0
        assert whole > 30
        for moment in range(1, whole + 1, 3):
            asked, fatal = 0, moment
            with pytest.raises(GraderError):
                judged(small, runner, WRONG)


def test_the_examples_are_the_same_for_everyone_and_change_with_the_seed(small: Exercise) -> None:
    def drawn(seed: int) -> Any:
        suite = Suite(small, seed)
        return suite.examples(next(check for check in suite.checks if check.name == "test_slope"))

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert all(example["x"] % 7 for example in drawn(1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('@check(points=1, hint="It is a constant.")\n', "", "test_offset_function is no check"),
        ('needs="test_slope"', 'needs="test_later"', "needs test_later, which is no earlier check"),
        ('    """offset() is 1."""\n', "", "needs a docstring"),
        ("def test_offset_function", "def test_offset", "two checks are named test_offset"),
        ("from autograder", "from autogrudder", r"test_line_hidden.py:\d+: cannot be loaded: ModuleNotFoundError"),
        (
            '@check(points=1, hint="It is a constant.")',
            '@check(points="1", hint="It")',
            r"n.py:\d+: .*points.* found '1'",
        ),
        ('@check(points=1, hint="It is a constant.")', '@check(points=True, hint="It")', "points.* found True"),
        ('@check(points=1, hint="It is a constant.")', '@check(points=0, hint="It")', "points.* found 0"),
        ('@check(points=1, hint="It is a constant.")', '@check(points=float("nan"), hint="It")', "points.* found nan"),
        ('@check(points=1, hint="It is a constant.")', '@check(points=1, hint="")', "hint.* found ''"),
        ('@check(points=1, hint="It is a constant.")', '@check(points=1, hint="It", examples=0)', "examples.* found 0"),
        ('@check(points=1, hint="It is a constant.")', '@check(points=1, hint="It", needs=3)', "needs.* found 3"),
        ('@check(points=1, hint="It is a constant.")', "@check(points=1)", "missing .* 'hint'"),
        ("@check(points=2", "import sys\n\nsys.exit()\n\n\n@check(points=2", "cannot be loaded: SystemExit"),
    ],
)
def test_a_wrong_check_file_is_a_course_error(small: Exercise, old: str, new: str, said: str) -> None:
    text = small.hidden_checks.read_text()
    small.hidden_checks.write_text(text.replace(old, new))
    with pytest.raises(CourseError, match=said):
        Suite(small, 1)


def test_a_check_below_given_is_a_course_error(small: Exercise) -> None:
    """Below it, Hypothesis' own settings would hold: another draw each time, and a deadline."""
    above = '@check(points=2, hint="Look at the slope.")\n'
    given = "@given(x=st.integers(-1000, 1000))\n"
    text = small.hidden_checks.read_text()
    small.hidden_checks.write_text(text.replace(above + given, given + above))
    with pytest.raises(CourseError, match="test_slope: @check stands above @given"):
        Suite(small, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import no_such_module", r"01_line.py:1: does not load: ModuleNotFoundError: No module named 'no_such"),
        ("def f(:", r"01_line.py:1: does not load: SyntaxError"),
        ("raise SystemExit(0)", r"01_line.py:1: does not load: SystemExit"),
    ],
)
def test_a_reference_that_does_not_load_is_a_course_error(small: Exercise, line: str, said: str) -> None:
    small.solution.write_text(f"{line}\n{small.solution.read_text()}")
    with pytest.raises(CourseError, match=said):
        Suite(small, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("slope * x + 1.0", "slope*x", "must match exactly once, found 0"),
        ("slope * x + 1.0", "slope", "must match exactly once, found 2"),
        ("hint: Count again.", "", r"mutants.yml:\d+: \[0\].hint: found nothing, allowed: the key 'hint' is required"),
        ("hint: Count again.", "hint: yes", r"hint: found True, allowed: input should be a valid string"),
        ("hint: Count again.", "hint: a\n  points: 1", "found the unknown key 'points'"),
        ("caught_by: [", "caught_by: [1, ", r"caught_by\[0\]: found 1, allowed: input should be a valid string"),
        ("3.0 * x + 1.0", "3.0 * x +", "does not load"),
    ],
)
def test_a_wrong_mutant_is_a_course_error(small: Exercise, old: str, new: str, said: str) -> None:
    small.mutants.write_text(small.mutants.read_text().replace(old, new))
    with pytest.raises(CourseError, match=said):
        _ = Suite(small, 1).mutants


TWICE = '''

def law(submission, x):
    got = submission.line(float(x))
    assert got == got  # bare
    assert_close({}[got] if got == -7.0 else got, 2.0 * x + 1.0, atol=1e-9)

@check(points=1, hint="None.")
@given(x=st.integers(2, 9))
def test_replayed(submission, x):
    """On a line."""
    law(submission, x)

@check(points=1, hint="None.")
@given(data=st.data())
def test_drawing_inside(submission, data):
    """On a line, too."""
    law(submission, data.draw(st.integers(2, 9)))
'''


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return float('nan')", "the law does not hold"),
        ("return -7.0", "what came back is of no use to the check (KeyError)"),
        ("raise ValueError('no')", "raised ValueError: no"),
        ("raise NotImplementedError('line is not written yet')", "line is not written yet"),
        ("return 0.0", "the result is 0"),
    ],
)
def test_a_failure_is_told_in_the_same_words_wherever_its_example_was_drawn(
    small: Exercise, runner: Runner, body: str, said: str
) -> None:
    small.hidden_checks.write_text(HIDDEN + TWICE)
    result = judged(small, runner, f"def offset(): return 1.0\ndef line(x, slope=2.0): {body}")
    for name in ("test_replayed", "test_drawing_inside"):
        found = check_named(result, name)
        assert (found.outcome, found.message.split("\n")[0][: len(said)]) == (Outcome.FAILED, said), name
