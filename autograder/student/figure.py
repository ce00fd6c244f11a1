"""An exercise's picture, drawn by the course's `picture.py` from the student's own functions, which run in a worker."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.invoked import pip_install

if TYPE_CHECKING:
    from autograder.student.selfcheck import Opens

R = TypeVar("R")


def picture(name: str) -> bytes:
    """The picture of an exercise (number or name) as PNG, of the course in this folder. Raises CourseError."""
    course = Course.find(Path.cwd())
    return draw(course, course.exercise(name))


def draw(
    course: Course,
    exercise: Exercise,
    opens: Opens | None = None,
    told: Callable[[str], object] | None = None,
    early: Callable[[bytes], object] | None = None,
    brief: bool = False,
) -> bytes:
    """The picture as PNG. What is not written yet, or fails, is a note in the picture.

    opens: what starts the worker, a process of its own by default; told: hears how far a long picture is; early: gets
    the preview (PNG) that a long picture may have, before the rest is drawn; brief: where there is one, it is all.

    Raises CourseError: matplotlib is not installed, or picture.py is gone or fails.
    """
    require_matplotlib()
    from autograder.pictures import telling

    def drawn(module: Any, student: Any) -> bytes:
        with telling(told):
            if brief and hasattr(module, "preview"):
                return png_of(module.preview(student))
            if early is not None and hasattr(module, "preview"):
                early(png_of(module.preview(student)))
            return png_of(module.draw(student))

    return _with_student(course, exercise, opens, drawn)


def frames(course: Course, exercise: Exercise, opens: Opens | None = None) -> list[bytes]:
    """What `draw_frames` of the picture draws, a PNG each. Raises CourseError as `animate`."""
    return _framed(course, exercise, opens, lambda figures: [*map(png_of, figures)])


def animate(course: Course, exercise: Exercise) -> bytes:
    """What `draw_frames` of the picture draws, as GIF.

    Raises CourseError as `draw`, and where the exercise has no animation or the student's code fails.
    """

    def made(figures: Any) -> bytes:
        from autograder.pictures import gif

        return gif(figures)

    return _framed(course, exercise, None, made)


def _framed(course: Course, exercise: Exercise, opens: Opens | None, made: Callable[[Any], R]) -> R:
    """What `made` makes of the figures that `draw_frames` draws. Raises CourseError as `animate`."""
    require_matplotlib()

    def drawn(module: Any, student: Any) -> R:
        if not hasattr(module, "draw_frames"):
            raise CourseError(f"{exercise.id} has no animation; its picture: autograder picture {exercise.slug}")
        return made(module.draw_frames(student))

    return _with_student(course, exercise, opens, drawn)


#: What students call the picture of the whole course, `exercises/chain.py`.
CHAIN = "chain"


def chain(course: Course) -> bytes:
    """The picture of the whole course, from the student's modules of all its assignments on this machine, as PNG.

    Raises CourseError: this course has none, matplotlib is not installed, or it fails.
    """
    require_matplotlib()
    from autograder.runner.local import LocalRunner
    from autograder.sources import load_authored
    from autograder.student.selfcheck import OneWorker, Prints, own_module

    path = course.root / "exercises" / f"{CHAIN}.py"
    if not path.is_file():
        raise CourseError(f"{path}: no such file; this course has no picture of the whole")
    module = load_authored(CHAIN, path, course.root)
    with ExitStack() as opened:
        of: dict[str, Any] = {}
        for slug in module.NEEDS:
            found = _written(course, slug)
            if found is None:
                of[slug] = _NotHere(slug)
                continue
            home, exercise = found
            runner = opened.enter_context(LocalRunner(Prints(), home.given))
            of[slug] = OneWorker(runner, own_module(home, exercise, exercise.stub.read_bytes()))
            opened.callback(of[slug].end)
        with _drawing(path):
            return png_of(module.draw(of))


def _written(course: Course, slug: str) -> tuple[Course, Exercise] | None:
    """The exercise in this release or another of the course's, with the course that it lies in."""
    from autograder.student.notes import other_releases

    for home in (course, *other_releases(course)):
        for exercise in home.exercises:
            if exercise.slug == slug and exercise.stub.is_file():
                return home, exercise
    return None


class _NotHere:
    """Stands for a module of an assignment that is not on this machine."""

    def __init__(self, slug: str) -> None:
        self._slug = slug

    def __getattr__(self, name: str) -> Any:
        def missing(*args: object, **kwargs: object) -> Any:
            raise NotImplementedError(f"{self._slug} is not on this machine yet")

        return missing


def _with_student(course: Course, exercise: Exercise, opens: Opens | None, drawn: Callable[[Any, Any], R]) -> R:
    """What `drawn` makes of the exercise's picture.py and the student's module in a worker. Raises CourseError."""
    from autograder.runner.local import LocalRunner
    from autograder.sources import load_authored
    from autograder.student.selfcheck import OneWorker, Prints, own_module, require

    require(exercise.picture)
    source = exercise.stub.read_bytes() if exercise.stub.is_file() else b""
    with (opens or LocalRunner)(Prints(), course.given) as runner:
        student = OneWorker(runner, own_module(course, exercise, source))
        try:
            with _drawing(exercise.picture):
                return drawn(load_authored("picture", exercise.picture, exercise.root), student)
        finally:
            student.end()


@contextmanager
def _drawing(path: Path) -> Iterator[None]:
    """Whatever the authors' drawing raises is a CourseError that names its file."""
    try:
        yield
    except CourseError:
        raise
    except Exception as problem:
        raise CourseError(f"{path}: cannot draw: {type(problem).__name__}: {problem}") from problem


def png_of(figure: Any) -> bytes:
    """A figure as it is shown at work."""
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=110)
    return png.getvalue()


def require_matplotlib() -> None:
    """Raises CourseError with the remedy."""
    import importlib.util

    if importlib.util.find_spec("matplotlib") is None:
        raise CourseError(f"pictures need matplotlib, which is not installed: {pip_install('matplotlib')}")
