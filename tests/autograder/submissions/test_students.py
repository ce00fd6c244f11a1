"""Students' names and rosters: whatever they hold, each is one folder."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import SubmissionError
from autograder.submissions.students import safe_name, student_key


@pytest.mark.parametrize("name", ["zoe", "Zoë O'Brien-Łukasz", "a.b@uni.edu", "李 小龙", "12345"])
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["..", ".", "../zoe", "a/b", "a\\b", "C:x", "con", "LPT1.txt", "x.", ".ssh", "COM¹", "nul .txt", "a\x1b[2Jb"],
)
def test_a_dangerous_name_is_replaced(name: str) -> None:
    assert safe_name(name) != name


def test_two_names_do_not_meet_in_one_folder() -> None:
    assert len({safe_name(name) for name in ("a/b", "a_b", "a\\b", "a:b", "x" * 200, "x" * 201)}) == 6


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_an_empty_name_is_refused(name: str) -> None:
    with pytest.raises(SubmissionError, match="without a name"):
        safe_name(name)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=[]), min_size=1).filter(str.strip))
def test_any_name_becomes_one_ordinary_folder(name: str) -> None:
    folder = safe_name(name)
    assert Path("out", folder).parent == Path("out")
    assert folder not in (".", "..")
    assert not set(folder) & set('<>:"/\\|?*')
    assert not folder.startswith((".", " "))
    assert not folder.endswith((".", " "))
    assert 0 < len(folder.encode()) <= 100
    assert folder.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert safe_name(folder) == folder


def test_case_composition_and_invisible_joiners_do_not_make_two_students() -> None:
    assert student_key("ZOË") == student_key("zoe\u0308") == student_key("zo\u200dë")
    assert student_key("A/b") == student_key("a/B") == student_key(safe_name("a/b")) != student_key("a_b")
