"""All that is used of Hypothesis and is not its public interface. Nothing else in the package reaches behind it.

Tried with Hypothesis 6.150.0 (the lowest that pyproject takes) and 6.170.15; constraints.txt pins what decides marks.
There is a test for each name here, which fails where another version has lost it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from autograder.errors import CourseError

if TYPE_CHECKING:  # it is loaded with the first property, and not at all in a browser where there is none
    from hypothesis import settings
    from hypothesis.internal.conjecture.data import ConjectureData


class Through(BaseException):
    """Carries past Hypothesis what it must neither shrink nor try again: it lets a BaseException through."""

    def __init__(self, problem: Exception) -> None:
        super().__init__(problem)
        self.problem = problem


def inner_of(function: Callable[..., None]) -> Callable[..., None]:
    """The test below `@given`; of a plain test, itself."""
    handle = getattr(function, "hypothesis", None)
    return handle.inner_test if handle else function


@contextmanager
def running(
    function: Callable[..., None], inner: Callable[..., None], used: settings | None = None
) -> Iterator[Callable[..., None]]:
    """The property, which while the block lasts runs `inner` in its place, with these settings if there are any.

    It draws on Hypothesis' own constants only.
    """
    handle: Any = function.hypothesis  # type: ignore[attr-defined]
    original, before = handle.inner_test, function._hypothesis_internal_use_settings  # type: ignore[attr-defined]
    handle.inner_test = inner
    function._hypothesis_internal_use_settings = used or before  # type: ignore[attr-defined]
    try:
        with _no_local_constants():
            yield function
    finally:
        handle.inner_test = original
        function._hypothesis_internal_use_settings = before  # type: ignore[attr-defined]


def settings_of(function: Callable[..., None]) -> settings:
    """Those that a property runs with."""
    chosen: settings = function._hypothesis_internal_use_settings  # type: ignore[attr-defined]
    return chosen


def choices_made() -> bytes:
    """What Hypothesis chose for the example that is being run, as it keeps it. Only within a property."""
    from hypothesis.control import current_build_context
    from hypothesis.database import choices_to_bytes

    return choices_to_bytes(current_build_context().data.choices)


def is_rejected(problem: Exception) -> bool:
    """Whether this is what `assume` raises."""
    errors = sys.modules.get("hypothesis.errors")
    return errors is not None and isinstance(problem, errors.UnsatisfiedAssumption)


def no_draw(function: Callable[..., None]) -> AbstractContextManager[Any]:
    """Where `note` and `event` work and nothing is drawn: an example that is replayed has made all its choices."""
    if "hypothesis" not in sys.modules:
        return nullcontext()
    from hypothesis.control import BuildContext

    _no_choices().events.clear()
    return BuildContext(_no_choices(), wrapped_test=function)


@cache
def _no_choices() -> ConjectureData:
    from hypothesis.internal.conjecture.data import ConjectureData

    return ConjectureData.for_choices(())


#: Hypothesis mixes constants of loaded modules that look like the user's own into what it draws. Which these are
#: differs from process to process, and from a checkout to an installed copy. The first name gathers them, the second
#: keeps those that suit a strategy, the third holds its own.
_GATHER, _SUITING, _ITS_OWN = _CONSTANTS = ("_get_local_constants", "CONSTANTS_CACHE", "GLOBAL_CONSTANTS")


def _lacking() -> list[str]:
    from hypothesis.internal.conjecture import providers

    return [name for name in _CONSTANTS if not hasattr(providers, name)]


def require_known() -> None:
    """Raise CourseError where constants of loaded modules cannot be kept out of what is drawn."""
    import hypothesis
    from hypothesis.internal.conjecture import providers

    if lacking := _lacking():
        raise CourseError(
            f"Hypothesis {hypothesis.__version__} has no {providers.__name__}.{lacking[0]}: its examples could differ "
            "from process to process, and students would not all get the same. Install the version in constraints.txt."
        )


@contextmanager
def _no_local_constants() -> Iterator[None]:
    """While the block lasts, Hypothesis draws as if no module of the user's were loaded.

    A version without these names draws as it likes: good enough for a student's own `check`; `draw` refuses it.
    """
    if _lacking():
        yield
        return
    from hypothesis.internal.conjecture import providers

    before = {name: getattr(providers, name) for name in (_GATHER, _SUITING)}
    none = type(getattr(providers, _ITS_OWN))()
    vars(providers).update({_GATHER: lambda: none, _SUITING: type(before[_SUITING])(1024)})
    try:
        yield
    finally:
        vars(providers).update(before)
