"""Stubs: what stands between the markers is gone, and wrong markers are named."""

import pytest

from autograder.authoring.stub import make_stub
from autograder.errors import CourseError


def test_a_solution_gives_way_to_a_raise_that_names_the_function() -> None:
    body = "    def inner(y):\n        return y\n    return inner(x)\n"
    source = f"def f(x):\n    ### BEGIN SOLUTION\n{body}    ### END SOLUTION\n"
    assert make_stub(source) == 'def f(x):\n    raise NotImplementedError("f is not written yet")\n'


def test_a_stub_line_stands_instead() -> None:
    source = 'A = 1\n### BEGIN SOLUTION\n### STUB: TARGET = ""\n### STUB:\nTARGET = "eps"\n### END SOLUTION\nB = 2\n'
    assert make_stub(source) == 'A = 1\nTARGET = ""\n\nB = 2\n'


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1\n", "no ### BEGIN SOLUTION"),
        ("### BEGIN SOLUTION\nx = 1\n", "sol.py:1: .* is never closed"),
        ("### END SOLUTION\n", "sol.py:1: .* without"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n", "sol.py:2: .* inside the one of line 1"),
        ("if 1:\n    ### BEGIN SOLUTION\n    ### STUB: (\n    ### END SOLUTION\n", "stub is not valid Python"),
    ],
)
def test_wrong_markers_are_named_with_their_line(source: str, said: str) -> None:
    with pytest.raises(CourseError, match=said):
        make_stub(source, "sol.py")


def test_one_function_alone_may_be_left_out() -> None:
    region = "    ### BEGIN SOLUTION\n    return {}\n    ### END SOLUTION\n"
    helper = "### BEGIN SOLUTION\n### STUB: # Room.\nHELP = 1\n### END SOLUTION\n"
    source = f"def f():\n{region.format(1)}{helper}def g():\n{region.format('HELP')}"
    left = 'def f():\n    raise NotImplementedError("f is not written yet")\nHELP = 1\ndef g():\n    return HELP\n'
    assert make_stub(source, only="f") == left
    assert "raise" not in make_stub(source, only="h")
