"""Known-wrong solutions: what audit certifies the checks with, and what the diagnosis compares answers with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Annotated

from pydantic import BeforeValidator, Field

from autograder.authored import Entry, Text, read_entries
from autograder.course import Exercise
from autograder.errors import CourseError
from autograder.sources import run_variant


class EditEntry(Entry):
    """A change of the reference solution's text."""

    old: Annotated[Text, Field(description="text that stands exactly once in the reference solution")]
    new: Annotated[str, Field(description="what stands there in the mutant")]


def _in_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class MutantEntry(Entry):
    """A known-wrong solution in mutants.yml, which is a list of these."""

    name: Annotated[Text, Field(description="short, once in the file; `audit` goes by it")]
    misconception: Annotated[Text, Field(description="what whoever writes this believes; students read it")]
    hint: Annotated[Text, Field(description="what to think of next; students read it below the misconception")]
    edit: Annotated[
        tuple[EditEntry, ...],
        BeforeValidator(_in_list),
        Field(min_length=1, description="`old` and `new`, or a list of those"),
    ]
    caught_by: Annotated[
        tuple[Text, ...], Field(description="the checks that must fail it; more may. `audit` proves each")
    ]


@dataclass(frozen=True)
class Mutant:
    """A known-wrong solution: the reference with one misconception edited in."""

    name: str
    misconception: str
    hint: str
    caught_by: tuple[str, ...]
    edits: tuple[tuple[str, str], ...] = field(repr=False)
    source: str = field(repr=False)
    module: ModuleType = field(repr=False)


def edited(source: str, edits: Iterable[tuple[str, str]]) -> str:
    """The source after edits (old, new), one after the other.

    CourseError: an old text is not there exactly once, in the source or in what the edits before have left of it.
    """
    for old, new in edits:
        if (count := source.count(old)) != 1:
            raise CourseError(f"old must match exactly once, found {count}: {old!r}")
        source = source.replace(old, new)
    return source


def read_mutants(exercise: Exercise) -> tuple[Mutant, ...]:
    """The mutants of an exercise, as modules. Raises CourseError naming the mutant and what is wrong."""
    path = exercise.mutants
    source = exercise.solution.read_text(encoding="utf-8")
    mutants: list[Mutant] = []
    for entry in read_entries(path, tuple[MutantEntry, ...]):
        if entry.name in [mutant.name for mutant in mutants]:
            raise CourseError(f"{path}: two mutants are named {entry.name}")
        edits = tuple((edit.old, edit.new) for edit in entry.edit)
        try:
            text = edited(source, edits)
        except CourseError as problem:
            raise CourseError(f"{path}: {entry.name}: {problem}") from None
        module = run_variant(exercise, text, f"{exercise.id} mutant {entry.name}")
        mutants.append(Mutant(entry.name, entry.misconception, entry.hint, entry.caught_by, edits, text, module))
    return tuple(mutants)
