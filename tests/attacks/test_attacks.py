"""Nobody gets in, and nobody gets points that they did not earn: the hostile corpus through the real grader.

Each run of the corpus is a process of its own, as root and as an ordinary user; the tests read what it found. The
ablations switch one layer off and show an attack that it alone has stopped.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import attacks
import msgspec
import numpy as np
import pytest
from attacks import LOOT, Case, Finding
from once import once

from autograder import checks
from autograder.course import Course
from autograder.diffusion.spies import ModelSpy, NoiseSpy, RecordingNoise
from autograder.errors import LockdownError
from autograder.judge import suite
from autograder.judge.grader import locked_runner
from autograder.judge.memory import memory_ceiling
from autograder.judge.suite import Check
from autograder.judge.undo_edits import Shield
from autograder.judge.verdict import JUDGE_MIB
from autograder.limits import Limits
from autograder.runner import budget, failures, frames, judge_peer, lockdown, machine, peer, values
from autograder.runner.failures import StudentError
from autograder.runner.judge_peer import tame
from autograder.runner.locked import ZygoteRunner
from autograder.runner.peer import Failure
from autograder.runner.session import InProcess
from autograder.runner.student import Module

CAN_LOCK = machine.probe().level
pytestmark = pytest.mark.skipif(CAN_LOCK != "strict", reason="this machine cannot lock down; see `autograder doctor`")

CORPUS = attacks.cases()
#: Each level and each user once, with a part of the corpus each, together half; `make attacks` runs all in every pair.
RUNS = [("root" if os.geteuid() == 0 else "ordinary", "strict"), ("ordinary", "basic")]
BOTH = ("large_reply", "model_for_ever")  # what costs the judge most
A_THIRD = [case for i, case in enumerate(CORPUS) if i % 3 == 1 or case.name in BOTH]
A_SIXTH = [case for i, case in enumerate(CORPUS) if i % 6 == 0 or case.name in BOTH]
OF_RUN = dict(zip(RUNS, (A_THIRD, A_SIXTH), strict=True))
RUN_SECONDS = 900
#: What one attack may cost the judge: CPU as long as a check may take in all, and memory, where a message's arrays are
#: bounded by 64 MiB.
JUDGE_SECONDS = budget.CHECK_FACTOR * attacks.LIMITS.cpu_seconds
JUDGE_KIB = 512 << 10


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], dict[str, Finding]]:
    """What each run found, by case; made once for all of pytest's workers."""
    folder = once(tmp_path_factory, "attacks", lambda made: (made / "found.json").write_text(json.dumps(run_corpus())))
    told = json.loads((folder / "found.json").read_text())
    return {run: {entry["case"]: Finding(**entry) for entry in made} for run, made in zip(RUNS, told, strict=True)}


def run_corpus() -> list[list[dict[str, Any]]]:
    """All runs, side by side. One that no Python can be had for has no findings."""
    with contextlib.ExitStack() as stack:
        started = [start_run(user, level, stack) for user, level in RUNS]
        return [outcome_of(process) for process in started]


def start_run(user: str, level: str, stack: contextlib.ExitStack) -> subprocess.Popen[str] | None:
    arguments = ["--json", f"--level={level}", *(case.name for case in OF_RUN[user, level])]
    command, environment, identity = [sys.executable, attacks.__file__, *arguments], dict(os.environ), {}
    if user == "ordinary" and os.geteuid() == 0:
        ordinary = attacks.as_ordinary_user(arguments)
        if ordinary is None:
            return None
        command, environment, identity = ordinary
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = stack.enter_context(subprocess.Popen(command, env=environment, cwd="/", text=True, **pipes, **identity))
    stack.callback(process.terminate)  # not kill: it has a folder to remove
    return process


def outcome_of(process: subprocess.Popen[str] | None) -> list[dict[str, Any]]:
    if process is None:
        return []
    said, complaints = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, complaints[-4000:]
    return list(json.loads(said))


@pytest.mark.parametrize(
    ("user", "level", "case"),
    [pytest.param(*run, case, id=f"{case.name}-{'-'.join(run)}") for run in RUNS for case in OF_RUN[run]],
)
def test_nobody_gets_in(case: Case, user: str, level: str, found: dict[Any, Any]) -> None:
    findings = found[user, level]
    if not findings:
        pytest.skip(f"no Python here that {user} can start")
    finding = findings[case.name]
    assert finding.problems == []
    assert (finding.user, finding.level) == (user, level)
    assert finding.judge_seconds < JUDGE_SECONDS
    assert finding.judge_kib < JUDGE_KIB


@pytest.mark.parametrize(("user", "level"), RUNS)
def test_after_all_attacks_honest_work_gets_full_marks(user: str, level: str, found: dict[Any, Any]) -> None:
    honest = [f for name, f in found[user, level].items() if name.startswith("honest")]
    assert [finding.problems for finding in honest] == [[]] * len(honest)


@pytest.mark.parametrize(("user", "level"), RUNS)
def test_what_an_attack_costs_the_judge_is_really_measured(user: str, level: str, found: dict[Any, Any]) -> None:
    findings = found[user, level]
    if findings:
        assert findings["large_reply"].judge_kib > 30 << 10  # it sends 64 MiB
        assert findings["model_for_ever"].judge_seconds > 0.1


def test_the_corpus_is_large_and_every_attack_can_be_seen_to_fail() -> None:
    assert len(CORPUS) >= 150
    assert len({case.tries for case in CORPUS}) == len(CORPUS)
    for case in CORPUS:
        assert case.outcome in ("failed", "error", "missing")
        assert bool(case.zip) != (attacks.CASES / case.name / f"{case.exercise[3:]}.py").is_file()


# ------------------------------------------------------------------------------------ each layer is needed


def after(name: str, layers: frozenset[str] = lockdown.ALL_LAYERS, only: str = "") -> Finding:
    """What became of one attack at strict, with some layers of the lock-down."""
    case = next(case for case in CORPUS if case.name == name)
    case = replace(case, checks=(only or "test_worked_number",)) if not case.zip else case
    with attacks.arena("strict", [case.exercise], layers) as made:
        return made.attack(case)


def problems_of(name: str, layers: frozenset[str] = lockdown.ALL_LAYERS, only: str = "") -> list[str]:
    return after(name, layers, only).problems


@pytest.mark.parametrize(
    ("layers", "name"),
    [
        ("seccomp", "udp"),
        ("seccomp", "executable_memory"),
        ("seccomp", "code_by_alias"),
        ("seccomp", "code_by_dontunmap"),
        ("seccomp", "code_written_then_run"),
        ("seccomp", "stat_hidden_files"),  # Landlock does not look at sizes, names and times
        ("seccomp", "clock_of_the_judge"),
        ("seccomp", "count_the_processes"),
        ("seccomp", "load_of_the_machine"),
        ("seccomp landlock", "read_hidden_checks"),
        ("seccomp landlock", "read_reference"),
        ("rlimits", "eight_gigabytes"),
        ("environ", "own_origin"),
        pytest.param("uid", "am_i_root", marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs root")),
    ],
)
def test_without_a_layer_of_the_lock_down_an_attack_gets_through(layers: str, name: str) -> None:
    assert any(LOOT in problem for problem in problems_of(name, lockdown.ALL_LAYERS.difference(layers.split())))


@pytest.mark.parametrize("layer", ["seccomp", "landlock"])
def test_each_of_two_layers_keeps_files_closed(layer: str) -> None:
    assert not any(LOOT in problem for problem in problems_of("read_hidden_checks", lockdown.ALL_LAYERS - {layer}))


def test_without_the_shield_zeroed_inputs_earn_points(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("earned" in problem for problem in problems_of("zero_the_inputs", only="test_signal_is_scaled"))
    monkeypatch.setattr(suite, "Shield", lambda submission: submission)
    assert any("earned 0.5" in problem for problem in problems_of("zero_the_inputs", only="test_signal_is_scaled"))


def test_without_numbered_questions_an_early_reply_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def unasked() -> bool:
        return any(
            "a reply to no question" in flag for flag in after("reply_early", only="test_signal_is_scaled").flags
        )

    assert unasked()
    monkeypatch.setattr(peer.os, "urandom", bytes)
    assert not unasked()


def test_without_one_question_at_a_time_the_next_one_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the judge saved turns and sent at once the ten questions that the reference is asked in an example."""
    write = frames.write_frame
    due: list[tuple[bytes, list[bytes]]] = []  # frames that were sent and not asked for yet

    def ten_at_once(pipe: frames.Pipe, header: bytes, buffers: list[bytes]) -> None:
        *start, arguments, keywords, _ = msgspec.msgpack.decode(header)
        is_step = len(buffers) >= 2 and "call" in start
        if is_step and not due:
            (x, y), lr = map(np.frombuffer, buffers[:2]), arguments[3]
            due.append((header, buffers))
            for _ in range(9):
                x, y = x - lr * y, y + lr * x
                due.append((msgspec.msgpack.encode([*start, arguments, keywords, None]), [x.tobytes(), y.tobytes()]))
            for frame in due:
                write(pipe, *frame)
        if is_step:
            assert due.pop(0) == (header, buffers)
        else:
            write(pipe, header, buffers)

    assert problems_of("answer_by_the_next_question", only="test_radius_grows") == []
    monkeypatch.setattr(peer.os, "urandom", bytes)
    monkeypatch.setattr(frames, "write_frame", ten_at_once)
    assert "earned 0.25 with test_radius_grows" in problems_of("answer_by_the_next_question", only="test_radius_grows")


def test_without_the_count_of_entries_a_view_claims_a_quadrillion(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems_of("huge_shape") == []
    monkeypatch.setattr(values.Decoder, "_spend", lambda *args: None)
    assert problems_of("huge_shape") != []  # it is the ceiling that stops it then


def test_without_the_look_for_text_numpy_pads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_holds_text", lambda value: False)
    assert any("Unable to allocate" in problem for problem in problems_of("text_bomb"))


def test_without_the_list_of_served_methods_the_judge_draws_for_the_student(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems_of("generator_by_hand") == []
    monkeypatch.setattr(peer, "served_methods", lambda value: peer.GENERATOR_METHODS)
    assert any(
        "(MemoryError)" in problem for problem in problems_of("generator_by_hand")
    )  # of the judge, at its ceiling


def test_without_the_idle_watch_a_sleeper_holds_the_judge_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attacks, "IDLE_SECONDS", 1e9)
    monkeypatch.setattr(budget, "WALL_FACTOR", 1.0)
    assert any("does not say 'never comes'" in problem for problem in problems_of("wait_for_nothing"))


def test_no_check_sees_what_a_student_made_of_numpys_random_state() -> None:
    seen: list[float] = []

    def looks(submission: Any) -> None:
        seen.append(np.random.rand())

    check = Check("test_looks", "", True, checks.CheckInfo(1, "", None), looks, looks)
    for seed in (1, 2):
        np.random.seed(seed)  # as a student's call leaves it
        assert check.run({}, object())
    assert seen[0] == seen[1]


# ------------------------------------------------------------------------------------ the judge's own bounds


@pytest.fixture(scope="module", params=["strict", "basic"])
def locked(request: pytest.FixtureRequest) -> Iterator[ZygoteRunner]:
    with ZygoteRunner(request.param) as runner:
        yield runner


def told(runner: ZygoteRunner, source: str, *args: Any) -> Any:
    with runner.open(Module("work", source.encode(), "work.py", Limits(cpu_seconds=2, memory_mib=512))) as work:
        return work.f(*args)


@pytest.mark.parametrize(
    "value", [[0] * 3, (1, 2), 7, 2.5, np.ones(2), None, True, {"w": np.ones(2)}, np.float32(1), [[1.0], [2.0]]]
)
def test_a_model_is_called_with_numbers_and_arrays(value: Any) -> None:
    assert not isinstance(tame(value), list | tuple | str)


FAR = 1 << 21


@pytest.mark.parametrize(
    "value",
    [
        *("x", b"x", {1}, {"a": {"b": {"c": {"d": 1}}}}, ["x"], [None]),
        *(FAR, -FAR, np.int64(FAR), np.uint64(FAR), np.array(FAR), np.array([0, -FAR])),
        *([FAR], (0, FAR), {"a": FAR}, {"a": np.int64(FAR)}),
    ],
)
def test_a_model_is_not_called_with_what_blows_up(value: Any) -> None:
    with pytest.raises((ValueError, checks.CheckFailure)):
        tame(value)


def test_a_plain_model_of_the_judges_cannot_be_blown_up(locked: ZygoteRunner) -> None:
    source = """
def f(model):
    told = []
    for x, t in (([0] * 1000, 10**12), ("x" * 100, 10**9), (9, 9**9), ([9] * 100, 1 << 20)):
        try:
            told.append(str(model(x, t).shape))
        except Exception as error:
            told.append(type(error).__name__)
    return told
"""
    assert told(locked, source, lambda x, t: x * t) == ["ValueError", "ValueError", "ValueError", "(100,)"]


@pytest.mark.parametrize("model", [lambda x, t: x + t, ModelSpy(lambda x, t: x + np.asarray(t))])
def test_a_model_s_arguments_make_no_outer_product(locked: ZygoteRunner, model: Any) -> None:
    source = "import numpy as np\ndef f(m): return m(np.ones((2000, 1)), np.arange(2000))"
    with pytest.raises(ValueError, match=r"arrays that do not fit: \(2000, 1\), \(2000,\)"):
        told(locked, source, model)


def test_three_arguments_make_no_product_either() -> None:
    one, two, three = np.ones((200, 1, 1)), np.ones((200, 1)), np.ones(200)
    judge_peer.refuse_to_multiply([one, two, 0.5])
    with pytest.raises(ValueError, match="do not fit"):
        judge_peer.refuse_to_multiply([one, two, three])
    judge_peer.refuse_to_multiply([np.ones((3, 4)), np.ones(3), None])  # the model's own affair: numpy refuses


def test_a_spy_refuses_an_answer_of_another_shape_and_keeps_none() -> None:
    spy = ModelSpy(lambda x, t: x + np.asarray(t))
    assert spy(np.ones((3, 1)), 2).shape == (3, 1)
    with pytest.raises(checks.CheckFailure, match="does not fit x_t of shape"):
        spy(np.ones((3, 1)), np.arange(3))
    assert [answer.shape for answer in spy.answers] == [(3, 1)]


@pytest.mark.parametrize("level", [1 << 40, np.int64(1 << 40), np.array([1 << 40]), np.uint64(1 << 63)])
def test_a_spy_is_asked_at_no_level_that_a_loop_would_count_to(level: Any) -> None:
    with pytest.raises(checks.CheckFailure, match="a t above"):
        ModelSpy()(np.ones((1, 1)), level)


def test_a_spy_counts_its_answers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.diffusion.spies.MAX_ENTRIES", 500)
    spy = ModelSpy()
    spy(np.ones(100), 0)
    spy(np.ones(100), 0)
    with pytest.raises(checks.CheckFailure, match="more than 500 entries"):
        spy(np.ones(100), 0)
    assert len(spy.inputs) == len(spy.answers) == 2


def test_a_recorder_of_noise_keeps_no_more_than_its_check_asks_for(locked: ZygoteRunner) -> None:
    source = "def f(rng):\n    while True: rng.standard_normal(300)"
    spy = RecordingNoise(1, most=1000)
    with pytest.raises(checks.CheckFailure, match="more than 1000 normals"):
        told(locked, source, spy)
    assert spy.draws.size == 900


def test_what_the_judge_does_for_a_student_s_calls_counts_as_theirs(locked: ZygoteRunner) -> None:
    """The worker waits meanwhile, and uses no CPU time of its own."""

    def slow(x: Any, t: Any) -> Any:
        return float(sum(range(1_000_000)))

    with pytest.raises(failures.StudentTimeout, match="took the grader more than 2 s"):
        told(locked, "def f(m):\n    while True: m(1.0, 0)", slow)


def test_a_stale_handle_is_refused_before_anything_is_decoded() -> None:
    class Written(frames.BlockingPipe):
        written = b""

        def write(self, *parts: bytes | memoryview) -> None:
            self.written += b"".join(parts)

    pipe = Written(-1, -1)
    peer = judge_peer.JudgePeer(pipe)
    peer.lend(print)
    peer.forget(0)
    peer.serve([7, "call", 0, None, ["no such thing"], ["no such thing"], ["no such thing"]], [])
    assert b"a call that is over" in pipe.written


def test_no_question_is_asked_when_the_time_for_all_checks_is_used_up(locked: ZygoteRunner) -> None:
    with locked.open(Module("work", b"def f(): return 1", "work.py")) as work:
        assert work.f() == 1
        work.close()
        work.answer_until(0.0)
        with pytest.raises(failures.StudentTimeout, match="used up the time for all its checks"):
            work.f()


def test_a_wire_that_is_closed_holds_on_to_nothing(locked: ZygoteRunner) -> None:
    spy = ModelSpy(lambda x, t: 1 / 0)
    with locked.open(
        Module("work", b"def f(m):\n    try: m(1.0, 0)\n    except ZeroDivisionError: pass", "w.py")
    ) as work:
        work.f(spy)
        peer = work.connection.peer
        assert peer._raised
    assert (peer._lent, peer._raised, peer._generators) == ({}, [], {})


def test_a_spy_keeps_no_more_than_its_share(locked: ZygoteRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.diffusion.spies.MAX_ENTRIES", 1000)
    with pytest.raises(checks.CheckFailure, match="more than 1000 entries"):
        told(locked, "import numpy as np\ndef f(m):\n    while True: m(np.ones(300), 0)", ModelSpy())


@pytest.mark.parametrize(
    "draw",
    [
        "standard_normal(10**12)",
        "standard_normal([2] * 64)",
        "standard_normal(-1)",
        "standard_normal(3, dtype='U9')",
        "normal(np.zeros((1 << 16, 1)), np.ones((1, 1 << 16)), 1)",
        "normal(np.zeros((1 << 16, 1)), np.ones((1, 1 << 16)))",
        "integers(0, 2, 10**12)",
        "multivariate_normal(np.zeros(2), np.eye(2), 10**12)",
    ],
)
def test_a_spys_draws_are_bounded_and_all_others_are_the_students(locked: ZygoteRunner, draw: str) -> None:
    spy = NoiseSpy(1)
    with pytest.raises((ValueError, TypeError, MemoryError)):
        told(locked, f"import numpy as np\ndef f(rng): return rng.{draw}", spy)
    assert spy.count == 0


def test_draws_of_other_kinds_are_those_of_one_process(locked: ZygoteRunner) -> None:
    source = "def f(rng): return [rng.integers(0, 100, 5), rng.normal(size=2), rng.permutation(4), rng.random()]"
    here, there = NoiseSpy(4), NoiseSpy(4)
    want = [here.integers(0, 100, 5), here.normal(size=2), here.permutation(4), here.random()]
    got = told(locked, source, there)
    assert all(np.array_equal(a, b) for a, b in zip(want, got, strict=True))
    assert there.count == 2


def test_a_check_is_given_up_also_where_no_answer_keeps_the_judge_waiting(
    locked: ZygoteRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "CHECK_FACTOR", 0.0)
    with pytest.raises(failures.StudentTimeout, match="in all"):
        told(locked, "def f(): return 1")


def test_a_model_of_a_call_that_is_over_is_nobodys(locked: ZygoteRunner) -> None:
    source = "kept = []\ndef f(model):\n    kept.append(model)\n    return kept[0](1.0, 0)"
    with locked.open(Module("work", source.encode(), "work.py")) as work:
        assert work.f(lambda x, t: x) == 1.0
        work.forget_lent()
        with pytest.raises(RuntimeError, match="a call that is over"):
            work.f(lambda x, t: x)


def test_a_model_does_not_tell_what_its_check_expects(locked: ZygoteRunner) -> None:
    def model(x: Any, t: Any) -> Any:
        raise checks.CheckFailure("wrong", "the secret")

    source = "def f(model):\n    try: model(1.0, 0)\n    except Exception as e: return repr(e) + repr(vars(e))"
    said = told(locked, source, model)
    assert "wrong" in said
    assert "secret" not in said


def test_what_a_check_raises_keeps_nothing_of_what_was_sent(locked: ZygoteRunner) -> None:
    peer = judge_peer.JudgePeer(frames.BlockingPipe(-1, -1))
    with pytest.raises(checks.CheckFailure) as caught:
        checks.as_array(None)
    peer.describe(caught.value)
    assert caught.value.__traceback__ is None


@pytest.mark.parametrize("name", sorted(name for name in dir(__import__("builtins")) if name[0].isupper()))
def test_no_error_of_a_students_ends_a_loop_or_the_wire(name: str) -> None:
    kind = Failure(name, name, "said").builtin_class()
    assert not issubclass(kind, StopIteration | StopAsyncIteration | EOFError | ConnectionError)
    problem = failures.error_class(kind.__name__)("said")
    assert isinstance(problem, StudentError)
    assert str(problem).strip("'") == "said"


def test_above_the_ceiling_is_a_memory_error_and_below_all_is_as_before() -> None:
    with pytest.raises(MemoryError), memory_ceiling(64), memory_ceiling(JUDGE_MIB):
        np.ones(128 << 17)
    assert np.ones(128 << 17).nbytes == 128 << 20


def test_edits_of_arguments_are_undone_and_what_was_returned_stays() -> None:
    def f(x: Any, entries: Any, names: Any) -> Any:
        x *= 2
        entries.append(x)
        names["a"][...] = 5
        names["b"] = 1
        return x

    work = Shield(InProcess(SimpleNamespace(f=f)))
    x, entries, names = np.ones(2), [1], {"a": np.zeros(1)}
    got = work.f(x, entries, names=names)
    assert (got.tolist(), x.tolist(), entries, names["a"].tolist(), len(names)) == ([2, 2], [1, 1], [1], [0], 1)
    with pytest.raises(checks.CheckFailure, match="x was edited in place"), checks.unchanged(x=x):
        work.f(x, entries, names)
    assert x.tolist() == [1, 1]


# ------------------------------------------------------------------------------------ levels


def test_marks_are_refused_below_the_level_that_the_course_demands(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = machine.Probe("basic", ("Landlock",), "use Linux 5.13 or later", {})
    monkeypatch.setattr(machine, "probe", lambda: weak)
    with pytest.raises(LockdownError, match=r"need lock-down level 'strict' .* gives 'basic': Landlock. use Linux"):
        locked_runner(course)
    lax = replace(course, grading=course.grading.model_copy(update={"level": "basic"}))
    with contextlib.closing(locked_runner(lax)) as runner:
        assert runner.level == "basic"


HONEST = """
import collections, dataclasses, functools, itertools, math, statistics, typing
import numpy as np

@dataclasses.dataclass
class Step:
    t: int
    scale: float = 0.5

@functools.lru_cache
def power(n: int) -> float:
    return math.exp(-n)

def f(x: np.ndarray) -> typing.Any:
    from operator import itemgetter      # imported late, as students do
    import numpy.polynomial
    import random
    u, s, v = np.linalg.svd(x)
    counted = collections.Counter(np.sort(x.astype(int), axis=None).tolist())
    return {
        "svd": np.abs(s), "inverse": np.linalg.pinv(x), "det": np.linalg.det(x @ x.T), "fft": np.fft.fft2(x).real,
        "einsum": np.einsum("ij,kj->ik", x, x, optimize=True), "sorted": np.argsort(x, axis=None, kind="stable"),
        "draws": np.random.default_rng(3).normal(size=4), "old": np.random.RandomState(3).rand(2),
        "mean": statistics.fmean(x.ravel().tolist()), "step": dataclasses.asdict(Step(3)), "power": power(2),
        "runs": [len(list(group)) for _, group in itertools.groupby(sorted(counted.elements()))],
        "top": max(counted.items(), key=itemgetter(1)), "poly": numpy.polynomial.Polynomial([1, 2])(3.0),
        "cumulative": np.cumprod(1 - np.linspace(1e-4, 0.02, 5)), "where": np.where(x > 1, x, -x).sum(),
        "choice": random.Random(1).choice([1, 2, 3]), "text": f"{x.mean():.3f}",
        "interp": np.interp(0.5, [0, 1], [2, 4]), "quantile": np.quantile(x, 0.3),
        "histogram": np.histogram(x, 3)[0], "tensordot": np.tensordot(x, x, 2),
    }
"""


def test_what_students_of_numpy_use_runs_and_gives_the_same(locked: ZygoteRunner) -> None:
    x, here = np.arange(6.0).reshape(2, 3), {}
    exec(HONEST, here)
    want, got = here["f"](x), told(locked, HONEST, x)
    assert list(got) == list(want)
    for name, value in want.items():
        if isinstance(value, np.ndarray | float):
            np.testing.assert_allclose(got[name], value, atol=1e-12, err_msg=name)
        else:
            assert got[name] == value, name
