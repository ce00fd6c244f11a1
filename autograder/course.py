"""course.yml and the folders beside it, as values. The only module that knows where things lie."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from autograder.authored import Entry, Number, Place, Text, When, Whole, Zone, read_entries
from autograder.errors import CourseError
from autograder.invoked import pip_install

Level = Literal["strict", "basic"]


class Limits(Entry):
    """What student code may use: CPU seconds in one check, memory above the bare runner's, and time in all.

    `total_seconds` are on the clock, for all checks of a module with their explanation: a bound for the grader, many
    times what honest work takes.
    """

    cpu_seconds: Annotated[Number, Field(gt=0, le=120, description="CPU time for student code in one check")] = 5.0
    memory_mib: Annotated[Whole, Field(ge=64, le=16384, description="memory above what the bare runner uses")] = 1024
    total_seconds: Annotated[
        Number,
        Field(
            gt=0,
            le=7200,
            description="on the clock, for all checks of a module; many times what honest work takes",
        ),
    ] = 300.0


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


class Late(Entry):
    """Late policy: after the grace, each day begun costs `penalty_per_day` of the points earned.

    A late day ends at the same time of day on the next date, in the course's `time_zone`.
    """

    grace_minutes: Annotated[Whole, Field(ge=0, description="after the due date, at no cost")] = 0
    penalty_per_day: Annotated[
        Number, Field(ge=0, le=1, description="the fraction of the points earned that each day begun costs")
    ] = 0.0
    max_days: Annotated[Whole, Field(ge=0, description="days after which a submission earns nothing")] = 365


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
        Field(description="slugs of earlier exercises of the assignment that the module may import"),
    ] = ()
    by_hand: Annotated[Number, Field(ge=0, description="points that a person gives for `EXPLANATION`")] = 0.0
    limits: Annotated[Limits | None, Field(description="in place of the course's; what is left out is the default")] = (
        None
    )
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


class Points(Entry):
    """What the whole course is worth; `audit` proves it."""

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
    limits: Annotated[Limits, Field(description="what student code may use")] = Limits()
    late: Annotated[Late, Field(description="what lateness costs")] = Late()
    assignments: Annotated[tuple[AssignmentEntry, ...], Field(min_length=1, description="in the course's order")]


def vocabulary_of(root: Path) -> list[Path]:
    """The files of `root`/vocabulary, which checks and pictures of the course import as `vocabulary.NAME`.

    Students get all of them, as they get checks and pictures that import them.
    """
    found = (root / "vocabulary").rglob("*")
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


@dataclass(frozen=True)
class Given:
    """What students' code finds besides itself: packages, and data files by the names that it opens them by."""

    packages: tuple[str, ...] = ("numpy",)
    data: Mapping[str, Path] = field(default_factory=dict)

    def check(self) -> None:
        """Raises CourseError with the remedy: something is not there."""
        for name in self.packages:
            if importlib.util.find_spec(name) is None:
                raise CourseError(
                    f"course.yml allows students to import {name}, which is not installed here: {pip_install(name)}"
                )
        self.check_data()

    def check_data(self) -> None:
        """Raises CourseError: a file is not there."""
        for path in self.data.values():
            if not path.is_file():
                raise CourseError(f"{path}: no such file; course.yml names it in grading.data")


NUMPY_ALONE = Given()


@dataclass(frozen=True)
class Exercise:
    """One exercise and where its parts lie."""

    root: Path
    id: str
    title: str
    assignment: str
    uses: tuple[str, ...]
    by_hand: float
    limits: Limits
    points: float | None
    checks: int | None
    placeholder: str

    @property
    def slug(self) -> str:
        """`line_fit` of `05_line_fit`: the name of the module that students fill in."""
        return self.id[3:]

    @property
    def folder(self) -> Path:
        return self.root / "exercises" / self.id

    @property
    def stub(self) -> Path:
        return self.folder / f"{self.slug}.py"

    @property
    def readme(self) -> Path:
        return self.folder / "README.md"

    @property
    def hints(self) -> Path:
        return self.folder / "HINTS.md"

    @property
    def picture(self) -> Path:
        return self.folder / "picture.py"

    @property
    def public_checks(self) -> Path:
        return self.folder / f"test_{self.slug}.py"

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / f"{self.id}.py"

    @property
    def hidden_folder(self) -> Path:
        return self.root / "tests" / "exercises" / self.id

    @property
    def hidden_checks(self) -> Path:
        return self.hidden_folder / f"test_{self.slug}_hidden.py"

    @property
    def mutants(self) -> Path:
        return self.hidden_folder / "mutants.yml"

    @property
    def ideas(self) -> Path:
        """What the person who marks this exercise's prose looks for; only where prose is marked."""
        return self.hidden_folder / "ideas.yml"

    @property
    def variants(self) -> list[Path]:
        return sorted((self.hidden_folder / "variants").glob("*.py"))


@dataclass(frozen=True)
class Assignment:
    """What is released and due together."""

    id: str
    title: str
    due: datetime  # aware: in the course's time zone, else with an offset of its own
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Course:
    """The course: order, titles, assignments, limits."""

    root: Path
    title: str
    time_zone: ZoneInfo | None
    points: Points | None
    grading: Grading
    late: Late
    assignments: tuple[Assignment, ...]

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(e for assignment in self.assignments for e in assignment.exercises)

    @property
    def given(self) -> Given:
        """What course.yml lets students' code import and read."""
        return Given(self.grading.packages, {name: self.root / name for name in self.grading.data})

    @property
    def is_bundle(self) -> bool:
        """Whether this is a student's bundle: no solutions, so nothing can be graded here."""
        return not (self.root / "solutions").is_dir()

    def __str__(self) -> str:
        """As errors name it: there may be several courses on a machine, one inside another."""
        return f"“{self.title}” ({self.root / 'course.yml'})"

    def assignment(self, name: str) -> Assignment:
        for assignment in self.assignments:
            if assignment.id == name:
                return assignment
        known = ", ".join(a.id for a in self.assignments)
        raise CourseError(f"no assignment {name!r} in {self}; there are: {known}")

    def exercise(self, name: str) -> Exercise:
        """By id (`05_line_fit`), slug (`line_fit`), number (`05`, `5`), or the path of its folder or module."""
        self._refuse_others(Path(name))
        last = re.split(r"[/\\]", name.rstrip("/\\"))[-1].removesuffix(".py")
        for exercise in self.exercises:
            number = exercise.id[:2]
            if last in (exercise.id, exercise.slug, number, number.lstrip("0")):
                return exercise
        known = ", ".join(e.id for e in self.exercises)
        raise CourseError(f"no exercise {name!r} in {self}; there are: {known}")

    def _refuse_others(self, path: Path) -> None:
        """CourseError for a path that lies in another course, whose exercises may have the same names and numbers."""
        if len(path.parts) > 1 and path.exists() and (root := _root_above(path)) not in (None, self.root):
            raise CourseError(f"{path}: is of another course, {root / 'course.yml'}, not of {self}")

    @classmethod
    def load(cls, root: Path) -> Course:
        """Read `root`/course.yml. Raises CourseError with one line per problem."""
        root = root.resolve()
        entry = read_course_file(root / "course.yml")
        zone = ZoneInfo(entry.time_zone) if entry.time_zone else None
        assignments = tuple(
            Assignment(
                a.id,
                a.title,
                _due(a.due, zone),
                tuple(_exercise(root, a.id, e, entry.limits) for e in a.exercises),
            )
            for a in entry.assignments
        )
        return cls(root, entry.title, zone, entry.points, entry.grading, entry.late, assignments)

    @classmethod
    def find(cls, start: Path) -> Course:
        """The course whose course.yml lies in `start` or the nearest folder above it."""
        if (root := _root_above(start)) is not None:
            return cls.load(root)
        raise CourseError(
            f"no course.yml in {start} or a folder above it; run this inside the course, or give --course DIR"
        )


def at_clock(told: datetime, zone: tzinfo) -> datetime:
    """When a zone's clock shows this, the later where it does so twice; what it skips is later by what is skipped."""
    both = (told.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(both).astimezone(zone)


def _due(told: datetime, zone: tzinfo | None) -> datetime:
    if zone is None:
        return told
    return at_clock(told, zone) if told.tzinfo is None else told.astimezone(zone)


def _exercise(root: Path, assignment: str, entry: ExerciseEntry, limits: Limits) -> Exercise:
    given = {name: getattr(entry, name) for name in ("uses", "by_hand", "points", "checks", "placeholder")}
    return Exercise(root, entry.id, entry.title, assignment, limits=entry.limits or limits, **given)


def _root_above(path: Path) -> Path | None:
    """The nearest folder with a course.yml: this one, or one above it."""
    here = path.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "course.yml").is_file()), None)


def read_course_file(path: Path) -> CourseFile:
    """Parse and validate one course.yml. Every problem is a line: file:line: place: found, allowed."""
    return read_entries(path, CourseFile, _cross_problems)


def _cross_problems(course: CourseFile) -> Iterator[tuple[Place, str]]:
    """What no single field can tell: names and numbers used twice, `uses` that point forward or elsewhere."""
    assignments: set[str] = set()
    numbers: dict[str, str] = {}
    slugs: dict[str, str] = {}
    for i, assignment in enumerate(course.assignments):
        place: Place = ("assignments", i)
        if course.time_zone is None and assignment.due.tzinfo is None:
            told = f"found {assignment.due.isoformat()!r}, allowed: with an offset, as in {assignment.due.isoformat()}"
            yield (*place, "due"), f"{told}+01:00, or a time_zone for the course"
        if assignment.id in assignments:
            yield (*place, "id"), f"found {assignment.id!r} a second time, allowed: each assignment once"
        assignments.add(assignment.id)
        earlier: list[str] = []
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
                        f"found {name!r}, allowed: an earlier exercise of this assignment ({allowed})",
                    )
            slugs.setdefault(slug, exercise.id)
            earlier.append(slug)
