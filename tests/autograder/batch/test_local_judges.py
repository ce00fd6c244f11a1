"""Judges on this machine: each task has one answer, whatever ends meanwhile, and none outlives who asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import wait

import processes
import pytest

from autograder.batch.local_judges import JudgeDied, JudgeProcess, Judges, cores, how_ended, stay_on


@pytest.fixture
def judge() -> JudgeProcess:
    return JudgeProcess(cores()[:1])


def ask(judge: JudgeProcess, function: object, *args: object) -> tuple[bool, object]:
    return judge.ask((function, args, {}))


def test_a_judge_answers_raises_and_goes_on(judge: JudgeProcess) -> None:
    assert ask(judge, divmod, 7, 2) == (True, (3, 1))
    fine, problem = ask(judge, divmod, 7, 0)
    assert not fine
    assert isinstance(problem, ZeroDivisionError)
    assert ask(judge, os.sched_getaffinity, 0) == (True, set(cores()[:1]))
    assert ask(judge, os.getpid) == (True, judge.pid)
    assert judge.close() == 0
    assert processes.alive([judge.pid]) == []


@pytest.mark.parametrize(
    ("ending", "how", "by_itself"),
    [
        ((os._exit, 3), "exit code 3", True),
        ((os.abort,), "SIGABRT", True),
        ((signal.raise_signal, signal.SIGSEGV), "SIGSEGV", True),
        ((signal.raise_signal, signal.SIGTERM), "SIGTERM", False),
        ((signal.raise_signal, signal.SIGKILL), "SIGKILL", False),
    ],
)
def test_how_a_judge_ended_is_told_and_whether_by_itself(
    judge: JudgeProcess, ending: tuple[object, ...], how: str, by_itself: bool
) -> None:
    with pytest.raises(JudgeDied) as caught:
        ask(judge, *ending)
    assert (caught.value.how, caught.value.by_itself) == (how, by_itself)


@pytest.mark.parametrize(
    ("code", "how"), [(0, "exit code 0"), (139, "exit code 139"), (-9, "SIGKILL"), (-99, "signal 99")]
)
def test_an_exit_code_in_words(code: int, how: str) -> None:
    assert how_ended(code) == how


def test_every_task_gets_its_own_answer_though_some_end_their_judge() -> None:
    before = set(processes.children(os.getpid()))
    judges = Judges(2)
    try:
        fine = [judges.submit(divmod, number, 7) for number in range(20)]
        lost = judges.submit(os._exit, 1)
        more = [judges.submit(divmod, number, 5) for number in range(20)]
        wait([*fine, lost, *more], timeout=120)
        assert [future.result(0) for future in fine] == [divmod(number, 7) for number in range(20)]
        assert isinstance(lost.exception(0), JudgeDied)
        assert [future.result(0) for future in more] == [divmod(number, 5) for number in range(20)]
    finally:
        judges.shutdown()
    assert not processes.alive(set(processes.children(os.getpid())) - before)


def test_staying_on_a_core_holds_for_what_is_started_from_here() -> None:
    inner = "import os; print(os.sched_getaffinity(0))"
    code = "import subprocess, sys; from autograder.batch.local_judges import *; stay_on(cores()[0]); "
    code += f"print(subprocess.run([sys.executable, '-c', {inner!r}], capture_output=True, text=True).stdout)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str({cores()[0]})
    stay_on(10**6)  # a core that is not there: nothing happens
