"""Student code in its worker: what works, what fails how, and that only the one who fails loses."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import processes
import pytest

from autograder.checks import CheckFailure, unchanged
from autograder.course import Given
from autograder.diffusion.spies import ModelSpy, RecordingNoise, ScriptedNoise
from autograder.limits import MODULE_BYTES, ONE_THREAD, Limits
from autograder.runner import machine
from autograder.runner.failures import StudentDied, StudentError, StudentFailure, StudentTimeout
from autograder.runner.local import LocalRunner
from autograder.runner.locked import KEPT_CODES
from autograder.runner.runners import RUNNERS
from autograder.runner.student import Module, Runner, Student
from autograder.runner.worker import MAX_CODE

QUICK = Limits(cpu_seconds=1, memory_mib=256)


@pytest.fixture(params=[*RUNNERS], scope="module")
def each(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Every runner that there is: what tests ask of `each` is the contract of all of them."""
    if request.param != "none" and machine.probe().level not in (request.param, "strict"):
        pytest.skip(f"this machine cannot lock down at {request.param}; `autograder doctor` tells why")
    with RUNNERS[request.param](Given()) as runner:
        yield runner


@contextmanager
def student(runner: Runner, source: str, limits: Limits = QUICK, uses: tuple[Module, ...] = ()) -> Iterator[Student]:
    with runner.open(Module("work", source.encode(), "work.py", limits, uses)) as found:
        yield found


def test_functions_and_constants_are_there(each: Runner) -> None:
    with student(each, "import numpy as np\nTARGET = 'eps'\ndef double(x, by=2): return x * by") as work:
        assert work.TARGET == "eps"
        assert work.double(np.ones(2), by=3).tolist() == [3.0, 3.0]


def test_a_missing_name_is_an_attribute_error_that_names_it(each: Runner) -> None:
    with student(each, "x = 1") as work, pytest.raises(AttributeError, match=r"half_life is not defined in work\.py"):
        work.half_life(0.5)


def test_a_name_that_is_nearly_right_is_asked_about(each: Runner) -> None:
    with student(each, "def half_live(): ...") as work, pytest.raises(AttributeError, match="Is half_live meant"):
        work.half_life(0.5)


def test_a_lent_function_may_ask_for_a_name_that_nobody_asked_for_yet(each: Runner) -> None:
    source = "def twice(f, x): return f(f(x))\ndef add(x, y): return x + y"
    with student(each, source) as work:
        assert work.twice(lambda x: work.add(x, 2), 1) == 5


def test_a_lent_function_may_ask_for_a_name_that_is_not_there(each: Runner) -> None:
    with student(each, "def once(f): return f()") as work:
        with pytest.raises(AttributeError, match="nowhere is not defined"):
            work.once(lambda: work.nowhere)
        assert work.once(lambda: 3) == 3


def test_an_edit_in_place_is_seen(each: Runner) -> None:
    with student(each, "def f(x):\n    x += 1\n    return x") as work:
        x = np.zeros(2)
        with pytest.raises(CheckFailure, match="edited in place"), unchanged(x=x):
            assert work.f(x) is x


def test_numpys_global_random_state_is_carried_there_and_back(each: Runner) -> None:
    with student(each, "import numpy as np\ndef f(): return np.random.standard_normal(3)") as work:
        np.random.seed(42)
        here = np.random.standard_normal(6)
        np.random.seed(42)
        assert np.array_equal(np.concatenate([work.f(), work.f()]), here)


def test_what_is_drawn_without_a_seed_is_the_same_in_every_worker(each: Runner) -> None:
    source = "import random, numpy as np\ndef f(): return random.random(), np.random.default_rng().random()"
    drawn = []
    for _ in range(2):
        with student(each, source) as work:
            drawn.append(work.f())
    assert drawn[0] == drawn[1]


def test_spies_work_across_the_wire(each: Runner) -> None:
    source = """
def sample(model, rng, shape):
    x = rng.normal(size=shape)
    for t in (1, 0):
        x = x - model(x, t) + rng.standard_normal(shape, dtype="float32")
    return x
"""
    with student(each, source) as work:
        model, noise = ModelSpy(lambda x, t: x, (2, 3)), ScriptedNoise(impulse=4)
        x = work.sample(model, noise, (2, 3))
        assert model.timesteps == [1, 0]
        assert noise.count == 18
        assert x.tolist() == [[0.0] * 3] * 2
        recording = RecordingNoise(1)
        work.sample(ModelSpy(shape=(4,)), recording, (4,))
        assert recording.draws.shape == (12,)


def test_a_spys_own_failure_comes_through_as_it_was(each: Runner) -> None:
    source = "def f(model): return model([[1.0]], 0)"
    with student(each, source) as work, pytest.raises(CheckFailure, match="shape"):
        work.f(ModelSpy(shape=(2, 2)))


def test_a_students_error_shows_their_own_lines_only(each: Runner) -> None:
    with student(each, "def inner(x):\n    return x[5]\ndef f(x):\n    return inner(x)") as work:
        with pytest.raises(IndexError) as caught:
            work.f(np.zeros(2))
        assert isinstance(caught.value, StudentError)
        assert "return x[5]" in caught.value.trace
        assert "work.py" in caught.value.trace
        assert "protocol" not in caught.value.trace
        assert "^" in caught.value.trace


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("def f(:", "SyntaxError"),
        ("import torch", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError"),
        ("import sys\nsys.exit(0)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("input('your name? ')", "EOFError"),
    ],
)
def test_a_module_that_does_not_load_says_why(each: Runner, source: str, kind: str) -> None:
    with student(each, source) as work, pytest.raises(StudentError) as caught:
        work.f()
    assert caught.value.kind == kind
    assert caught.value.loading


def test_a_source_is_utf_8_whatever_its_coding_line_says(each: Runner) -> None:
    """Of other codecs some take minutes for a megabyte."""
    for line in ("# coding: latin-1", "# coding: punycode", "\ufeff# utf-8 with a mark"):
        with student(each, f"{line}\ndef f(): return 'é'") as work:
            assert work.f() == "é"
    latin = Module("work", b"# coding: latin-1\nx = '\xe9'", "work.py", QUICK)
    with each.open(latin) as work, pytest.raises(SyntaxError, match="line 2 is not UTF-8"):
        work.f()


def test_a_module_as_large_as_may_be_handed_in_loads(each: Runner) -> None:
    source = b"def f(): return 7\n#"
    with each.open(Module("work", source + b"x" * (MODULE_BYTES - len(source)), "work.py", QUICK)) as work:
        assert work.f() == 7


def test_a_source_that_is_not_utf_8_is_a_syntax_error(each: Runner) -> None:
    with (
        each.open(Module("work", b"# caf\xe9\n", "work.py", QUICK)) as work,
        pytest.raises(SyntaxError, match="line 1"),
    ):
        work.f()


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("while True: pass", StudentTimeout, "CPU"),
        ("import os; os._exit(0)", StudentDied, "ended its process"),
        ("import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass", StudentTimeout, "CPU"),
        ("return bytearray(4 << 30)", MemoryError, None),
        ("return list(range(10**6))", ValueError, "too large"),
        ("return open('/etc/passwd').read()", PermissionError, None),
        ("return input('your name? ')", StudentError, "EOF when reading"),
        ("breakpoint()", StudentError, "stands in the code"),
        ("import sys; sys.setrecursionlimit(10**6)\n    return f()", (StudentFailure, RecursionError), None),
    ],
)
def test_what_goes_wrong_in_a_call_ends_that_call_only(
    runner: Runner, body: str, error: Any, words: str | None
) -> None:
    with student(runner, f"def f():\n    {body}\ndef g(): return 1") as work:
        with pytest.raises(error, match=words):
            work.f()
        assert work.g() == 1  # a new worker where the first was lost


def test_who_sleeps_a_moment_is_not_refused(each: Runner) -> None:
    with student(each, "import time\ndef f():\n    time.sleep(0.01)\n    return 1") as work:
        assert work.f() == 1


@pytest.mark.parametrize(
    ("body", "error"), [("while True: pass", StudentTimeout), ("import os; os._exit(0)", StudentDied)]
)
def test_a_worker_that_is_lost_is_followed_by_another(each: Runner, body: str, error: type[StudentFailure]) -> None:
    with student(each, f"def f():\n    {body}\ndef g(): return 1", Limits(cpu_seconds=1)) as work:
        with pytest.raises(error):
            work.f()
        assert work.g() == 1


@pytest.mark.parametrize("level", [*RUNNERS])
def test_a_runner_that_is_closed_leaves_no_process(level: str) -> None:
    if level != "none" and machine.probe().level not in (level, "strict"):
        pytest.skip(f"this machine cannot lock down at {level}; `autograder doctor` tells why")
    before = set(processes.children(os.getpid()))
    with RUNNERS[level](Given()) as runner, student(runner, "import os\ndef f(): return os.getpid()") as work:
        worker = work.f()
        (parent,) = set(processes.children(os.getpid())) - before
        assert worker in {parent, *processes.children(parent)}
    assert processes.alive([parent, worker]) == []


def test_a_student_who_waits_for_ever_is_cut_off(runner: Runner) -> None:
    source = "import os\ndef f():\n    os.read(3, 1)"
    with student(runner, source) as work, pytest.raises(StudentTimeout, match="never comes"):
        work.f()


def test_what_the_kernel_ends_for_its_cpu_time_took_too_long(runner: Runner) -> None:
    """The kernel counts in ticks and may be there before the judge's own clock says so."""
    with student(runner, "def f():\n    while True: pass", Limits(cpu_seconds=20)) as work:
        budget = work.connection.peer._budget
        assert budget is not None
        kernel = threading.Timer(0.2, os.kill, (budget._pid, signal.SIGXCPU))
        kernel.start()
        with pytest.raises(StudentTimeout, match="20 s of CPU"):
            work.f()
        kernel.join()


def test_prints_and_warnings_cost_nothing(each: Runner) -> None:
    source = (
        "import sys, warnings\ndef f():\n    print('x' * 10**7, file=sys.stderr)\n    warnings.warn('w')\n    return 3"
    )
    with student(each, source) as work:
        assert work.f() == 3


def test_a_used_exercise_is_a_handle_to_the_reference(each: Runner) -> None:
    used = Module("given", b"def twice(x):\n    return 2 * x\n_secret = 5", "given.py", QUICK, functions=("twice",))
    source = """
import given
from given import twice
def f(x): return twice(x)
def names(): return [name for name in dir(given) if not name.startswith('__')]
"""
    with student(each, source, uses=(used,)) as work:
        assert work.f(np.ones(2)).tolist() == [2.0, 2.0]
        assert work.names() == ["twice"]


def test_a_hostile_argument_to_a_used_reference_costs_the_student_only(runner: Runner) -> None:
    used = Module("given", b"def add(a, b):\n    return a + b", "given.py", QUICK, functions=("add",))
    source = "import numpy as np, given\ndef f(): return given.add(np.ones((100000, 1)), np.ones((1, 100000)))"
    with student(runner, source, uses=(used,)) as work, pytest.raises(MemoryError):
        work.f()


def test_a_large_product_is_computed_in_one_thread(each: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the judge's own environment says: a second thread could not start where code is locked down."""
    for name in ONE_THREAD:
        monkeypatch.delenv(name, raising=False)
    source = """
import os, numpy as np
def product(): return float((np.ones((600, 600)) @ np.ones((600, 600))).sum())
def threads(): return len(os.listdir("/proc/self/task"))
"""
    with student(each, source) as work:
        assert work.product() == 600.0**3
        if isinstance(each, LocalRunner):  # the others look at no folder
            assert work.threads() == 1


def test_a_module_is_compiled_once_and_runs_the_same(runner: Runner) -> None:
    kept = runner._codes  # type: ignore[attr-defined]
    kept.clear()
    for source, value in (("def f(): return 1", 1), ("def f(): return 2", 2), ("def f(): return 1", 1)):
        with student(runner, source) as work:
            assert work.f() == value
    assert len(kept) == 2


def test_code_is_kept_of_a_few_modules_and_of_no_large_one(runner: Runner) -> None:
    large = f"def f(): return 3\nTEXT = '{'x' * MAX_CODE}'"
    for _ in range(2):
        with student(runner, large) as work:
            assert (work.f(), len(work.TEXT)) == (3, MAX_CODE)
    kept = runner._codes  # type: ignore[attr-defined]
    assert kept[large.encode(), "work.py"] == b""
    for i in range(KEPT_CODES + 1):
        with student(runner, f"def f(): return {i}") as work:
            assert work.f() == i
    assert len(kept) == KEPT_CODES


def test_a_module_that_does_not_compile_is_told_of_each_time(runner: Runner) -> None:
    told = []
    for _ in range(2):
        with student(runner, "x = 1\ndef f(:\n") as work, pytest.raises(StudentError) as caught:
            work.load()
        told.append((caught.value.kind, caught.value.trace, caught.value.loading))
    assert told[0] == told[1]
    assert told[0][0] == "SyntaxError"
    assert "work.py" in told[0][1]


def test_a_zygote_that_was_killed_is_replaced(runner: Runner) -> None:
    with student(runner, "def f(): return 1") as work:
        assert work.f() == 1
    runner._process.kill()  # type: ignore[attr-defined]
    runner._process.wait()  # type: ignore[attr-defined]
    with student(runner, "def f(): return 1") as work:
        assert work.f() == 1


def test_the_local_runner_runs_without_lock_down(capfd: pytest.CaptureFixture[str]) -> None:
    with LocalRunner() as runner, student(runner, "def f(x):\n    print('hello')\n    return x + 1") as work:
        assert work.f(1) == 2
    assert "hello" in capfd.readouterr().err
