"""Checks import the vocabulary of their own course, in its present state, and leave nothing behind."""

import subprocess
import sys
from pathlib import Path

import line_course as lines
import pytest

from autograder.errors import CourseError
from autograder.judge.suite import Suite
from autograder.sources import load_authored


def word(root: Path, text: str) -> str:
    """What a check of the course at `root` sees, when its vocabulary holds `text`."""
    for name, content in (("words.py", "from vocabulary import deeper\nWORD = deeper.WORD"), ("deeper.py", text)):
        (root / "vocabulary").mkdir(parents=True, exist_ok=True)
        (root / "vocabulary" / name).write_text(content)
    (root / "check.py").write_text("from vocabulary.words import WORD")
    found: str = load_authored("check", root / "check.py", root).WORD
    return found


def test_two_courses_and_two_states_of_one_never_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    assert [word(tmp_path / "a", "WORD = 1"), word(tmp_path / "b", "WORD = 2")] == [1, 2]
    assert word(tmp_path / "a", "WORD = 3") == 3
    assert not [name for name in sys.modules if name.startswith("vocabulary")]
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_word_that_is_missing_is_told_with_the_file_that_wants_it(tmp_path: Path) -> None:
    course = lines.make_course(tmp_path)
    (tmp_path / "vocabulary" / "points.py").unlink()
    with pytest.raises(CourseError, match=r"test_line_hidden\.py:\d+: cannot be loaded: .*vocabulary\.points"):
        Suite(course.exercises[0])


def test_plain_pytest_finds_the_vocabulary_from_anywhere(tmp_path: Path) -> None:
    course = lines.make_course(tmp_path / "course")
    command = [sys.executable, "-m", "pytest", "-q", str(course.root), "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "4 passed" in done.stdout) == (0, True), done.stdout
