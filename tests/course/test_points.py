"""Points go with the work that an exercise is, and every place that states points states the same."""

import re
from pathlib import Path

import pytest

from autograder.course import Course, Exercise
from autograder.judge.suite import checks_of, points_of

COURSE = Course.load(Path(__file__).resolve().parents[2])
#: Points a minute, at the least and at the most. The whole course has 0.08; what is short is worth its beginning too.
LEAST, MOST = 0.04, 0.14
POINTS = {exercise.slug: points_of(checks_of(exercise)) for exercise in COURSE.exercises}


def minutes(exercise: Exercise) -> int:
    """What its page tells first."""
    match = re.search(r"\*About (\d+) minutes", exercise.readme.read_text(encoding="utf-8"))
    assert match, exercise.id
    return int(match[1])


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.id)
def test_points_go_with_the_minutes(exercise: Exercise) -> None:
    assert LEAST <= (POINTS[exercise.slug] + exercise.by_hand) / minutes(exercise) <= MOST


def test_the_longest_exercise_is_worth_most_and_the_loop_less() -> None:
    assert POINTS["train_denoiser"] == max(POINTS.values()) == 8
    assert POINTS["ddpm_sampler"] == 5
    assert max(COURSE.exercises, key=minutes).slug == "train_denoiser"


def test_the_sums_are_those_of_course_yml() -> None:
    assert COURSE.points is not None
    assert sum(POINTS[exercise.slug] for exercise in COURSE.required) == COURSE.points.checks
    assert sum(exercise.by_hand for exercise in COURSE.required) == COURSE.points.by_hand


@pytest.mark.parametrize("exercise", COURSE.exercises, ids=lambda exercise: exercise.id)
def test_a_page_tells_the_points_that_a_person_gives(exercise: Exercise) -> None:
    told = re.findall(r"\b(\d+) points\b", exercise.readme.read_text(encoding="utf-8"))
    assert [float(number) for number in told] == ([exercise.by_hand] if exercise.by_hand else [])
