"""course.yml and the folders beside it, as values. The only module that knows where things lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from autograder.errors import CourseError

Level = Literal["strict", "basic"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Entry):
    """What student code may use: CPU seconds in one check, memory above the bare runner's, and time in all.

    `total_seconds` are on the clock, for all checks of a module with their explanation: a bound for the grader, many
    times what honest work takes.
    """

    cpu_seconds: Annotated[float, Field(gt=0, le=120)] = 5.0
    memory_mib: Annotated[int, Field(ge=64, le=16384)] = 1024
    total_seconds: Annotated[float, Field(gt=0, le=7200)] = 300.0


class Grading(_Entry):
    """How submissions are graded, and for how many versions of an exercise a student sees what breaks hidden checks."""

    level: Level = "strict"
    seed: Annotated[int, Field(ge=0)] = 0
    shrink_calls: Annotated[int, Field(ge=0, le=10_000)] = 200
    counterexamples: Annotated[int, Field(ge=0)] | None = None  # None: always


class Late(_Entry):
    """Late policy: after the grace, each day begun costs `penalty_per_day` of the points earned."""

    grace_minutes: Annotated[int, Field(ge=0)] = 0
    penalty_per_day: Annotated[float, Field(ge=0, le=1)] = 0.0
    max_days: Annotated[int, Field(ge=0)] = 365


class ExerciseEntry(_Entry):
    id: Annotated[str, Field(pattern=r"^\d\d_[a-z][a-z0-9_]*$")]
    title: Annotated[str, Field(min_length=1)]
    uses: tuple[str, ...] = ()
    by_hand: Annotated[float, Field(ge=0)] = 0.0
    limits: Limits | None = None
    points: Annotated[float, Field(gt=0)] | None = None  # written into a student's bundle, for display


class AssignmentEntry(_Entry):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Annotated[str, Field(min_length=1)]
    due: AwareDatetime
    exercises: Annotated[tuple[ExerciseEntry, ...], Field(min_length=1)]


class Points(_Entry):
    """What the whole course is worth; `audit` proves it."""

    checks: Annotated[float, Field(gt=0)]
    by_hand: Annotated[float, Field(ge=0)] = 0.0


class CourseFile(_Entry):
    """The whole of course.yml."""

    title: Annotated[str, Field(min_length=1)]
    points: Points | None = None
    grading: Grading = Grading()
    limits: Limits = Limits()
    late: Late = Late()
    assignments: Annotated[tuple[AssignmentEntry, ...], Field(min_length=1)]


def vocabulary_of(root: Path) -> list[Path]:
    """The files of `root`/vocabulary, which checks and pictures of the course import as `vocabulary.NAME`.

    Students get all of them, as they get checks and pictures that import them.
    """
    found = (root / "vocabulary").rglob("*")
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


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
    due: AwareDatetime
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Course:
    """The course: order, titles, assignments, limits."""

    root: Path
    title: str
    points: Points | None
    grading: Grading
    late: Late
    assignments: tuple[Assignment, ...]

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        return tuple(e for assignment in self.assignments for e in assignment.exercises)

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
        assignments = tuple(
            Assignment(
                a.id,
                a.title,
                a.due,
                tuple(
                    Exercise(root, e.id, e.title, a.id, e.uses, e.by_hand, e.limits or entry.limits, e.points)
                    for e in a.exercises
                ),
            )
            for a in entry.assignments
        )
        return cls(root, entry.title, entry.points, entry.grading, entry.late, assignments)

    @classmethod
    def find(cls, start: Path) -> Course:
        """The course whose course.yml lies in `start` or the nearest folder above it."""
        if (root := _root_above(start)) is not None:
            return cls.load(root)
        raise CourseError(
            f"no course.yml in {start} or a folder above it; run this inside the course, or give --course DIR"
        )


def _root_above(path: Path) -> Path | None:
    """The nearest folder with a course.yml: this one, or one above it."""
    here = path.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "course.yml").is_file()), None)


def read_course_file(path: Path) -> CourseFile:
    """Parse and validate one course.yml. Every problem is a line: file:line: place: found, allowed."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise CourseError(f"{path}: cannot be read as UTF-8 text: {problem}") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as problem:
        where = getattr(problem, "problem_mark", None)
        line = f":{where.line + 1}" if where else ""
        what = getattr(problem, "problem", None) or str(problem)
        raise CourseError(f"{path}{line}: not valid YAML: {what}") from None
    problems = list(_duplicate_keys(node, "")) if node is not None else []
    try:
        course: CourseFile | None = CourseFile.model_validate(data)
    except ValidationError as invalid:
        course = None
        problems += [(_line(node, e["loc"]), _place(e["loc"]), _describe(dict(e))) for e in _own_errors(invalid)]
    if course is not None:
        problems += [(_line(node, loc), _place(loc), text) for loc, text in _cross_problems(course)]
    if problems or course is None:
        raise CourseError("\n".join(f"{path}:{line}: {place}: {text}" for line, place, text in sorted(problems)))
    return course


def _own_errors(invalid: ValidationError) -> list[Any]:
    """pydantic's errors, less those of a list that is “too short” only because its entries are wrong."""
    return [error for error in invalid.errors() if not (error["type"] == "too_short" and error["input"])]


def _cross_problems(course: CourseFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What no single field can tell: names used twice, `uses` that point forward or elsewhere."""
    seen: dict[str, int] = {}
    numbers: list[str] = []
    for i, assignment in enumerate(course.assignments):
        place: tuple[str | int, ...] = ("assignments", i)
        if seen.setdefault(assignment.id, i) != i:
            yield (*place, "id"), f"found {assignment.id!r} a second time, allowed: each assignment once"
        earlier: list[str] = []
        for j, exercise in enumerate(assignment.exercises):
            at = (*place, "exercises", j)
            if numbers and exercise.id[:2] <= numbers[-1]:
                yield (
                    (*at, "id"),
                    f"found {exercise.id!r} after number {numbers[-1]}, allowed: rising numbers",
                )
            numbers.append(exercise.id[:2])
            for k, name in enumerate(exercise.uses):
                if name not in earlier:
                    allowed = ", ".join(earlier) or "nothing, it is the first"
                    yield (
                        (*at, "uses", k),
                        f"found {name!r}, allowed: an earlier exercise of this assignment ({allowed})",
                    )
            if exercise.id[3:] in earlier:
                yield (*at, "id"), f"found {exercise.id[3:]!r} a second time, allowed: each exercise once"
            earlier.append(exercise.id[3:])


def _describe(error: dict[str, Any]) -> str:
    found = error["input"]
    shown = repr(found) if isinstance(found, str | int | float | bool | None) else type(found).__name__
    allowed = error["msg"]
    if error["type"] == "missing":
        return f"found nothing, allowed: the key {error['loc'][-1]!r} is required"
    if error["type"] == "extra_forbidden":
        return f"found the unknown key {error['loc'][-1]!r}, allowed: the keys that README.md lists for course.yml"
    return f"found {shown}, allowed: {allowed[0].lower()}{allowed[1:]}"


def _place(loc: tuple[str | int, ...]) -> str:
    place = ""
    for part in loc:
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    return place.lstrip(".") or "the file"


def _line(node: yaml.Node | None, loc: tuple[str | int, ...]) -> int:
    """The line of the deepest node on the way to `loc`, from 1."""
    line = 1
    for part in loc:
        if node is None:
            break
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, below = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            below = node.value[part]
            line = below.start_mark.line + 1
        node = below
    return line


def _duplicate_keys(node: yaml.Node, place: str) -> Iterator[tuple[int, str, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                yield (
                    key.start_mark.line + 1,
                    f"{place}.{name}".lstrip("."),
                    "found the key twice, allowed: once",
                )
            seen.add(name)
            yield from _duplicate_keys(value, f"{place}.{name}")
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield from _duplicate_keys(value, f"{place}[{i}]")
