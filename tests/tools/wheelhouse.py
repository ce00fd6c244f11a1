"""Wheels of what is installed here, packed again from its own records: for a fresh environment without a network."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pack(wheels: Path, wanted: Iterable[str]) -> None:
    """Write a wheel of each distribution that these requirements need, with all that those need, into a new folder."""
    wheels.mkdir()
    done: set[str] = set()
    waiting = [Requirement(each) for each in wanted]
    while waiting:
        asked = waiting.pop()
        found = metadata.distribution(asked.name)
        needs = [Requirement(each) for each in found.requires or ()]
        waiting += [n for n in needs if _holds(n, asked.extras) and canonicalize_name(n.name) not in done]
        if canonicalize_name(asked.name) not in done:
            done.add(canonicalize_name(asked.name))
            _pack(found, wheels)


def _holds(need: Requirement, extras: Iterable[str]) -> bool:
    return need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _pack(found: metadata.Distribution, wheels: Path) -> None:
    """Scripts, which lie outside the packages' folder, are left out; pip checks no hash of what is recorded."""
    tags = [line.removeprefix("Tag: ") for line in (found.read_text("WHEEL") or "").splitlines() if "Tag: " in line]
    name = f"{canonicalize_name(found.metadata['Name']).replace('-', '_')}-{found.version}-{_joined(tags)}.whl"
    with zipfile.ZipFile(wheels / name, "w") as wheel:
        for file in found.files or ():
            if ".." not in file.parts and file.suffix != ".pyc" and file.name not in ("INSTALLER", "REQUESTED"):
                wheel.write(str(file.locate()), str(file))


def _joined(tags: Iterable[str]) -> str:
    """Tags as a file's name has them: py2-none-any and py3-none-any are py2.py3-none-any."""
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(part)) for part in parts)
