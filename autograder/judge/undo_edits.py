"""What stands between a check and a submission, so that the student never edits what the judge decides by.

A call gives the edits of its arguments back, as in one process. A check that computes what it expects from those
arguments afterwards would then ask the student what is right: zero the inputs, return zeros, and the law holds. So
every edit is undone after the call, but for arrays inside `unchanged`, which tells of them and undoes them itself.
What comes over the wire tells of its edits (`edits`), where else all that can be edited is copied before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.checks import is_watched
from autograder.runner.peer import copied
from autograder.runner.session import Before, around

#: Arrays and containers, each with what it held.
Edits = list[tuple[Any, Any]]


class Shield(Before):
    """Stands before a session and undoes the edits of arguments."""

    def ask(self, name: str) -> Any:
        return around(super().ask(name), shielded)


def shielded(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `function`, and undo its edits of the arguments."""
    edits: Callable[[], Edits] | None = getattr(function, "edits", None)
    before = [] if edits else [(place, copied(place)) for place in changeable([*args, *kwargs.values()])]
    try:
        result = function(*args, **kwargs)
        before = edits() if edits else before
        # An edited argument that is returned stays what was returned.
        return detached(result) if any(was_edited(*pair) for pair in before) else result
    finally:
        for place, content in reversed(edits() if edits else before):  # one place may have been edited twice
            if was_edited(place, content) and not is_watched(place):
                restore(place, content)


def changeable(values: list[Any]) -> Iterator[Any]:
    """The arrays, lists, dicts and sets among some values, and in them."""
    for value in values:
        if isinstance(value, np.ndarray | set):
            yield value
        elif isinstance(value, list):
            yield value
            yield from changeable(value)
        elif isinstance(value, dict):
            yield value
            yield from changeable(list(value.values()))
        elif isinstance(value, tuple):
            yield from changeable(list(value))


def was_edited(place: Any, content: Any) -> bool:
    if isinstance(place, np.ndarray):
        return bool(place.tobytes() != content)
    if isinstance(place, list):
        return len(place) != len(content) or any(a is not b for a, b in zip(place, content, strict=True))
    if isinstance(place, dict):
        return [*place] != [*content] or any(place[key] is not content[key] for key in content)
    return bool(place != content)


def restore(place: Any, content: Any) -> None:
    if isinstance(place, np.ndarray):
        place[...] = np.frombuffer(content, place.dtype).reshape(place.shape)
    elif isinstance(place, list):
        place[:] = content
    else:
        place.clear()
        place.update(content)


def detached(value: Any) -> Any:
    """A result that shares no memory with an argument."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(detached(entry) for entry in value)
    if type(value) is dict:
        return {key: detached(entry) for key, entry in value.items()}
    return value
