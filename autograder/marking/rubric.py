"""rubric.yml: what a person gives points for in a written answer, with answers to hold it against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from autograder.authored import Entry, Number, Place, Text, read_entries
from autograder.course import Exercise
from autograder.reports.text import number


class Item(Entry):
    """One thing that points are given for."""

    item: Annotated[Text, Field(description="its name")]
    points: Annotated[Number, Field(gt=0, description="at most")]
    looks_for: Annotated[Text, Field(description="what earns them, as students read it too")]


class Anchor(Entry):
    """An answer of the course's own with its mark, for the person who marks to compare with."""

    points: Annotated[Number, Field(ge=0, description="what it gets")]
    answer: Annotated[Text, Field(description="the text")]
    why: Annotated[Text, Field(description="why it gets that")]


class Rubric(Entry):
    """All of rubric.yml: items whose points add up to `by_hand`, and anchors."""

    items: Annotated[tuple[Item, ...], Field(min_length=1, description="what points are given for")]
    anchors: Annotated[tuple[Anchor, ...], Field(description="answers with their marks, for comparison")] = ()


def rubric_of(exercise: Exercise) -> Rubric:
    """The exercise's rubric.yml; without one, a single item. Raises CourseError: it is wrong, with file and line."""
    if not exercise.rubric.is_file():
        whole = Item(item="the answer", points=exercise.by_hand, looks_for="what the exercise's page asks for")
        return Rubric(items=(whole,))

    def wrong_points(rubric: Rubric) -> Iterator[tuple[Place, str]]:
        total = sum(item.points for item in rubric.items)
        if abs(total - exercise.by_hand) > 1e-9:
            yield ("items",), f"found {number(total)} points in all, allowed: {number(exercise.by_hand)}, as by_hand"
        for i, anchor in enumerate(rubric.anchors):
            if anchor.points > exercise.by_hand:
                told = f"found {number(anchor.points)}, allowed: at most {number(exercise.by_hand)}"
                yield ("anchors", i, "points"), told

    return read_entries(exercise.rubric, Rubric, wrong_points)
