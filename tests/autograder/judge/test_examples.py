"""Examples are drawn once, kept on disk, and come back to the bit or are drawn again."""

import os
import shutil
from pathlib import Path
from typing import Any

import line_course
import numpy as np
import pytest
from hypothesis import assume, given, target
from hypothesis import strategies as st

from autograder.checks import check
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.judge import suite as suite_module
from autograder.judge.examples import KEPT_VERSIONS, Cache, Frozen, draw, fresh, frozen_bytes, frozen_of
from autograder.judge.suite import Check, Suite


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return line_course.make_course(tmp_path / "course")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "examples")


def slope_of(suite: Suite) -> Check:
    return next(check for check in suite.checks if check.is_property)


def drawn(exercise: Exercise, cache: Cache, seed: int = 1) -> tuple[bytes | None, bool]:
    """An exercise's examples as bytes, and whether they had to be drawn."""
    suite = Suite(exercise, seed, cache=cache)
    drawings = []
    original = suite_module.draw

    def counting(*args: Any) -> Frozen:
        drawings.append(args)
        return original(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite_module, "draw", counting)
        found = suite.frozen(slope_of(suite))
    assert found is not None
    return frozen_bytes(found), bool(drawings)


def test_examples_are_drawn_once_and_then_read(course: Course, cache: Cache) -> None:
    first, second = drawn(course.exercises[0], cache), drawn(course.exercises[0], cache)
    assert first == (second[0], True)
    assert not second[1]


@pytest.mark.parametrize("part", ["solution", "public_checks", "hidden_checks", "seed"])
def test_whatever_they_depend_on_has_them_drawn_anew(course: Course, cache: Cache, part: str) -> None:
    exercise = course.exercises[0]
    drawn(exercise, cache)
    if part != "seed":
        path: Path = getattr(exercise, part)
        path.write_text(path.read_text() + "\n# changed\n")
    assert drawn(exercise, cache, 2 if part == "seed" else 1)[1]


def test_mutants_and_another_place_change_nothing(course: Course, cache: Cache, tmp_path: Path) -> None:
    drawn(course.exercises[0], cache)
    course.exercises[0].mutants.write_text("[]")
    shutil.copytree(course.root, tmp_path / "elsewhere")
    assert not drawn(Course.load(tmp_path / "elsewhere").exercises[0], cache)[1]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "folder"])
def test_a_damaged_file_is_drawn_again(course: Course, cache: Cache, damage: str) -> None:
    whole = drawn(course.exercises[0], cache)[0]
    (path,) = (path for path in cache.folder.rglob("*") if path.is_file())
    data = path.read_bytes()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(
            {"cut": data[:-9], "flipped": data[:99] + bytes([data[99] ^ 1]) + data[100:], "empty": b""}[damage]
        )
    assert drawn(course.exercises[0], cache) == (whole, True)


def test_a_cache_that_cannot_be_written_costs_time_only(course: Course, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert drawn(course.exercises[0], Cache(tmp_path / "file" / "below"))[1]


@pytest.mark.skipif(os.name != "posix", reason="modes as on Linux")
@pytest.mark.parametrize("where", [".", "01_line", "01_line/*", "01_line/*/*"])
def test_a_cache_that_others_may_write_to_is_refused(course: Course, tmp_path: Path, where: str) -> None:
    """They could choose what all students are asked: examples of a student's own choice were read."""
    cache = Cache(tmp_path / "cache" / "examples")
    drawn(course.exercises[0], cache)
    place = next(cache.folder.glob(where)) if where != "." else cache.folder.parent
    mode = place.stat().st_mode
    place.chmod(mode | 0o002)
    with pytest.raises(CourseError, match=r"can be written by every user, who could choose .* Run `chmod -R go-w"):
        drawn(course.exercises[0], cache)
    place.chmod(mode | 0o1002 if place.is_dir() else mode | 0o020)  # as /tmp is; and for one's own group
    assert not drawn(course.exercises[0], cache)[1]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_cache_that_belongs_to_somebody_else_is_refused(course: Course, cache: Cache) -> None:
    drawn(course.exercises[0], cache)
    os.chown(cache.folder / "01_line", 65519, -1)
    with pytest.raises(CourseError, match=r"examples/01_line: belongs to another user, who could choose"):
        drawn(course.exercises[0], cache)
    os.chown(cache.folder / "01_line", 0, 65519)
    (cache.folder / "01_line").chmod(0o770)
    with pytest.raises(CourseError, match="can be written by a group"):
        drawn(course.exercises[0], cache)


def test_old_versions_do_not_pile_up(course: Course, cache: Cache) -> None:
    for seed in range(KEPT_VERSIONS + 3):
        drawn(course.exercises[0], cache, seed)
    assert len(list((cache.folder / "01_line").iterdir())) == KEPT_VERSIONS
    assert not drawn(course.exercises[0], cache, KEPT_VERSIONS + 2)[1]
    assert not list(cache.folder.rglob("*.tmp"))


VALUES = [
    {"x": np.arange(6.0).reshape(2, 3), "t": 3, "s": "é", "n": None, "f": 0.1, "nan": float("nan"), "b": True},
    {"x": np.zeros((0, 2), np.float32), "big": 10**40, "tuple": (1, [2.0, -0.0]), "d": {"a": np.int64(3)}, "c": 1j},
    {"rng": np.random.default_rng(3), "raw": b"\x00\xff", "bools": np.array([True, False])},
]


@pytest.mark.parametrize("example", VALUES)
def test_values_come_back_to_the_bit(example: dict[str, Any]) -> None:
    data = frozen_bytes(Frozen([example], [b"choices"]))
    assert data is not None
    back = frozen_of(data)
    assert back.choices == [b"choices"]
    assert frozen_bytes(back) == data
    assert [type(value) for value in back.examples[0].values()] == [type(value) for value in example.values()]
    array = next((value for value in back.examples[0].values() if isinstance(value, np.ndarray)), np.zeros(1))
    assert array.flags.writeable


class Odd:
    """Of no kind that crosses the wire."""


@pytest.mark.parametrize(
    "value", [Odd(), len, np.array([None]), np.ma.masked_array([1.0], [True]), {1, 2}, np.array(["a"]), [Odd()]]
)
def test_what_would_not_come_back_is_not_kept(value: Any) -> None:
    assert frozen_bytes(Frozen([{"value": value}], [b""])) is None


def test_only_examples_that_pass_assume_are_kept_and_each_copy_is_its_own() -> None:
    @check(points=1, hint="none", examples=20)
    @given(x=st.lists(st.integers(0, 9), min_size=1))
    def test_law(submission: Any, x: list[int]) -> None:
        """A law."""
        assume(x[0] % 2)
        x.clear()

    frozen = draw(test_law, None, 3)
    assert len(frozen.examples) == len(frozen.choices) == 20
    assert all(example["x"][0] % 2 for example in frozen.examples)
    copy = fresh(frozen.examples[0])
    copy["x"].clear()
    assert frozen.examples[0]["x"]


def test_a_property_that_draws_inside_or_targets_is_not_frozen() -> None:
    @check(points=1, hint="none", examples=5)
    @given(data=st.data())
    def test_inside(submission: Any, data: Any) -> None:
        """A law."""
        data.draw(st.integers())

    @check(points=1, hint="none", examples=5)
    @given(x=st.integers())
    def test_targeted(submission: Any, x: int) -> None:
        """A law."""
        target(float(x))

    assert draw(test_inside, None, 1).draws_inside
    assert draw(test_targeted, None, 1).draws_inside
