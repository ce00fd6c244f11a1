"""The files in a folder or a zip: no link is followed, nothing is extracted, no header is trusted."""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from autograder.errors import SubmissionError

MODULE_BYTES = 1 << 20
MEMBERS = 10_000  # of one submission, ignored folders not counted
DEPTH = 20
ARCHIVE_BYTES = 64 << 20  # a student's zip that lies inside a class's zip, and so is held in memory
DIRECTORY_BYTES = 8 << 20  # a zip's list of its members, which zipfile reads whole
CLASS_DIRECTORY_BYTES = 32 << 20
CHUNK = 1 << 20

# Absent on Windows, where nothing is marked.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO would otherwise wait for its writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)

# Everything that zipfile is known to raise on hostile bytes.
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    OverflowError,
    OSError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Member:
    """A file of a submission. `name` is relative, with `/`; `special` says what it is when it is no file."""

    name: str
    special: str
    fetch: Callable[[int], bytes]

    @property
    def base(self) -> str:
        return self.name.rpartition("/")[2]

    def read(self, limit: int = MODULE_BYTES) -> bytes:
        """The bytes. SubmissionError when there are more than `limit`, or they cannot be read."""
        return self.fetch(limit)


def shown(name: str) -> str:
    """A name for a message: as it is, or escaped where it holds anything that does not print."""
    return name if name.isprintable() else repr(name)


def ignored(folder: str) -> bool:
    """Whether a folder is none of the student's work: dot-folders (.venv, .git), __MACOSX, __pycache__."""
    return folder.startswith(".") or folder in ("__MACOSX", "__pycache__")


def folder_members(root: Path) -> Iterator[Member]:
    """Every file below `root`, a folder's own files first; symbolic links, pipes and devices as `special`.

    SubmissionError: more than 10,000 entries, deeper than 20 folders, or the system refuses to list one.
    """
    pending, count = [("", 1)], 0
    while pending:
        prefix, depth = pending.pop()
        below = []
        for entry in _listed(root, prefix):
            count += 1
            _within("entries", count, MEMBERS, root.name)
            if not entry.is_dir(follow_symlinks=False):
                name = prefix + entry.name
                yield Member(name, _special(entry), partial(read_file, root / name))
            elif not ignored(entry.name):
                _within("folders inside each other", depth, DEPTH, root.name)
                below.append((f"{prefix}{entry.name}/", depth + 1))
        pending += reversed(below)


def _listed(root: Path, prefix: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root / prefix) as entries:
            return sorted(islice(entries, MEMBERS + 1), key=lambda entry: entry.name)
    except OSError as problem:
        raise SubmissionError(
            f"{shown(root.name)}/{shown(prefix)}: cannot be listed: {problem.strerror}. Make it readable."
        ) from None


def _within(what: str, count: int, limit: int, where: str) -> None:
    if count > limit:
        raise SubmissionError(
            f"{shown(where)}: more than {limit:,} {what}. Hand in the modules only, no data or environments."
        )


def _special(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a symbolic link"
    return "" if entry.is_file(follow_symlinks=False) else "a pipe, socket or device"


def file_member(path: Path) -> Member:
    """One file, by itself."""
    return Member(path.name, "", partial(read_file, path))


def read_file(path: Path, limit: int) -> bytes:
    """A regular file's bytes. SubmissionError: over `limit`, not a regular file, or unreadable."""
    with open_file(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise _too_large(path.name, len(data), limit)
    return data


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """A regular file opened without following a link. SubmissionError when it is anything else."""
    try:
        descriptor = os.open(path, _FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SubmissionError(f"{shown(path.name)}: not a regular file. Hand in the file itself.")
            yield file
    except OSError as problem:
        raise SubmissionError(
            f"{shown(path.name)}: cannot be read: {problem.strerror}. Hand in a readable, ordinary file."
        ) from None


class _Bounded:
    """A file that refuses long reads: zipfile asks for a zip's whole directory at once, whatever its size."""

    def __init__(self, file: BinaryIO, limit: int, where: str) -> None:
        self._file, self._limit, self._where = file, limit, where
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._limit + 1 if size < 0 else size
        data = b"" if wanted > self._limit + 1 else self._file.read(wanted)
        if wanted > self._limit + 1 or len(data) > self._limit:
            raise SubmissionError(f"{shown(self._where)}: lists too many files. Zip the modules only.")
        return data


@contextmanager
def open_zip(file: BinaryIO, where: str, directory_bytes: int = DIRECTORY_BYTES) -> Iterator[zipfile.ZipFile]:
    """A zip opened for reading. `where` names it in messages. SubmissionError when it is no sound zip."""
    try:
        archive = zipfile.ZipFile(_Bounded(file, directory_bytes, where))
    except _BROKEN as problem:
        raise SubmissionError(
            f"{shown(where)}: not a readable zip: {shown(str(problem))}. Make the zip again."
        ) from None
    with archive:
        yield archive


def zip_members(archive: zipfile.ZipFile, where: str, inside: str = "") -> Iterator[Member]:
    """The files of a zip below `inside` ("" or "folder/"), names relative to it.

    SubmissionError: more than 10,000 files, deeper than 20, or a name that leads out of the zip.
    """
    count = 0
    for info, name in zip_names(archive):
        if not name.startswith(inside) or name == inside:
            continue
        below = name[len(inside) :]
        if leads_out(below):
            raise SubmissionError(
                f"{shown(where)}: the name {below!r} leads out of the zip. Make it with an ordinary tool."
            )
        parts = [part for part in below.split("/") if part not in ("", ".")]
        if not parts or below.endswith("/") or any(ignored(part) for part in parts[:-1]):
            continue
        count += 1
        _within("files", count, MEMBERS, where)
        _within("folders inside each other", len(parts) - 1, DEPTH, where)
        yield Member("/".join(parts), _zip_special(info), partial(_read_zipped, archive, info))


def zip_member(archive: zipfile.ZipFile, where: str, name: str) -> Member:
    """The one file of that name. SubmissionError when the zip holds none."""
    for info, found in zip_names(archive):
        if found == name:
            return Member(name, _zip_special(info), partial(_read_zipped, archive, info))
    raise SubmissionError(f"{shown(where)}: no longer holds {shown(name)}. Grade it again.")


def zip_names(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Every entry with its name as written in the zip, but with `/` where Windows tools wrote a backslash."""
    for info in archive.infolist():
        yield info, info.orig_filename.replace("\\", "/")


def leads_out(name: str) -> bool:
    """Whether a name in a zip is absolute, climbs with `..`, names a drive, or hides its end behind a NUL."""
    return name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name) is not None or "\0" in name


def _zip_special(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a symbolic link"
    return "" if kind in (0, stat.S_IFREG) else "a pipe, socket or device"


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    if info.flag_bits & 0x1:
        raise SubmissionError(f"{shown(info.filename)}: encrypted. Make the zip without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile unpacks the other methods a block at a time, and a block can be a bomb.
        raise SubmissionError(
            f"{shown(info.filename)}: compressed by method {info.compress_type}, allowed: deflate or none. "
            "Make the zip with an ordinary tool."
        )
    if info.file_size > limit:
        raise _too_large(info.filename, info.file_size, limit)
    return _unpacked(archive, info, limit)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    data = io.BytesIO()
    try:
        with archive.open(info) as stream:
            while data.tell() <= limit and (chunk := stream.read(CHUNK)):
                data.write(chunk)
    except _BROKEN as problem:
        raise SubmissionError(
            f"{shown(info.filename)}: damaged in the zip: {shown(str(problem))}. Make the zip again."
        ) from None
    if data.tell() > limit:
        raise _too_large(info.filename, data.tell(), limit)
    return data.getvalue()


def _too_large(name: str, size: int, limit: int) -> SubmissionError:
    return SubmissionError(f"{shown(name)}: {size:,} bytes or more, allowed: {limit:,}. Take data out of the file.")
