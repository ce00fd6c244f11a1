"""course.yml: what is read, and what is said of a wrong file."""

from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import CourseError

GOOD = """\
title: A course
assignments:
  - id: first
    title: First
    due: 2027-01-22T23:59:00+00:00
    exercises:
      - {id: 01_one, title: One}
      - {id: 02_two, title: Two, uses: [one], limits: {cpu_seconds: 9}}
"""


def load(folder: Path, text: str) -> Course:
    (folder / "course.yml").write_text(text, encoding="utf-8")
    return Course.load(folder)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(CourseError) as caught:
        load(folder, text)
    return str(caught.value).replace(f"{folder.resolve()}/", "").splitlines()


def test_a_good_file_is_read(tmp_path: Path) -> None:
    course = load(tmp_path, GOOD)
    two = course.exercise("2")
    assert (two.slug, two.assignment, two.uses, two.limits.cpu_seconds) == ("two", "first", ("one",), 9.0)
    assert course.exercise("one").limits.cpu_seconds == 5.0
    assert course.assignment("first").due.utcoffset() is not None


@pytest.mark.parametrize("name", ["02_two", "two", "02", "2"])
def test_an_exercise_goes_by_id_slug_or_number(tmp_path: Path, name: str) -> None:
    assert load(tmp_path, GOOD).exercise(name).id == "02_two"


def test_an_unknown_exercise_is_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"no exercise 'three' .* 01_one, 02_two"):
        load(tmp_path, GOOD).exercise("three")


def test_what_another_course_has_is_told_with_the_course_that_was_asked(tmp_path: Path) -> None:
    """A folder below another course is taken for that course's: its name tells the student where she is."""
    course = load(tmp_path, GOOD)
    (tmp_path / "deep" / "down").mkdir(parents=True)
    found = Course.find(tmp_path / "deep" / "down")
    asked = f"“A course” ({tmp_path.resolve() / 'course.yml'})"
    for wanted in (lambda: found.exercise("09"), lambda: found.assignment("lines"), lambda: course.exercise("09")):
        with pytest.raises(CourseError) as told:
            wanted()
        assert f" in {asked}; there are: " in str(told.value)


def test_a_path_of_another_course_is_refused_though_names_and_numbers_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer, inner = load(tmp_path, GOOD), tmp_path / "inner"
    for root in (tmp_path, inner):
        (root / "exercises" / "01_one").mkdir(parents=True)
    load(inner, GOOD.replace("A course", "Another"))
    monkeypatch.chdir(tmp_path)
    assert outer.exercise("exercises/01_one").id == "01_one"
    with pytest.raises(
        CourseError, match=r"inner/exercises/01_one: is of another course, .*inner/course.yml, not of “A "
    ):
        outer.exercise("inner/exercises/01_one")


def test_every_problem_has_its_own_line_with_place_found_and_allowed(tmp_path: Path) -> None:
    text = GOOD.replace("title: A course", "title: 7\ncolour: red").replace("{cpu_seconds: 9}", "{cpu_seconds: -1}")
    lines = problems(tmp_path, text.replace("2027-01-22T23:59:00+00:00", "soon"))
    assert len(lines) == 4, lines
    assert lines[0].startswith("course.yml:1: title: found 7, allowed: ")
    assert lines[1].startswith("course.yml:2: colour: found the unknown key 'colour'")
    assert lines[2].startswith("course.yml:6: assignments[0].due: found 'soon', allowed: ")
    assert lines[3].startswith("course.yml:9: assignments[0].exercises[1].limits.cpu_seconds: found -1")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "uses: [one]",
            "uses: [three]",
            "uses[0]: found 'three', allowed: an earlier exercise (one)",
        ),
        ("id: 02_two", "id: 01_two", "found '01_two' beside '01_one', allowed: each number and each name once"),
        ("id: 02_two", "id: 02_one", "found '02_one' beside '01_one', allowed: each number and each name once"),
        (
            "cpu_seconds: 9",
            "cpu_seconds: '9'",
            "limits.cpu_seconds: found '9', allowed: input should be a valid number",
        ),
        (
            "cpu_seconds: 9",
            "cpu_seconds: yes",
            "limits.cpu_seconds: found True, allowed: input should be a valid number",
        ),
        ("cpu_seconds: 9", "cpu_seconds: .nan", "allowed: input should be a finite number"),
        (
            "cpu_seconds: 9",
            "memory_mib: 64.5",
            "limits.memory_mib: found 64.5, allowed: input should be a valid integer",
        ),
        ("uses: [one]", "uses: one", "uses: found 'one', allowed: input should be a valid tuple"),
        ("uses: [one]", "by_hand: '3'", "by_hand: found '3', allowed: input should be a valid number"),
        ("uses: [one]", "7: one", "allowed: keys should be strings"),
        ("2027-01-22T23:59:00+00:00", "20270122", "due: found 20270122, allowed: a date and time with a time zone"),
        ("id: 02_two", "id: two", "found 'two', allowed: string should match pattern"),
        ("title: One", "title: One, title: Uno", "found the key twice, allowed: once"),
        ("+00:00", "", "due: found '2027-01-22T23:59:00', allowed: with an offset, as in"),
        ("title: A course\n", "", "title: found nothing, allowed: the key 'title' is required"),
        ("assignments:", "assignments: [", "not valid YAML"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert any(said in line for line in problems(tmp_path, GOOD.replace(old, new, 1)))


def test_numbers_stand_in_any_order_and_the_files_order_is_the_courses(tmp_path: Path) -> None:
    course = load(tmp_path, GOOD.replace("01_one", "24_one"))
    assert [exercise.id for exercise in course.exercises] == ["24_one", "02_two"]


def test_an_entry_that_holds_itself_is_told(tmp_path: Path) -> None:
    assert "holds itself" in problems(tmp_path, "&a\ntitle: A\nassignments: [*a]\n")[0]


def test_a_missing_file_and_an_empty_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no such file"):
        Course.load(tmp_path)
    assert problems(tmp_path, "")[0].startswith("course.yml:1: the file: found None")


def test_the_course_is_found_from_a_folder_below(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    (tmp_path / "exercises" / "01_one").mkdir(parents=True)
    assert Course.find(tmp_path / "exercises" / "01_one").root == tmp_path.resolve()
    with pytest.raises(CourseError, match=r"no course\.yml"):
        Course.find(Path("/"))
