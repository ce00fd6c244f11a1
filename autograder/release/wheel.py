"""This package as a wheel, made from the files that run here: no build tool, no network, the same bytes each time."""

from __future__ import annotations

import base64
import hashlib
from importlib import metadata
from pathlib import Path

import autograder
from autograder.errors import CourseError
from autograder.files import zip_bytes
from autograder.versions import DISTRIBUTION

_TAG = "py3-none-any"
_KINDS = (".py", ".html", ".css", ".js", ".npz", ".md", ".txt", ".typed")


def wheel_name() -> str:
    return f"{DISTRIBUTION}-{autograder.__version__}-{_TAG}.whl"


def make_wheel() -> bytes:
    """The wheel. CourseError: this package is not installed, so that its dependencies are not known."""
    try:
        installed = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise CourseError("autograder is not installed here, so no wheel can be made of it: `make setup`") from None
    root = Path(autograder.__file__).parent
    files = {f"autograder/{path.relative_to(root).as_posix()}": path.read_bytes() for path in _sources(root)}
    info = f"{DISTRIBUTION}-{autograder.__version__}.dist-info"
    # An editable install leaves an egg-info beside the sources, found first from there; it says the same in PKG-INFO.
    files[f"{info}/METADATA"] = _required(installed, "METADATA", "PKG-INFO")
    files[f"{info}/entry_points.txt"] = _required(installed, "entry_points.txt")
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: {_TAG}\n".encode()
    record = "".join(f"{name},sha256={_record_hash(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return zip_bytes(files.items())


def _sources(root: Path) -> list[Path]:
    """Without the course to start from, which holds solutions, and the pages of a site: students get this wheel."""
    paths = (path for path in root.rglob("*") if path.is_file() and path.suffix in _KINDS)
    return sorted(path for path in paths if not {"__pycache__", "template", "site"} & {*path.relative_to(root).parts})


def _required(installed: metadata.Distribution, *names: str) -> bytes:
    for name in names:
        if text := installed.read_text(name):
            return text.encode("utf-8")
    raise CourseError(f"the installed autograder has no {names[0]}: install it anew (`make setup`)")


def _record_hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
