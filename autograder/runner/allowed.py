"""What students' code finds besides itself: packages that the course allows, the standard library, and data files.

The same in a locked worker, where all of it lies in memory, and in one on a student's own machine, where imports of
anything else are refused and data files are read when the worker starts.
"""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import io
import os
import sys
from collections.abc import Mapping, Sequence
from types import FrameType, ModuleType
from typing import Any

#: Of the standard library, what needs a terminal, a device, a data base or files of its own, or is there no more.
NOT_SERVED = frozenset(
    """antigravity curses distutils ensurepip idlelib lib2to3 nis ossaudiodev pydoc_data readline sqlite3 this tkinter
    turtle turtledemo""".split()
)


def is_allowed(name: str, packages: Sequence[str]) -> bool:
    """Whether a module (dotted) may be imported: of the standard library, or of an allowed package."""
    top = name.partition(".")[0]
    return top in packages or (top in sys.stdlib_module_names and top not in NOT_SERVED)


class OnlyAllowed(importlib.abc.MetaPathFinder):
    """Finds nothing, and refuses what a student's module asks for and may not have, in the words of a clean machine.

    filename: the student's module. What an allowed package imports for itself is its own affair.
    """

    def __init__(self, packages: Sequence[str], uses: Sequence[str], filename: str) -> None:
        self._packages, self._uses, self._filename = tuple(packages), tuple(uses), filename

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if is_allowed(name, self._packages) or name in self._uses or not self._is_asked_by_the_student():
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def _is_asked_by_the_student(self) -> bool:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "importlib":
            frame = frame.f_back
        return frame is not None and frame.f_code.co_filename == self._filename


def read_files(places: Mapping[str, str]) -> dict[str, bytes]:
    """The data files, by the names that students' code opens them by. Raises OSError."""
    contents = {}
    for name, path in places.items():
        with open(path, "rb") as file:
            contents[os.path.normpath(name)] = file.read()
    return contents


def serve(files: Mapping[str, bytes]) -> None:
    """From here on, these names open these bytes, for reading only; every other name is opened as before."""
    if not files:
        return
    plain_open, plain_stat = io.open, os.stat

    def content(name: Any) -> bytes | None:
        try:
            return files.get(os.path.normpath(os.fsdecode(name)))
        except TypeError:  # a descriptor
            return None

    def opened(file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
               newline: Any = None, *rest: Any, **more: Any) -> Any:  # fmt: skip
        served = content(file)
        if served is None:
            return plain_open(file, mode, buffering, encoding, errors, newline, *rest, **more)
        if set(mode) & set("wax+"):
            raise PermissionError(13, "data of the course may be read only", os.fsdecode(file))
        raw = io.BytesIO(served)
        raw.name = os.fsdecode(file)
        return raw if "b" in mode else io.TextIOWrapper(raw, encoding or "utf-8", errors, newline)

    def stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        served = content(path)
        if served is None:
            return plain_stat(path, *args, **kwargs)
        return os.stat_result((0o100444, 0, 0, 1, 0, 0, len(served), 0, 0, 0))

    builtins.open = opened
    io.open = opened
    os.stat = stat
    numpys = sys.modules.get("numpy.lib._datasource")
    if numpys is not None:  # np.loadtxt and np.genfromtxt keep an open of their own
        numpys._file_openers._file_openers[None] = opened
