"""How files are written: whole or not at all; and how they are packed."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import zipfile
from collections.abc import Collection, Iterable
from pathlib import Path

from autograder.errors import CourseError


def write_file(path: Path, content: str | bytes) -> None:
    """Write `content` (text as UTF-8, line ends as they are) under a new name, then put it in place.

    A file that holds it already stays. Folders above it are made. CourseError, which ends the run: the folder
    cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    fresh = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _holds(path, data):
            return
        _write_new(fresh, data)
        os.replace(fresh, path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise CourseError(
            f"{path}: cannot be written: {problem.strerror}. Choose another --out, or make room there."
        ) from None


def remove_file(path: Path) -> None:
    """Remove a file that may be there. CourseError: it cannot be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise CourseError(f"{path}: cannot be removed: {problem.strerror}. Choose another --out.") from None


def zip_bytes(files: Iterable[tuple[str, bytes]], programs: Collection[str] = (), packed: bool = True) -> bytes:
    """A zip of (name, content), in this order: the same files give the same bytes, on any machine and day.

    programs: the names of those that can be run. packed: else each lies there as it is.
    """
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", kind) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, (0o755 if name in programs else 0o644) << 16
            archive.writestr(entry, content, kind)
    return written.getvalue()


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file is there as it should be: then nothing is written, and its time stays."""
    try:
        return path.stat().st_size == len(data) and not path.is_symlink() and path.read_bytes() == data
    except OSError:
        return False


def _write_new(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # or a power cut could leave the name with nothing behind it
