"""What a locked worker can import: all of the standard library that needs no device, from memory."""

from __future__ import annotations

import errno
import importlib.util
import os
import py_compile
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.limits import Limits
from autograder.runner import allowed, library, machine
from autograder.runner.locked import ZygoteRunner
from autograder.runner.student import Module, Student

pytestmark = pytest.mark.skipif(
    machine.probe().level != "strict", reason="this machine cannot lock down; see `autograder doctor`"
)

IMPORTER = """
import sys

def missing(names):
    found = {}
    for name in names:
        try:
            __import__(name)
        except BaseException as error:
            found[name] = f"{type(error).__name__}: {error}"
    return found

def paths():
    return [sys.path, list(sys.path_importer_cache), [type(finder).__name__ for finder in sys.meta_path]]

def use():
    import colorsys
    from xml.etree.ElementTree import XML
    return colorsys.rgb_to_hsv(1, 1, 1), colorsys.__file__.endswith("colorsys.py"), XML("<a/>").tag
"""


@pytest.fixture(scope="module", params=["strict", "basic"])
def importer(request: pytest.FixtureRequest) -> Iterator[Student]:
    limits = Limits(cpu_seconds=20, memory_mib=512)
    with ZygoteRunner(request.param) as runner, runner.open(Module("w", IMPORTER.encode(), "w.py", limits)) as work:
        yield work


def test_the_whole_standard_library_can_be_imported(importer: Student) -> None:
    names = [
        n for n in sorted(sys.stdlib_module_names - allowed.NOT_SERVED) if n[0] != "_" and importlib.util.find_spec(n)
    ]
    assert len(names) > 150
    assert importer.missing(names) == {}


def test_all_of_numpy_can_be_imported(importer: Student) -> None:
    top = Path(np.__file__).parent
    folders = [path.name for path in top.iterdir() if (path / "__init__.py").exists() and path.name[0] != "_"]
    names = [f"numpy.{name}" for name in sorted(set(folders) - {"distutils", "tests"})]
    assert len(names) > 5
    assert importer.missing(["numpy.lib.recfunctions", "numpy.matlib", *names]) == {}


def test_what_is_imported_works(importer: Student) -> None:
    assert importer.use() == ((0.0, 0.0, 1), True, "a")


def test_what_is_installed_beside_the_library_is_not_there(importer: Student) -> None:
    assert importlib.util.find_spec("yaml") is not None
    assert importer.missing(["yaml"]) == {"yaml": "ModuleNotFoundError: No module named 'yaml'"}


def test_no_path_and_no_listing_of_a_folder_is_left(importer: Student) -> None:
    assert importer.paths() == [[], [], ["type", "type", "Library"]]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look at a worker's memory")
def test_no_memory_of_a_worker_is_shared_where_it_could_be_written(importer: Student) -> None:
    assert importer.missing([]) == {}
    budget = importer.connection.peer._budget
    assert budget is not None
    rows = Path(f"/proc/{budget._pid}/smaps").read_text().splitlines()
    flags = [set(row.split()[1:]) for row in rows if row.startswith("VmFlags")]
    assert len(flags) > 50
    assert [each for each in flags if {"sh", "mw"} <= each] == []
    assert [each for each in flags if {"ex", "wr"} <= each] == []


# ------------------------------------------------------------------------------------ what is read


def read(folder: Path) -> dict[str, Any]:
    made = library.Library(library.modules_below(str(folder), "kept"))
    assert made.find_spec("kept.nothing") is None
    spec = made.find_spec("kept.inner.leaf")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    made.exec_module(module)
    return vars(module)


@pytest.fixture
def leaf(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    leaf = tmp_path / "inner" / "leaf.py"
    leaf.write_text("VALUE = 1\n")
    return leaf


def test_a_module_is_run_from_its_text_or_from_its_bytecode(leaf: Path) -> None:
    folder = leaf.parents[1]
    assert read(folder)["VALUE"] == 1
    py_compile.compile(str(leaf), doraise=True)
    module = read(folder)
    assert (module["VALUE"], module["__file__"], module["__name__"]) == (1, str(leaf), "kept.inner.leaf")


def test_bytecode_of_another_text_is_not_run(leaf: Path) -> None:
    py_compile.compile(str(leaf), doraise=True)
    leaf.write_text("VALUE = 20\n")
    os.utime(leaf, (0, 0))
    assert read(leaf.parents[1])["VALUE"] == 20


def test_where_no_file_may_grow_the_library_is_there_all_the_same(monkeypatch: pytest.MonkeyPatch, leaf: Path) -> None:
    def refuse(name: str) -> int:
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(os, "memfd_create", refuse)
    assert read(leaf.parents[1])["VALUE"] == 1


def test_tests_and_what_is_installed_are_left_out(leaf: Path) -> None:
    for name in ("tests", "site-packages", "idlelib", "config-3.11"):
        (leaf.parents[1] / name).mkdir()
        (leaf.parents[1] / name / "__init__.py").write_text("")
    assert library.modules_below(str(leaf.parents[1])) == {"inner.leaf": str(leaf)}
