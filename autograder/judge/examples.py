"""A property's examples: drawn once against the reference, kept on disk, the same for every student.

A kept file is `sha256 of the rest | msgpack [draws inside, choices, tree, buffers]`, values as the wire encodes them,
never pickle. Its name is a hash of all that the examples depend on. A file that is damaged, or of another name, is
not read: the examples are drawn again. What the wire cannot carry without loss is not kept.
"""

from __future__ import annotations

import copy
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import CourseError
from autograder.judge.hypothesis_internals import choices_made, inner_of, require_known, running
from autograder.runner.values import Decoder, Encoder

Example = dict[str, Any]

#: So many versions of an exercise's examples stay on disk.
KEPT_VERSIONS = 4


@dataclass(frozen=True)
class Frozen:
    """The examples of one property that passed `assume`, and the choices that Hypothesis made for each.

    `draws_inside`: the property draws inside the test, so that nothing can be replayed.
    """

    examples: list[Example] = field(default_factory=list)
    choices: list[bytes] = field(default_factory=list)
    draws_inside: bool = False


# --- drawing ----------------------------------------------------------------------------------------------


def draw(function: Callable[..., None], reference: object, seed: int) -> Frozen:
    """Draw a property's examples.

    Raises CourseError when the reference itself breaks the law, or this version of Hypothesis draws other examples in
    another process.
    """
    import hypothesis
    from hypothesis.strategies import DataObject

    require_known()
    original = inner_of(function)
    if "target" in original.__code__.co_names:
        return Frozen(draws_inside=True)
    kept = Frozen()
    draws_inside = False

    def record(**kwargs: Any) -> None:
        nonlocal draws_inside
        example = {key: value for key, value in kwargs.items() if key != "submission"}
        if any(isinstance(value, DataObject) for value in example.values()):
            draws_inside = True
            original(**kwargs)
            return
        choices = choices_made()
        saved = fresh(example)
        original(**kwargs)
        kept.examples.append(saved)
        kept.choices.append(choices)

    with running(function, record):
        try:
            hypothesis.seed(seed)(function)(submission=reference)
        except Exception as problem:
            raise CourseError(
                f"the reference fails {function.__name__}: {type(problem).__name__}: {problem}"
            ) from problem
    return Frozen(draws_inside=True) if draws_inside else kept


def fresh(value: Any) -> Any:
    """A copy that shares nothing that a call could change."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if value is None or isinstance(value, int | float | str | bytes | np.generic):
        return value
    if type(value) is dict:
        return {key: fresh(entry) for key, entry in value.items()}
    if type(value) is list:
        return [fresh(entry) for entry in value]
    if type(value) is tuple:
        return tuple(fresh(entry) for entry in value)
    return copy.deepcopy(value)


# --- keeping ----------------------------------------------------------------------------------------------


class Cache:
    """Drawn examples on disk. A disk that is full, read-only or damaged costs time, never a result.

    CourseError: others may write there, and so choose what students are asked.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, exercise: str, key: str, check: str) -> Frozen | None:
        """None when they are not there, or not whole."""
        path = self._path(exercise, key, check)
        self._require_own(path)
        try:
            return frozen_of(path.read_bytes())
        except (OSError, ValueError):
            return None

    def _require_own(self, path: Path) -> None:
        """Nobody else may write to the file or to a folder on the way to it."""
        way = [self.folder.parent, self.folder, *(self.folder / part for part in path.relative_to(self.folder).parents)]
        for place in (*way, path):
            with suppress(OSError):
                if told := _others(place.stat()):
                    raise CourseError(
                        f"{place}: {told}, who could choose the questions that students are asked. Run "
                        f"`chmod -R go-w {place}`, remove it, or name a folder of your own in $AUTOGRADER_CACHE."
                    )

    def write(self, exercise: str, key: str, check: str, frozen: Frozen) -> None:
        """Keep them, if they can be kept. The file is there whole or not at all."""
        data = frozen_bytes(frozen)
        path = self._path(exercise, key, check)
        self._require_own(path)
        new = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        if data is None:
            return
        with suppress(OSError):
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                new.write_bytes(data)
                os.replace(new, path)
            finally:
                new.unlink(missing_ok=True)
            self._prune(path.parent.parent)

    def _path(self, exercise: str, key: str, check: str) -> Path:
        return self.folder / exercise / key[:32] / check

    @staticmethod
    def _prune(folder: Path) -> None:
        """Drop the oldest versions of an exercise's examples."""
        versions = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
        for old in versions[:-KEPT_VERSIONS]:
            shutil.rmtree(old, ignore_errors=True)


def _others(status: os.stat_result) -> str:
    """Who else may write to a file or folder; empty when nobody does.

    One's own group is nobody; nor is who may make new names in a folder, as in /tmp, but not touch those of others.
    """
    if sys.platform == "win32" or (stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX):
        return ""
    if status.st_uid not in (os.geteuid(), 0):
        return "belongs to another user"
    if status.st_mode & stat.S_IWOTH:
        return "can be written by every user"
    return "can be written by a group" if status.st_mode & stat.S_IWGRP and status.st_gid != os.getegid() else ""


def default_cache() -> Cache:
    """In $AUTOGRADER_CACHE, or in the user's own cache folder."""
    if chosen := os.environ.get("AUTOGRADER_CACHE"):
        return Cache(Path(chosen) / "examples")
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Cache(base / "autograder" / "examples")


def frozen_bytes(frozen: Frozen) -> bytes | None:
    """As bytes; None when something in them would not come back as it is."""
    import msgspec

    encoder = Encoder()
    try:
        tree = encoder.tree(frozen.examples)
        body = msgspec.msgpack.encode(
            [frozen.draws_inside, frozen.choices, tree, [bytes(buffer) for buffer in encoder.buffers]]
        )
        data = hashlib.sha256(body).digest() + body
        return data if identical(frozen_of(data).examples, frozen.examples) else None
    except ValueError:
        return None


def frozen_of(data: bytes) -> Frozen:
    """The inverse of `frozen_bytes`. Raises ValueError for anything that is damaged."""
    import msgspec

    body = data[32:]
    if hashlib.sha256(body).digest() != data[:32]:
        raise ValueError("the kept examples are damaged")
    draws_inside, choices, tree, buffers = msgspec.msgpack.decode(body)
    decoder = Decoder(None, [bytearray(buffer) for buffer in buffers])
    return Frozen(decoder.value(tree), choices, draws_inside)


def identical(one: Any, two: Any) -> bool:
    """Whether two values are the same to the bit, in kind and content."""
    if type(one) is not type(two):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return bool(one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes())
    if isinstance(one, np.random.Generator):
        return identical(one.bit_generator.state, two.bit_generator.state)
    if isinstance(one, dict):
        return identical(list(one), list(two)) and all(identical(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(identical, one, two))
    if isinstance(one, float):
        return bool(one.hex() == two.hex())
    return one is None or (isinstance(one, int | str | bytes | complex) and repr(one) == repr(two))
