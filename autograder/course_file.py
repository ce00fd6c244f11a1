"""What course.yml may say: its keys, what is allowed, and what no single key can tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from autograder.authored import Entry, Number, Place, Text, When, Whole, Zone, read_entries
from autograder.limits import Limits

Level = Literal["strict", "basic"]


class LimitsEntry(Entry):
    """What student code may use: CPU seconds in one check, memory above the bare runner's, and time in all.

    `total_seconds` are on the clock, for all checks of a module with their explanation: a bound for the grader, many
    times what honest work takes.
    """

    cpu_seconds: Annotated[Number, Field(gt=0, le=120, description="CPU time for student code in one check")] = (
        Limits.cpu_seconds
    )
    memory_mib: Annotated[Whole, Field(ge=64, le=16384, description="memory above what the bare runner uses")] = (
        Limits.memory_mib
    )
    total_seconds: Annotated[
        Number,
        Field(
            gt=0,
            le=7200,
            description="on the clock, for all checks of a module; many times what honest work takes",
        ),
    ] = Limits.total_seconds

    @property
    def limits(self) -> Limits:
        return Limits(**self.model_dump())


class Tokens(Entry):
    """A bucket of tokens a student: a hand-in takes one, and only with one is what breaks hidden checks shown."""

    most: Annotated[Whole, Field(ge=1, le=1000, description="as many hand-ins in a row are shown what breaks them")]
    refill_hours: Annotated[Number, Field(gt=0, le=8760, description="after which a token that was taken is back")]


class Grading(Entry):
    """How submissions are graded, and for how many versions of an exercise a student sees what breaks hidden checks."""

    level: Annotated[Level, Field(description="the lock-down that marks need")] = "strict"
    seed: Annotated[
        Whole, Field(ge=0, description="of the frozen examples: another one draws all anew, for a last grading, say")
    ] = 0
    packages: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], ...],
        Field(description="what students may import besides the standard library, by the names that `import` takes"),
    ] = ("numpy",)
    data: Annotated[
        tuple[Annotated[str, Field(pattern=r"^\w[\w -]*(\.[\w-]+)*(/\w[\w -]*(\.[\w-]+)*)*$")], ...],
        Field(description="files of the course that students' code may read, by their paths below it"),
    ] = ()
    shrink_calls: Annotated[
        Whole,
        Field(
            ge=0,
            le=10_000,
            description="calls spent on a smaller counterexample, for the first failing check of an exercise",
        ),
    ] = 200
    counterexamples: Annotated[
        Annotated[Whole, Field(ge=0)] | None,
        Field(
            description="versions of an exercise for which a student sees what breaks its hidden checks, as counted "
            "in `graded/`; without it, always"
        ),
    ] = None
    counterexamples_from: Annotated[
        Whole,
        Field(
            ge=1,
            description="the first version, or attempt, for which a student sees what breaks hidden checks; before it, "
            "which laws do not hold and no more",
        ),
    ] = 1
    tokens: Annotated[
        Tokens | None,
        Field(
            description="how often a student sees what breaks hidden checks, where hand-ins have times (`attempts`, "
            "Gradescope): each takes a token, and without one it is graded and shows which laws do not hold; without "
            "the key, always"
        ),
    ] = None


class Late(Entry):
    """Late policy: after the grace, each day begun costs `penalty_per_day` of the points earned.

    A late day ends at the same time of day on the next date, in the course's `time_zone`.
    """

    grace_minutes: Annotated[Whole, Field(ge=0, description="after the due date, at no cost")] = 0
    penalty_per_day: Annotated[
        Number, Field(ge=0, le=1, description="the fraction of the points earned that each day begun costs")
    ] = 0.0
    max_days: Annotated[Whole, Field(ge=0, description="days after which a submission earns nothing")] = 365
    free_days: Annotated[
        Whole,
        Field(
            ge=0,
            description="late days that cost a student nothing, in all assignments together; `--earlier DIR` tells "
            "what was used. Days that go beyond `max_days` use none",
        ),
    ] = 0


class ExerciseEntry(Entry):
    """An exercise; the order in the file is the order of the course."""

    id: Annotated[
        str,
        Field(
            pattern=r"^\d\d_[a-z][a-z0-9_]*$",
            description="`NN_slug`: the name of its folders. Any two digits that no other exercise has; students "
            "fill in `slug.py`",
        ),
    ]
    title: Annotated[Text, Field(description="as students read it")]
    uses: Annotated[
        tuple[str, ...],
        Field(
            description="slugs of earlier exercises of the course that the module may import: references when it is "
            "graded, the student's own at home"
        ),
    ] = ()
    by_hand: Annotated[Number, Field(ge=0, description="points that a person gives for `EXPLANATION`")] = 0.0
    limits: Annotated[
        LimitsEntry | None, Field(description="in place of the course's; what is left out is the default")
    ] = None
    points: Annotated[
        Annotated[Number, Field(gt=0)] | None,
        Field(description="only in what students get, written by `release`: what the checks are worth"),
    ] = None
    checks: Annotated[
        Annotated[Whole, Field(gt=0)] | None,
        Field(description="only in what students get, written by `release`: how many checks grade it"),
    ] = None
    placeholder: Annotated[
        str, Field(description="only in what students get, written by `release`: what `EXPLANATION` says there")
    ] = ""


class AssignmentEntry(Entry):
    """What is released and due together."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", description="as commands name it")]
    title: Annotated[Text, Field(description="as students read it")]
    due: Annotated[
        datetime,
        When,
        Field(
            description="with its offset, `2027-01-15T23:59:00+00:00`, or in the course's `time_zone`: "
            "`2027-01-15T23:59`"
        ),
    ]
    exercises: Annotated[tuple[ExerciseEntry, ...], Field(min_length=1, description="its exercises, in order")]
    groups: Annotated[
        bool, Field(description="whether one hands in for a whole group, as the roster's column `group` has them")
    ] = False
    optional: Annotated[
        bool, Field(description="whether nobody has to hand it in: its points are extra, in no sum of the course")
    ] = False


class Points(Entry):
    """What the whole course is worth, without what is optional; `audit` proves it."""

    checks: Annotated[Number, Field(gt=0, description="the sum of all `@check(points=…)`")]
    by_hand: Annotated[Number, Field(ge=0, description="the sum of all `by_hand`")] = 0.0


class CourseFile(Entry):
    """The whole of course.yml."""

    title: Annotated[Text, Field(description="of the course")]
    time_zone: Annotated[
        Zone | None,
        Field(
            description="in which due times without an offset are meant and late days end, as in `America/New_York`; "
            "without it, a due time's own offset counts. Of a time that a clock change makes twice it is the later; "
            "one that it leaves out is later by what the clock skips"
        ),
    ] = None
    points: Annotated[
        Points | None, Field(description="the sums that `audit` proves; without it, none is promised")
    ] = None
    grading: Annotated[Grading, Field(description="how submissions are graded")] = Grading()
    limits: Annotated[LimitsEntry, Field(description="what student code may use")] = LimitsEntry()
    late: Annotated[Late, Field(description="what lateness costs")] = Late()
    attempts: Annotated[
        Literal["latest", "best"] | None,
        Field(
            description="which of a student's hand-ins counts, where they lie in folders named by their times, or "
            "`--attempts CSV` lists them: the latest, which alone is graded, or the best, less its late penalty; "
            "without it, a student has one hand-in"
        ),
    ] = None
    earlier: Annotated[
        tuple[str, ...],
        Field(description="only in what students get, written by `release`: slugs of other assignments' that are used"),
    ] = ()
    assignments: Annotated[tuple[AssignmentEntry, ...], Field(min_length=1, description="in the course's order")]


def read_course_file(path: Path) -> CourseFile:
    """Parse and validate one course.yml. Every problem is a line: file:line: place: found, allowed."""
    return read_entries(path, CourseFile, _cross_problems)


def _cross_problems(course: CourseFile) -> Iterator[tuple[Place, str]]:
    """What no single field can tell: names and numbers used twice, `uses` that point forward or elsewhere."""
    assignments: set[str] = set()
    numbers: dict[str, str] = {}
    slugs: dict[str, str] = {}
    earlier = list(course.earlier)
    for i, assignment in enumerate(course.assignments):
        place: Place = ("assignments", i)
        if course.time_zone is None and assignment.due.tzinfo is None:
            told = f"found {assignment.due.isoformat()!r}, allowed: with an offset, as in {assignment.due.isoformat()}"
            yield (*place, "due"), f"{told}+01:00, or a time_zone for the course"
        if assignment.id in assignments:
            yield (*place, "id"), f"found {assignment.id!r} a second time, allowed: each assignment once"
        assignments.add(assignment.id)
        for j, exercise in enumerate(assignment.exercises):
            at = (*place, "exercises", j)
            number, slug = exercise.id[:2], exercise.id[3:]
            if (other := numbers.setdefault(number, exercise.id)) != exercise.id or slug in slugs:
                taken = other if other != exercise.id else slugs[slug]
                yield (*at, "id"), f"found {exercise.id!r} beside {taken!r}, allowed: each number and each name once"
            for k, name in enumerate(exercise.uses):
                if name not in earlier:
                    allowed = ", ".join(earlier) or "nothing, it is the first"
                    yield (
                        (*at, "uses", k),
                        f"found {name!r}, allowed: an earlier exercise ({allowed})",
                    )
            slugs.setdefault(slug, exercise.id)
            earlier.append(slug)
