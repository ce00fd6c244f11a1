"""Edits of the reference: each does what it says, or the course is told."""

import pytest

from autograder.errors import CourseError
from autograder.judge.mutants import edited

SOURCE = "a = b + c\nd = a * b\n"


def test_edits_follow_one_another() -> None:
    assert edited(SOURCE, [("b + c", "b - c"), ("a * b", "a / b")]) == "a = b - c\nd = a / b\n"
    assert edited(SOURCE, [("b + c", "b - c"), ("b - c", "c")]) == "a = c\nd = a * b\n"


@pytest.mark.parametrize(
    ("edits", "found"),
    [
        ([("b + c", "b"), ("= b + c", "= c")], "found 0"),  # the first has taken what the second is about
        ([("b + c", "a * b"), ("a * b", "b")], "found 2"),
        ([("none", "x")], "found 0"),
        ([("b", "x")], "found 2"),
    ],
)
def test_an_edit_that_would_be_dropped_or_done_twice_is_refused(edits: list[tuple[str, str]], found: str) -> None:
    with pytest.raises(CourseError, match=found):
        edited(SOURCE, edits)
