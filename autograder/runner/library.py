"""The modules of the standard library and of numpy, in memory: a locked worker imports and opens no file.

The zygote reads them once and forks them along. So no worker needs the right to open, stat or list anything, and a
Python in a home that the worker's user may not enter serves as well.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import marshal
import mmap
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import CodeType, ModuleType

from autograder.runner.allowed import NOT_SERVED

#: Folders whose modules nobody needs for an exercise: tests, tools, and what is installed beside the library.
LEFT_OUT = frozenset(
    """__pycache__ test tests idlelib lib2to3 ensurepip turtledemo tkinter distutils pydoc_data _pyinstaller
    site-packages dist-packages lib-dynload""".split()
)
#: Extension modules for other alphabets' codecs, and for a terminal, a device, a data base or a socket, which it lacks.
UNFIT = tuple("_codecs _curses _dbm _gdbm _sqlite3 _ssl _test _tkinter _xx nis ossaudiodev readline xx".split())


class Library(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and loads modules from what it has read: {name: path}."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._found: dict[str, tuple[str, slice]] = {}  # the path, and where its bytecode or else its text stands
        contents, start = [], 0
        for name, path in modules.items():
            with suppress(OSError):
                contents.append(_content(path))
                self._found[name] = path, slice(start, start := start + len(contents[-1]))
        self._content = _mapped(b"".join(contents))

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._found:
            return None
        file = self._found[name][0]
        inside = [os.path.dirname(file)] if os.path.basename(file) == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, file, loader=self, submodule_search_locations=inside)

    def exec_module(self, module: ModuleType) -> None:
        path, place = self._found[module.__name__]
        exec(_code(path, self._content[place]), module.__dict__)


def _mapped(content: bytes) -> bytes | mmap.mmap:
    """The same as a file in memory: of one that is only read, a fork copies no page table (a millisecond a worker).

    It is mapped for each process alone, as a worker may make its pages writable.
    """
    try:
        with open(os.memfd_create("library"), "wb") as file:
            file.write(content)
            file.flush()
            return mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
    except (OSError, ValueError):  # RLIMIT_FSIZE holds for it too; and nothing at all cannot be mapped
        return content


def modules_below(root: str, package: str = "") -> dict[str, str]:
    """Every Python file below a folder by the name that it is imported by, but for those that are imported already."""
    return {name: path for path, name in _files_below(root, package, (".py",)) if name not in sys.modules}


def _files_below(root: str, package: str, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every module below a folder whose file ends so, with the name that it is imported by."""
    for folder, inner, files in os.walk(root):
        inner[:] = [name for name in inner if name not in LEFT_OUT and name.isidentifier()]
        dotted = [package, *os.path.relpath(folder, root).split(os.sep)]
        for file in files:
            if file.endswith(endings):
                parts = [*dotted, file.partition(".")[0]] if file != "__init__.py" else dotted
                yield os.path.join(folder, file), ".".join(part for part in parts if part not in ("", "."))


def _content(path: str) -> bytes:
    """The cached bytecode of a module, if it is this file's, else the text."""
    with suppress(OSError, NotImplementedError), open(importlib.util.cache_from_source(path), "rb") as file:
        cached, source = file.read(), os.stat(path)
        stamp = [0, int(source.st_mtime) & 0xFFFFFFFF, source.st_size & 0xFFFFFFFF]  # PEP 552
        if cached[:16] == importlib.util.MAGIC_NUMBER + b"".join(word.to_bytes(4, "little") for word in stamp):
            return cached
    with open(path, "rb") as file:
        return file.read()


def _code(path: str, content: bytes) -> CodeType:
    if content.startswith(importlib.util.MAGIC_NUMBER):
        code: CodeType = marshal.loads(content[16:])
        return code
    return compile(content, path, "exec", dont_inherit=True)


def import_extensions() -> None:
    """Load the library's own shared objects now: later no page of memory can become executable."""
    folder = os.path.join(os.path.dirname(os.__file__), "lib-dynload")
    with suppress(OSError):
        for file in sorted(os.listdir(folder)):
            name = file.partition(".")[0]
            if not name.startswith(UNFIT):
                with suppress(ImportError):
                    importlib.import_module(name)


def import_package(name: str) -> None:
    """Load a package, and the shared objects below it, for the same reason. What it does not import stays a text.

    Raises ImportError where the package itself cannot be imported.
    """
    package = importlib.import_module(name)
    for root in getattr(package, "__path__", ()):
        for _, module in _files_below(root, name, tuple(importlib.machinery.EXTENSION_SUFFIXES)):
            with suppress(Exception):  # one for another machine, or for a package that is not there
                importlib.import_module(module)


def places_of(tops: Iterable[str]) -> dict[str, str]:
    """The modules of packages that are loaded, to be served: those allowed, and what they brought along."""
    places: dict[str, str] = {}
    for top in tops:
        for root in getattr(sys.modules[top], "__path__", ()):
            places |= modules_below(root, top)
    return places


def install(packages: Iterable[str] = ("numpy",)) -> None:
    """From here on, imports are served from memory and from nowhere else: the standard library and these packages."""
    import_extensions()
    before = {name.partition(".")[0] for name in sys.modules} - {*packages}
    for name in packages:
        import_package(name)
    tops = {name.partition(".")[0] for name in sys.modules} - before - {*sys.stdlib_module_names}
    standard = modules_below(os.path.dirname(os.__file__))
    served = {name: path for name, path in standard.items() if name.partition(".")[0] not in NOT_SERVED}
    library = Library(served | places_of(sorted(tops)))
    sys.meta_path[:] = [importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter, library]
    sys.path_importer_cache.clear()  # it holds the listings of the folders that were searched, the course's perhaps
    sys.path.clear()
