"""Written answers: what is looked for is one list in all places, and the references' numbers are their own."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course import Course, Exercise
from autograder.marking.rubric import rubric_of
from autograder.sources import load_reference
from autograder.submissions.explanation import ideas

COURSE = Course.load(Path(__file__).resolve().parents[2])
WRITTEN = [exercise for exercise in COURSE.exercises if exercise.by_hand]


def flat(text: str) -> str:
    return " ".join(text.split())


def bullets(exercise: Exercise) -> list[str]:
    """Those of the page that stand in a list within a list."""
    page = exercise.readme.read_text(encoding="utf-8")
    return re.findall(r"^ {2,5}- ([^*\n]+)$", page, re.M)


@pytest.mark.parametrize("exercise", WRITTEN, ids=lambda exercise: exercise.id)
def test_what_is_looked_for_is_one_list(exercise: Exercise) -> None:
    """The page, the search for evidence (ideas.yml) and the marking page (rubric.yml) have the same."""
    names = [idea.name for idea in ideas(exercise)]
    assert bullets(exercise) == names
    told = flat(" ".join(item.looks_for for item in rubric_of(exercise).items)).lower()
    assert [name for name in names if name not in told] == []
    places = [told.index(name) for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize("exercise", WRITTEN, ids=lambda exercise: exercise.id)
def test_the_page_names_what_points_are_given_for(exercise: Exercise) -> None:
    page = exercise.readme.read_text(encoding="utf-8")
    named = [name.rstrip(".").lower() for name in re.findall(r"^ *- \*([^*]+)\*", page, re.M)]
    assert named == [item.item for item in rubric_of(exercise).items]


@pytest.mark.parametrize("slug", ["explain_denoising", "explain_slowness", "explain_analogy"])
def test_the_rule_for_full_marks_is_on_the_page(slug: str) -> None:
    exercise = COURSE.exercise(slug)
    (item,) = [item for item in rubric_of(exercise).items if item.item == "the right mechanism"]
    rule = flat(item.looks_for).split(". ")[-1].rstrip(".").lower()
    assert f"of which {rule}:" in flat(exercise.readme.read_text(encoding="utf-8"))


@pytest.mark.parametrize("exercise", WRITTEN, ids=lambda exercise: exercise.id)
def test_anchors_are_full_half_and_none(exercise: Exercise) -> None:
    points = [anchor.points for anchor in rubric_of(exercise).anchors]
    assert points[0] == exercise.by_hand
    assert 0 < points[1] < exercise.by_hand
    assert points[2:] == [0]


def correlation(x: Any, y: Any) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def pinched(reference: Any, times: int) -> float:
    """What is left of the picture of 24's page after so many pinches, as a correlation."""
    picture, rng = np.linspace(-1, 1, 20_000), np.random.default_rng(0)
    x = picture
    for _ in range(times):
        x = reference.dirty(x, rng)
    return correlation(x, picture)


def adas(reference: Any, number: int, metric: str) -> float:
    return float(reference.card("ada")["candidates"][number]["metrics"][metric])


#: What a reference's text says, with {} for numbers that are worked out here, by its own functions where it has one.
SAYS: list[tuple[str, str, Any]] = [
    ("explain_denoising", "x0 = 0.25 and eps = 1 it sees {} and", lambda r: [0.25 * 0.8**0.5 + 0.2**0.5]),
    ("explain_denoising", "({} in my run)", lambda r: [r.denoise_gain(0)]),
    ("explain_slowness", "network_calls(1000) is {}, where a one-shot generator needs {}.", lambda r: [
        r.network_calls(1000), r.network_calls_one_shot()
    ]),
    ("explain_slowness", "200 steps take {} times as long", lambda r: [r.time_ratio(200, 0.05, 1.0)]),
    ("explain_analogy", "matches the original at {}), sixty leave nothing to know ({})", lambda r: [
        pinched(r, 1), pinched(r, 60)
    ]),
    ("evidence_card", "keep number 3: one of its 256 pixels is grey (murk {})", lambda r: [adas(r, 3, "murk")]),
    ("evidence_card", "Numbers 1 and 4 went, with murk {} and {}:", lambda r: [adas(r, n, "murk") for n in (1, 4)]),
    ("evidence_card", "its ring is smaller (coverage {})", lambda r: [adas(r, 5, "coverage")]),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "says", "numbers"), SAYS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_reference_tells_numbers_of_its_own(slug: str, says: str, numbers: Any) -> None:
    exercise = COURSE.exercise(slug)
    reference: Any = load_reference(exercise)
    match = re.search(re.escape(says).replace(r"\{\}", r"(-?\d+(?:\.\d+)?)"), flat(reference.EXPLANATION))
    assert match, f"the text of {slug} does not say “{says}”"
    for told, number in zip(match.groups(), numbers(reference), strict=True):
        assert told == f"{number:.{len(told.partition('.')[2])}f}"


def test_the_reference_of_the_card_tells_of_its_own_choice() -> None:
    candidates = load_reference(COURSE.exercise("evidence_card")).card("ada")["candidates"]  # type: ignore[attr-defined]
    decisions = {number: candidate["decision"] for number, candidate in enumerate(candidates)}
    assert [number for number, decision in decisions.items() if decision == "chosen"] == [3]
    assert [number for number, decision in decisions.items() if decision == "rejected"] == [1, 4]


@pytest.mark.parametrize("exercise", WRITTEN, ids=lambda exercise: exercise.id)
def test_full_answers_do_not_lean_on_the_pages_worked_number(exercise: Exercise) -> None:
    """Decimals of the page's worked number in a text that is held up as having numbers of its own."""
    page = flat(exercise.readme.read_text(encoding="utf-8"))
    worked = page[page.index("**One number by hand") : page.index("## Tasks")]
    reference: Any = load_reference(exercise)
    theirs = set(re.findall(r"\d+\.\d\d+|\d{2,}\.\d+", worked))
    for text in (reference.EXPLANATION, rubric_of(exercise).anchors[0].answer):
        assert theirs & set(re.findall(r"\d+\.\d+", text)) == set()
