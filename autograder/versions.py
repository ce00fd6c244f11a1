"""Versions: what runs here, what was tested together, and where the two differ."""

from __future__ import annotations

import platform
import re
from functools import cache
from importlib import metadata, resources

from autograder import __version__

#: The name under which this package is distributed; `autograder` is another author's.
DISTRIBUTION = "lawgrader"


@cache
def tested() -> dict[str, tuple[str, str]]:
    """{package: (sign, version)} of constraints.txt: == for what decides marks, <= (a tested range) for the rest."""
    text = resources.files("autograder").joinpath("constraints.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)(==|<=)(\S+)", text, re.M)
    return {name.lower(): (sign, version) for name, sign, version in pins}


@cache
def versions() -> dict[str, str]:
    """The versions that could change a result: this package's, Python's, and those of what is pinned exactly.

    nbgrader is not among them: it is pinned for its private API, and no verdict depends on it, nor on its being there.
    """
    pinned = (name for name, (sign, _) in tested().items() if sign == "==" and name != "nbgrader")
    installed = {name: version for name in sorted(pinned) if (version := _installed(name)) is not None}
    return {"autograder": __version__, "python": platform.python_version(), **installed}


def untested(installed: dict[str, str]) -> tuple[str, ...]:
    """A line for each of `installed` (as `versions` gives them) that is not the tested one."""
    lines = [
        f"{name} {version} (tested: {tested()[name][1]})"
        for name, version in installed.items()
        if name in tested() and version != tested()[name][1]
    ]
    python = ".".join(installed.get("python", "").split(".")[:2])
    if python and python not in known_pythons():
        lines.append(f"python {installed['python']} (tested: {', '.join(known_pythons())})")
    return tuple(lines)


def out_of_range() -> tuple[str, ...]:
    """A line for each installed package that is newer than the range that was tested, and for another nbgrader."""
    nbgrader = _installed("nbgrader")
    lines = list(untested({"nbgrader": nbgrader})) if nbgrader else []
    for name, (sign, version) in tested().items():
        present = _installed(name) if sign == "<=" else None
        if present is not None and _number(present) > _number(version):
            lines.append(f"{name} {present} (tested: up to {version})")
    return tuple(lines)


@cache
def known_pythons() -> tuple[str, ...]:
    """The Pythons that pyproject.toml's classifiers name."""
    classifiers = metadata.metadata(DISTRIBUTION).get_all("Classifier") or []
    return tuple(
        m[1] for line in classifiers if (m := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line))
    )


@cache
def versions_of(package: str) -> str:
    """The distributions that hold a package, by the name that is imported, with their versions."""
    names = sorted({one.metadata["Name"] for one in metadata.distributions() if _holds(one, package)})
    return " ".join([package, *(f"{name}=={_installed(name)}" for name in names)])


def _holds(one: metadata.Distribution, package: str) -> bool:
    """As `metadata.packages_distributions` finds it, which parses all metadata and file lists: a tenth of a second."""
    if declared := (one.read_text("top_level.txt") or "").split():
        return package in declared
    return bool(re.search(rf"^{re.escape(package)}(/.*)?\.py,", one.read_text("RECORD") or "", re.M))


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
