"""Normals sent ahead are those that would have been drawn one by one, whatever else is asked in between."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from contextlib import nullcontext
from textwrap import dedent
from typing import Any

import attacks
import numpy as np
import pytest
from line_course import without_times

from autograder.batch.ledger import result_bytes
from autograder.course import Course, Exercise
from autograder.diffusion.spies import CoinNoise, ModelSpy, NoiseSpy, RecordingNoise, ScriptedNoise
from autograder.judge.mutants import read_mutants
from autograder.judge.suite import Check, Suite
from autograder.judge.verdict import Judge
from autograder.results import Outcome
from autograder.runner import ahead
from autograder.runner.ahead import Given
from autograder.runner.failures import StudentBroke, StudentError
from autograder.runner.frames import ProtocolError
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.peer import Peer
from autograder.runner.runners import module_of
from autograder.runner.student import Module, Runner

SIZES = (0, 1, 2, 3, 5, 600)
SOURCES = {
    "normals": lambda: NoiseSpy(3),
    "an impulse": lambda: ScriptedNoise(7),
    "coins": lambda: CoinNoise(0.3, 5),
    "a record": lambda: RecordingNoise(4, most=2000),
}
DRAWS = """
import numpy as np

def f(rng, model=None):
    out = np.zeros(3)
    yield rng.normal()
    yield rng.normal(1, 2)
    yield rng.normal(0.5, size=(2, 3))
    yield rng.standard_normal((2, 2))
    yield rng.standard_normal(4, dtype=np.float32)
    yield rng.standard_normal(out=out)
    yield rng.normal(np.zeros((2, 1)), np.ones(3))
    yield model(rng.standard_normal((1, 3)), 1) if model else 0.0
    yield rng.normal(size=np.int64(2))
    yield rng.standard_normal(700)
    yield rng.standard_normal(3)
    yield rng.normal(size=0)
    try:
        rng.normal(size=-1)
    except ValueError as problem:
        yield str(problem)
    try:
        rng.normal(size=1.5)
    except TypeError:
        yield "no size"
    yield rng.normal(scale=3, loc=-1, size=2)

def drawn(rng, model=None):
    return list(f(rng, model))

def fails(rng):
    rng.standard_normal(5)
    raise ValueError("after five")

kept = []

def keep(rng):
    kept.append(rng)
    return rng.normal()

def use_what_was_kept():
    return kept[0].normal()

def draws_in_a_function(rng):
    return lambda: rng.normal()

def twice(rng, again):
    return [rng.normal(), again(rng), rng.normal()]

def many(rngs):
    return [all(rng is rngs[0] for rng in rngs), rngs[-1].normal()]

def claims(rng, again, draws, claim, in_a_list):
    # draws, hands the source back to the judge, and then tells of draws by hand
    rng.standard_normal(draws)
    try:
        again([rng] if in_a_list else rng)
    except Exception:
        pass
    peer, number = (object.__getattribute__(rng, name) for name in ("_peer", "_number"))
    peer.beside = lambda: [[[number, claim]]]
    peer.call(number, "normal", (), {})
    raise RuntimeError("went through")
"""


def opened(runner: Runner) -> Any:
    return runner.open(Module("draws", DRAWS.encode(), "draws.py"))


def here() -> Any:
    scope: dict[str, Any] = {}
    exec(DRAWS, scope)
    return scope


def same(one: Any, two: Any) -> bool:
    return all(type(a) is type(b) and np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES.keys())
def test_what_is_told_ahead_is_what_is_drawn(make: Any) -> None:
    plain, told = make(), make()
    for size in SIZES:
        expected = plain.hand_out(size)
        foretold = told.ahead(4)[:size].copy()
        drawn = told.hand_out(size)
        assert np.array_equal(drawn, expected)
        assert np.array_equal(foretold, expected[: len(foretold)])
    assert plain.count == told.count == sum(SIZES)


@pytest.mark.parametrize("many", [0, 1, 9, 512])
@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES.keys())
def test_a_worker_draws_what_one_process_draws(
    runner: Runner, make: Any, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "AHEAD", many)
    one, two = make(), make()
    expected = here()["drawn"](one, ModelSpy(lambda x, t: 2 * x))
    with opened(runner) as student:
        assert same(student.drawn(two, ModelSpy(lambda x, t: 2 * x)), expected)
        assert one.count == two.count
        assert same(student.drawn(two), here()["drawn"](one))
        if isinstance(one, RecordingNoise):
            assert np.array_equal(one.draws, two.draws)


def test_what_was_drawn_before_an_error_counts(runner: Runner) -> None:
    spy = NoiseSpy(1)
    with opened(runner) as student:
        with pytest.raises(ValueError, match="after five"):
            student.fails(spy)
        assert spy.count == 5
        assert student.keep(spy) == NoiseSpy(1).hand_out(6)[5]


def test_more_than_a_check_allows_is_refused_at_the_same_draw(runner: Runner) -> None:
    spy = RecordingNoise(1, most=700)
    with opened(runner) as student, pytest.raises(AssertionError, match="more than 700 normals"):
        student.drawn(spy)


def test_a_source_that_was_kept_is_drawn_from_no_more(runner: Runner) -> None:
    spy = NoiseSpy(1)
    with opened(runner) as student:
        student.keep(spy)
        draw = student.draws_in_a_function(spy)
        assert draw() == NoiseSpy(1).hand_out(2)[1]  # the example is not over, but the call is
        student.forget_lent()
        with pytest.raises(RuntimeError, match="a call that is over"):
            student.use_what_was_kept()
    assert spy.count == 2


def test_draws_from_elsewhere_in_between_are_not_drawn_again(runner: Runner) -> None:
    """The judge's function draws itself, lends the source to another worker, and asks this one anew."""
    spy = NoiseSpy(1)
    with opened(runner) as student, opened(runner) as other:
        for again in (lambda rng: rng.normal(), other.keep, student.keep):
            start = spy.count
            drawn = student.twice(spy, again)
            assert drawn == list(NoiseSpy(1).hand_out(start + 3)[start:])


def test_a_name_can_be_asked_for_within_a_call_that_has_drawn(runner: Runner) -> None:
    def again(rng: NoiseSpy) -> Any:
        rng.normal()
        return student.keep(rng)

    with opened(runner) as student:
        first, _, third, fourth = NoiseSpy(1).hand_out(4)
        assert student.twice(NoiseSpy(1), again) == [first, third, fourth]


def test_when_a_call_within_a_call_is_over_so_are_the_numbers_of_both(runner: Runner) -> None:
    spy = NoiseSpy(1)
    with opened(runner) as student, pytest.raises(StudentBroke, match="draws of what was not sent"):
        student.claims(spy, student.keep, 2, 1, False)
    assert spy.count == 3


@pytest.mark.parametrize(
    ("again", "in_a_list"),
    [(lambda rngs: None, True), (lambda rng: [rng, 1 << 5000], False)],
    ids=["a refused argument", "a reply that is too large"],
)
def test_a_block_that_was_not_sent_allows_no_draws(runner: Runner, again: Any, in_a_list: bool) -> None:
    spy = NoiseSpy(1)
    with opened(runner) as student:
        with pytest.raises(StudentBroke, match="more draws than were sent"):
            student.claims(spy, again, 500, 13, in_a_list)
        assert spy.count == 500
        with pytest.raises(RuntimeError, match="went through"):
            student.claims(spy, again, 500, 12, in_a_list)


@pytest.mark.parametrize(
    "told", [1, "", [1], [[0]], [[0, True]], [[0, 0]], [[0, -1]], [[0, 6]], [[1, 1]], [[0, 3], [0, 3]], [["0", 1]]]
)
def test_no_other_count_than_of_what_was_sent_is_believed(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "AHEAD", 5)
    given, spy = Given(), NoiseSpy(1)
    given.block(0, spy)
    given.was_sent()
    with pytest.raises(ProtocolError):
        given.used(told)
    assert spy.count in (0, 3)


def test_a_generator_that_a_message_holds_many_times_is_told_once(runner: Runner) -> None:
    """Else 7 bytes of a worker's make 4 KiB of the judge's."""
    with opened(runner) as student:
        assert student.many([NoiseSpy(1)] * 1000) == [True, NoiseSpy(1).normal()]


# ------------------------------------------------------------------------------------ each rule is needed


Patch = pytest.MonkeyPatch


def without(owner: type, method: str, rule: str, instead: str) -> Callable[[Patch], None]:
    """Takes a rule away: a piece of a method, which stands in it once."""

    def take_away(patch: Patch) -> None:
        source = dedent(inspect.getsource(getattr(owner, method)))
        assert source.count(rule) == 1
        scope = dict(vars(sys.modules[owner.__module__]))
        exec(source.replace(rule, instead), scope)
        patch.setattr(owner, method, scope[method])

    return take_away


def read_all(patch: Patch) -> None:
    patch.setattr(JudgePeer, "read_beside", lambda self, told: [self._given.used(draws) for draws in told])


def source_of(name: str) -> tuple[str, bytes]:
    """The exercise that an attack of the corpus is handed in for, and its module."""
    case = next(case for case in attacks.cases() if case.name == name)
    return case.exercise[3:], case.source(case.exercise[3:], {})


def attacked(runner: Runner, name: str) -> None:
    """Two examples of a check, asked of an attack of the corpus. Raises what comes of it."""
    slug, source = source_of(name)
    with runner.open(Module(slug, source, f"{slug}.py")) as student:
        for _ in range(2):
            if slug == "forward_chain":
                student.forward_chain(np.ones((2, 3)), 0.5, 0.25, 2, NoiseSpy(1))
            else:
                student.ddpm_sample(ModelSpy(), np.full(2, 0.1), (2, 3), NoiseSpy(1))
            student.forget_lent()


OF_INTS = "type(entry) is not list or [type(part) for part in entry] != [int, int]"
ONLY_KNOWN = without(Given, "used", 'raise ProtocolError("draws of what was not sent")', "continue")
NO_MORE_THAN_LEFT = without(Given, "used", "0 < count <= left", "0 < count")
NOT_BACKWARDS = without(Given, "used", "0 < count <= left", "count <= left")
NO_LONGER_THAN_THE_CALL = without(Given, "clear", "self._of.clear()", "pass")
BESIDE_A_REPLY = without(Peer, "request", "self.read_beside(reply[3:])", "pass")
BESIDE_A_CALL = without(Peer, "serve", "self.read_beside(beside)", "pass")
NONE_TO_THE_JUDGE = without(Peer, "keep_ahead", 'raise ProtocolError("draws ahead from where none come")', "pass")


@pytest.mark.parametrize(
    ("name", "said", "take_away"),
    [
        ("claim_truth_as_draws", "draws that cannot be read", without(Given, "used", OF_INTS, "False")),
        ("claim_draws_of_the_unknown", "draws of what was not sent", ONLY_KNOWN),
        ("claim_draws_of_a_model", "draws of what was not sent", ONLY_KNOWN),
        ("claim_draws_before_a_call", "draws of what was not sent", ONLY_KNOWN),
        ("claim_draws_of_an_earlier_call", "draws of what was not sent", NO_LONGER_THAN_THE_CALL),
        ("claim_draws", "more draws than were sent", NO_MORE_THAN_LEFT),
        ("claim_draws_in_two_halves", "more draws than were sent", NO_MORE_THAN_LEFT),
        ("draw_backwards", "more draws than were sent", NOT_BACKWARDS),
        ("draw_twice_and_give_back", "more draws than were sent", NOT_BACKWARDS),
        ("claim_draws_beside_an_error", "more draws than were sent", BESIDE_A_REPLY),
        ("claim_draws_beside_a_stale_call", "more draws than were sent", BESIDE_A_CALL),
        ("two_lists_of_draws", "more than belongs to it", read_all),
        ("lend_a_generator_with_draws", "draws ahead from where none come", NONE_TO_THE_JUDGE),
        (
            "ask_the_source_to_draw_backwards",
            "a method that is not served",
            without(Peer, "target", "method not in served_methods(owned)", "False"),
        ),
    ],
)
def test_without_a_rule_an_attack_gets_through(
    name: str, said: str, take_away: Callable[[Patch], None], runner: Runner, monkeypatch: Patch
) -> None:
    with pytest.raises(StudentBroke, match=said):
        attacked(runner, name)
    take_away(monkeypatch)
    gains_by_what_it_returns = b"THROUGH" not in source_of(name)[1]
    with nullcontext() if gains_by_what_it_returns else pytest.raises(StudentError, match=attacks.LOOT):
        attacked(runner, name)


@pytest.mark.parametrize(
    ("drawn", "told", "take_away"),
    [
        (0, "", without(Given, "used", "type(told) is not list", "False")),
        (1, [[0, 1]], without(Given, "used", "source.count != at or not", "not")),
    ],
    ids=["no list", "of a source that was drawn from since"],
)
def test_without_a_rule_wrong_draws_are_believed(
    drawn: int, told: Any, take_away: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    given, spy = Given(), NoiseSpy(1)
    given.block(0, spy)
    given.was_sent()
    spy.hand_out(drawn)
    with pytest.raises(ProtocolError):
        given.used(told)
    take_away(monkeypatch)
    given.used(told)


def test_without_blocks_sent_again_honest_work_is_cut_off(runner: Runner, monkeypatch: Patch) -> None:
    with opened(runner) as student:
        assert student.twice(NoiseSpy(1), lambda rng: rng.normal()) == list(NoiseSpy(1).hand_out(3))
        monkeypatch.setattr(Given, "moved", lambda self: {})
        with pytest.raises(StudentBroke, match="more draws than were sent"):
            student.twice(NoiseSpy(1), lambda rng: rng.normal())


def test_without_the_look_whether_a_block_was_sent_more_draws_are_believed(runner: Runner, monkeypatch: Patch) -> None:
    without(Given, "was_sent", "if whole:", "if True:")(monkeypatch)
    with opened(runner) as student, pytest.raises(RuntimeError, match="went through"):
        student.claims(NoiseSpy(1), lambda rngs: None, 500, 13, True)


# ------------------------------------------------------------------------------------ both roads, side by side

ROADS = (0, 512)  # normals that are sent ahead: none, so that each draw is a question, and as many as there are
NAMES = re.compile("NoiseSpy|ScriptedNoise|CoinNoise|RecordingNoise")
EXERCISES = Course.load(attacks.ROOT).exercises
LENDING = [e for e in EXERCISES if NAMES.search(e.hidden_checks.read_text() + e.public_checks.read_text())]
#: Of these each module trains networks, minutes long: only the checks that lend a source are run.
TRAINED = ("train_denoiser", "condition")
#: Two to four CPU seconds a module: left to the test of all modules.
LONG = ("free_supervision", "ddpm_sampler", "latent_sampler")


def lends(check: Check) -> bool:
    return NAMES.search(inspect.getsource(check.inner)) is not None


def judge_of(exercise: Exercise, seed: int, runner: Runner) -> Judge:
    return Judge(Suite(exercise, seed), lambda code: runner.open(module_of(exercise, code)), 20)


@pytest.fixture
def sent(monkeypatch: Patch) -> list[int]:
    """How many normals each block that is made holds."""
    sizes: list[int] = []
    block = Given.block

    def noted(given: Given, number: int, source: Any) -> Any:
        made = block(given, number, source)
        sizes.append(len(made.data) // 8)
        return made

    monkeypatch.setattr(Given, "block", noted)
    return sizes


def on_both_roads(
    judge: Judge, module: bytes, monkeypatch: Patch, only: Callable[[Check], bool] = lambda check: True
) -> list[bytes]:
    """All that is known of a module afterwards, but `cpu_seconds`: in nothing else do two runs on one road differ."""
    results = []
    for many in ROADS:
        monkeypatch.setattr(ahead, "AHEAD", many)
        results.append(without_times(result_bytes(judge.grade(module, only))))
    return results


@pytest.mark.parametrize("exercise", [e for e in LENDING if e.slug not in LONG], ids=lambda exercise: exercise.id)
def test_what_is_asked_with_sources_comes_out_the_same_on_both_roads(
    exercise: Exercise, course: Course, runner: Runner, sent: list[int], monkeypatch: Patch
) -> None:
    judge = judge_of(exercise, course.grading.seed, runner)
    for module in (exercise.solution.read_bytes(), read_mutants(exercise)[0].source.encode()):
        by_question, told_ahead = on_both_roads(judge, module, monkeypatch, lends)
        assert by_question == told_ahead
    assert max(sent) == ROADS[1]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", LENDING, ids=lambda exercise: exercise.id)
def test_all_modules_of_an_exercise_get_the_same_results_on_both_roads(
    exercise: Exercise, course: Course, runner: Runner, monkeypatch: Patch
) -> None:
    judge = judge_of(exercise, course.grading.seed, runner)
    only = lends if exercise.slug in TRAINED else lambda check: True
    modules = [path.read_bytes() for path in (exercise.solution, exercise.stub, *exercise.variants)]
    for module in [*modules, *(mutant.source.encode() for mutant in read_mutants(exercise)[::3])]:
        by_question, told_ahead = on_both_roads(judge, module, monkeypatch, only)
        assert by_question == told_ahead


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e not in LENDING], ids=lambda exercise: exercise.id)
def test_all_other_exercises_send_nothing_ahead(
    exercise: Exercise, course: Course, runner: Runner, sent: list[int]
) -> None:
    result = judge_of(exercise, course.grading.seed, runner).grade(exercise.solution.read_bytes())
    assert result.outcome is Outcome.PASSED
    assert sent == []


@pytest.mark.slow
def test_attacks_come_to_the_same_end_on_both_roads(monkeypatch: Patch) -> None:
    """By outcome and points: at which call the time of an endless one is over is chance."""
    slugs = {exercise.id for exercise in LENDING}
    on_the_road = [case for case in attacks.cases() if case.exercise in slugs and not case.zip]
    ends = []
    with attacks.arena("strict", sorted({case.exercise for case in on_the_road})) as arena:
        for many in ROADS:
            monkeypatch.setattr(ahead, "AHEAD", many)
            findings = [arena.attack(case) for case in on_the_road]
            ends.append([(found.case, found.outcome, found.points) for found in findings])
    assert ends[0] == ends[1]
