"""What of a module is a student's own: equal after renaming, and different after anything else."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Course
from autograder.judge.grader import own_part
from autograder.judge.mutants import read_mutants
from autograder.results import Own
from autograder.runner.judge_peer import JudgePeer
from autograder.runner.locked import ZygoteRunner
from autograder.runner.student import Runner
from autograder.submissions.likeness import LIMIT, own_form

STUB = '''
"""05 · A page."""
import math
LEVELS = (1, 2)
TARGET = None

def scale(x, t):
    """Task 1."""
    t = int(t)
    raise NotImplementedError("scale is not written yet")

def given(x):
    return 2 * x
'''
OWN = '''
"""05 · A page."""
import math
LEVELS = (1, 2)
TARGET = 0.5

def helper(values, power=2):
    total = 0
    for value in values:
        total += value ** power
    return total

def scale(x, t):
    """Task 1."""
    t = int(t)
    factor = helper(x, power=3)
    try:
        found = [math.sqrt(row) for row in x if row > t]
    except ValueError as problem:
        raise IndexError("t") from problem
    return factor * sum(found)

def given(x):
    return 2 * x
'''
COUNT = 10


def form(source: str, stub: str = STUB) -> str:
    found = own_form(source.encode(), stub.encode())
    assert found is not None
    return found[0]


def edited(*pairs: tuple[str, str]) -> str:
    text = OWN
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    "copy",
    [
        edited(("helper", "add_up")),
        edited(("total", "s"), ("values", "rows"), ("value ", "r ")),
        edited(("power", "p")),
        edited(("found", "_"), ("problem", "e"), ("row", "i")),
        edited(('"""Task 1."""', "# mine")),
        edited(('"""Task 1."""', '"""My own words."""\n    pass')),
        edited(("import math", "import numpy as np, math as m"), ("math.sqrt", "m.sqrt")),
        edited(("return factor * sum(found)", "return (factor\n            * sum(found))  # so")),
        edited(("def given(x):\n    return 2 * x\n", "")),
        "\ufeff" + OWN,
    ],
)
def test_a_copy_has_the_form_of_its_original_whatever_its_names(copy: str) -> None:
    assert own_form(copy.encode(), STUB.encode()) == (form(OWN), COUNT)


@pytest.mark.parametrize(
    "other",
    [
        edited(("power=3", "power=4")),
        edited(("total += value", "total -= value")),
        edited(("0.5", "0.25")),
        edited(("math.sqrt", "math.log")),
        edited(("sum(", "max(")),
        edited(("row > t", "row > x")),
        edited(("factor * sum(found)", "sum(found) * factor")),
        edited(("factor * sum(found)", "found * sum(factor)")),
        edited(("import math", "import cmath as math")),
        edited(("def scale(x, t)", "def scale(t, x)")),
        edited(("    total = 0\n", "")),
    ],
)
def test_another_module_has_another_form(other: str) -> None:
    assert form(other) != form(OWN)


def test_names_are_numbered_anew_in_each_definition_and_once_in_a_module() -> None:
    two = "def a(x):\n    y = x\n    return y\ndef b(x):\n    y = x\n    return y + a(x)\n"
    assert form(two) == form(two.replace("y + a", "z + a").replace("y = x\n    return z", "z = x\n    return z"))
    one = "LIMIT = 3\nOTHER = 4\ndef a(x):\n    global LIMIT\n    LIMIT = x\n    return LIMIT + OTHER\n"
    assert form(one) == form(one.replace("LIMIT", "first").replace("OTHER", "second"))
    assert form(one) != form(one.replace("LIMIT + OTHER", "LIMIT + LIMIT"))


def test_nested_functions_lambdas_matches_and_classes_are_renamed_too() -> None:
    source = """
class Kept:
    def __init__(self, size):
        self.size = size

def outer(x):
    def inner(a, *rest, scale=1, **more):
        nonlocal x
        return (lambda b: a + b)(scale)
    match x:
        case [first, *others]:
            x = inner(first, scale=2)
        case {"k": value, **left}:
            x = [k for k in (left, value)]
        case Kept() as whole:
            x = whole.size
    return x
"""
    renamed = source
    names = "Kept outer inner first others value left whole scale rest more".split()
    for i, name in enumerate(names):
        renamed = renamed.replace(name, f"n{i}")
    assert renamed != source
    assert form(renamed, "") == form(source, "")
    assert form(source.replace("whole.size", "whole.length"), "") != form(source, "")


@pytest.mark.parametrize(
    "source", [STUB, STUB + "# thought about it\n", STUB.replace("Task 1.", "Done."), "", "import numpy\n", '"""x"""']
)
def test_a_module_that_says_no_more_than_the_stub_has_nothing_of_its_own(source: str) -> None:
    assert own_form(source.encode(), STUB.encode()) == (form(STUB), 0)


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:",
        b"x = '\0'",
        b"\xff",
        b"# coding: rot13\nx = (",
        b"-" * 100_000 + b"1",
        b"(" * 5000,
        b"x = 1\n" * (LIMIT // 6 + 1),
    ],
)
def test_what_cannot_be_read_has_no_form_and_harms_nobody(source: bytes, runner: Runner) -> None:
    """In a worker: whatever the parser makes of it, and however long that takes."""
    started = time.monotonic()
    assert own_part(source, STUB.encode(), runner) is None
    assert time.monotonic() - started < 60
    assert own_part(OWN.encode(), STUB.encode(), runner) == Own(form(OWN), COUNT)


def test_the_longest_module_that_is_looked_at_is_within_the_limits(runner: Runner) -> None:
    line = b"abc = [a + 1 for a in (2, 3)]\n"
    found = own_part(line * (LIMIT // len(line)), b"", runner)
    assert found is not None
    assert found.statements == LIMIT // len(line)


def test_a_runner_that_is_killed_meanwhile_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What two runs of one class write must not differ by what happened to one of them."""
    killed, ask = [], JudgePeer.request

    def request(peer: JudgePeer, *message: Any) -> Any:
        if not killed:
            zygote = runner._process
            assert zygote is not None
            zygote.kill()
            killed.append(zygote.wait())
        return ask(peer, *message)

    monkeypatch.setattr(JudgePeer, "request", request)
    with ZygoteRunner("basic") as runner:
        assert own_part(OWN.encode(), STUB.encode(), runner) == Own(form(OWN), COUNT)
    assert killed == [-signal.SIGKILL]


@given(st.binary(max_size=80))
def test_any_bytes_have_a_form_or_none(source: bytes) -> None:
    found = own_form(source.replace(b"\\", b""), b"")
    assert found is None or found[1] >= 0


def test_no_two_solutions_of_the_course_are_taken_for_one(course: Course) -> None:
    """References, variants and mutants, which differ in a sign or a root: all were written to be different."""
    for exercise in course.exercises:
        sources = [exercise.solution.read_bytes(), *(path.read_bytes() for path in exercise.variants)]
        sources += [mutant.source.encode() for mutant in read_mutants(exercise)]
        forms = [own_form(source, exercise.stub.read_bytes()) for source in sources]
        assert None not in forms
        assert len({*forms}) == len(forms), exercise.id
        assert own_form(exercise.stub.read_bytes(), exercise.stub.read_bytes())[1] == 0  # type: ignore[index]
