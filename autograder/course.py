"""course.yml and the folders beside it, as values. The only module that knows where things lie."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from autograder.errors import CourseError
from autograder.invoked import pip_install
from autograder.limits import Limits

if TYPE_CHECKING:  # what reads course.yml is not there in a browser
    from autograder.course_file import ExerciseEntry, Grading, Late, Points

#: The folder of a student's bundle for modules of earlier assignments that this one's may import.
EARLIER = "earlier"


def vocabulary_of(root: Path) -> list[Path]:
    """The files of `root`/vocabulary, which checks and pictures of the course import as `vocabulary.NAME`.

    Students get all of them, as they get checks and pictures that import them.
    """
    paths = (root / "vocabulary").rglob("*")
    return sorted(path for path in paths if path.is_file() and "__pycache__" not in path.parts)


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
    def has_frames(self) -> bool:
        """Whether its picture is drawn step by step too."""
        return self.picture.is_file() and "\ndef draw_frames(" in self.picture.read_text(encoding="utf-8")

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
    def rubric(self) -> Path:
        """What the person who marks this exercise's prose gives points for."""
        return self.hidden_folder / "rubric.yml"

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
    groups: bool = False  # whether one hands in for a whole group
    optional: bool = False  # whether its points are extra


@dataclass(frozen=True)
class Course:
    """The course: order, titles, assignments, limits."""

    root: Path
    title: str
    time_zone: ZoneInfo | None
    points: Points | None
    grading: Grading
    late: Late
    attempts: Literal["latest", "best"] | None  # which of a student's hand-ins counts; None: there is one
    earlier: tuple[str, ...]  # in what students get: slugs of other assignments' exercises that these use
    assignments: tuple[Assignment, ...]

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(e for assignment in self.assignments for e in assignment.exercises)

    @property
    def required(self) -> tuple[Exercise, ...]:
        """The exercises that make up the course's points."""
        return tuple(e for assignment in self.assignments if not assignment.optional for e in assignment.exercises)

    @property
    def given(self) -> Given:
        """What course.yml lets students' code import and read."""
        return Given(self.grading.packages, {name: self.root / name for name in self.grading.data})

    @property
    def is_bundle(self) -> bool:
        """Whether this is a student's bundle: no solutions, so nothing can be graded here."""
        return not (self.root / "solutions").is_dir()

    def pages(self, assignment: Assignment) -> list[Path]:
        """What students read beside their exercises, if it is there: the map, its picture, the page of their unit."""
        paths = (self.root / "exercises" / name for name in ("README.md", "map.png", "chain.py", f"{assignment.id}.md"))
        return [path for path in paths if path.is_file() and not path.is_symlink()]

    def used_module(self, slug: str) -> Path:
        """The file behind `from <slug> import …` in this course; in a student's bundle it may be missing."""
        stubs = (exercise.stub for exercise in self.exercises if exercise.slug == slug)
        return next(stubs, self.root / EARLIER / f"{slug}.py")

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
        from autograder.course_file import read_course_file

        root = root.resolve()
        entry = read_course_file(root / "course.yml")
        zone = ZoneInfo(entry.time_zone) if entry.time_zone else None
        assignments = tuple(
            Assignment(
                a.id,
                a.title,
                _due(a.due, zone),
                tuple(_exercise(root, a.id, e, entry.limits.limits) for e in a.exercises),
                a.groups,
                a.optional,
            )
            for a in entry.assignments
        )
        policies = (entry.points, entry.grading, entry.late, entry.attempts)
        return cls(root, entry.title, zone, *policies, entry.earlier, assignments)

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
    own = entry.limits.limits if entry.limits else limits
    return Exercise(root, entry.id, entry.title, assignment, limits=own, **given)


def _root_above(path: Path) -> Path | None:
    """The nearest folder with a course.yml: this one, or one above it."""
    here = path.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "course.yml").is_file()), None)
