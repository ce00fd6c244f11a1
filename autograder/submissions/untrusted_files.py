"""The files in a folder or a zip: no link is followed, nothing is extracted, no header is trusted."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from autograder.errors import GraderError, LockdownError, SubmissionError
from autograder.limits import MODULE_BYTES
from autograder.submissions.zip_names import UTF_8, zip_name

MEMBERS = 10_000  # of one submission, ignored folders not counted
DEPTH = 20
ARCHIVE_BYTES = 64 << 20  # a student's zip that lies inside a class's zip, and so is held in memory
DIRECTORY_BYTES = 8 << 20  # a zip's list of its members, which zipfile reads whole
UNPACKED_BYTES = 256 << 20  # of a tar
TAR_ENTRIES = 100_000  # of a tar, whatever they are
TAR_TEXTS = 4 << 20  # of a tar, the names and notes that stand before its files
CHUNK = 1 << 20
FOLDER = "a folder"
#: Kinds of a tar's entries that are no files but what is said of the next, or of all.
_TEXTS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)

# Absent on Windows, where nothing is marked.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO would otherwise wait for its writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_FOLDER_FLAGS = _FLAGS | getattr(os, "O_DIRECTORY", 0)

# Of a line in a zip's directory: signature, flags, and the lengths of name, extra field and comment.
_LINE = struct.Struct("<4s4xH18xHHH12x")
_END = struct.Struct("<4sQHHIIQQQQ")  # zip64: signature, length, versions, disks, entries twice, size, start
_LOCATOR = struct.Struct("<4sIQI")

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
    """A file of a submission. `name` is relative, with `/`; `special` says what it is when it is no file.

    `size` is what the folder or the zip says, which need not be true of what is read.
    """

    name: str
    special: str
    fetch: Callable[[int], bytes]
    size: int = 0

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


def folder_members(root: Path, passed_over: bool = False) -> Iterator[Member]:
    """Every file below `root`, a folder's own files first; symbolic links, pipes and devices as `special`.

    passed_over: those in folders that are `ignored` too.

    SubmissionError: more than 10,000 entries, deeper than 20 folders, or the system refuses to list one.
    """
    pending, count = [("", 1)], 0
    while pending:
        prefix, depth = pending.pop()
        below = []
        for name, kind, size in _listed(root, prefix):
            count += 1
            _within("entries", count, MEMBERS, root.name)
            if kind != FOLDER:
                yield Member(prefix + name, kind, partial(read_below, root, prefix + name), size)
            elif passed_over or not ignored(name):
                _within("folders inside each other", depth, DEPTH, root.name)
                below.append((f"{prefix}{name}/", depth + 1))
        pending += reversed(below)


def _listed(root: Path, prefix: str) -> list[tuple[str, str, int]]:
    """Names, kinds and sizes, by name; all are asked for while the folder is open."""
    with open_folder(root, prefix) as folder, os.scandir(folder) as entries:
        return sorted(
            (entry.name, _special(entry), entry.stat(follow_symlinks=False).st_size)
            for entry in islice(entries, MEMBERS + 1)
        )


@contextmanager
def open_folder(root: Path, below: str = "") -> Iterator[int]:
    """A descriptor of a folder below `root`, reached step by step, so that no step can be swapped for a link.

    SubmissionError: something on the way is no folder, or the system refuses. LockdownError: on Windows.
    """
    if os.open not in os.supports_dir_fd:
        raise LockdownError("this system cannot open a folder without following links. Grade on Linux.")
    try:
        descriptor = os.open(root, _FOLDER_FLAGS)
        try:
            for step in filter(None, below.split("/")):
                above, descriptor = descriptor, os.open(step, _FOLDER_FLAGS, dir_fd=descriptor)
                os.close(above)
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as problem:
        _blame_the_machine(problem)
        where = f"{shown(root.name)}/{shown(below)}".rstrip("/")
        raise SubmissionError(
            f"{where}: cannot be opened as a folder: {problem.strerror}. Hand in readable folders, no links."
        ) from None


def _within(what: str, count: int, limit: int, where: str) -> None:
    if count > limit:
        raise SubmissionError(
            f"{shown(where)}: more than {limit:,} {what}. Hand in the modules only, no data or environments."
        )


def _special(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a symbolic link"
    if entry.is_dir(follow_symlinks=False):
        return FOLDER
    return "" if entry.is_file(follow_symlinks=False) else "a pipe, socket or device"


def file_member(path: Path) -> Member:
    """One file, by itself."""
    return Member(path.name, "", partial(read_file, path))


def read_file(path: Path, limit: int, folder: int | None = None) -> bytes:
    """A regular file's bytes. SubmissionError: over `limit`, not a regular file, or unreadable."""
    with open_file(path, folder) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise _too_large(path.name, len(data), limit)
    return data


def read_below(root: Path, name: str, limit: int) -> bytes:
    """The bytes of the file `name` ("a/b.py") below `root`; no link is followed on the way. Errors as `read_file`."""
    above, _, base = name.rpartition("/")
    with open_folder(root, above) as folder:
        return read_file(Path(base), limit, folder)


@contextmanager
def open_file(path: Path, folder: int | None = None) -> Iterator[BinaryIO]:
    """A regular file (of the open `folder`) without following a link. SubmissionError when it is anything else."""
    try:
        descriptor = os.open(path, _FLAGS, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SubmissionError(f"{shown(path.name)}: not a regular file. Hand in the file itself.")
            yield file
    except OSError as problem:
        _blame_the_machine(problem)
        raise SubmissionError(
            f"{shown(path.name)}: cannot be read: {problem.strerror}. Hand in a readable, ordinary file."
        ) from None


def _blame_the_machine(problem: OSError) -> None:
    """Raises GraderError where the fault is not the hand-in's."""
    if problem.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
        raise GraderError(
            f"hand-ins cannot be opened: {problem.strerror}. Raise `ulimit -n`, or free memory."
        ) from None


class _Bounded:
    """A file that refuses long reads: zipfile asks for a zip's whole directory at once, whatever its size."""

    def __init__(self, file: BinaryIO | PartOfZip, limit: int, where: str) -> None:
        self._file, self._limit, self._where = file, limit, where
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._limit + 1 if size < 0 else size
        data = b"" if wanted > self._limit + 1 else self._file.read(wanted)
        if wanted > self._limit + 1 or len(data) > self._limit:
            raise SubmissionError(f"{shown(self._where)}: lists too many files. Zip the modules only.")
        return data


@contextmanager
def open_zip(file: BinaryIO | PartOfZip, where: str) -> Iterator[zipfile.ZipFile]:
    """A zip opened for reading. `where` names it in messages. SubmissionError when it is no sound zip."""
    try:
        archive = zipfile.ZipFile(_Bounded(file, DIRECTORY_BYTES, where))
    except _BROKEN as problem:
        raise SubmissionError(
            f"{shown(where)}: not a readable zip: {shown(str(problem))}. Make the zip again."
        ) from None
    with archive:
        yield archive


@dataclass(frozen=True)
class Line:
    """A line in a zip's directory: the name as `zip_names` gives it, and where in the file the line stands."""

    name: str
    start: int
    end: int


def zip_lines(file: BinaryIO, where: str) -> Iterator[Line]:
    """A zip's directory line by line, so that no number of names takes memory. SubmissionError: no sound zip."""
    start, size, _ = _directory(file, where)
    file.seek(start)
    while (at := file.tell()) < start + size:
        head = file.read(_LINE.size)
        signature, flags, *lengths = _LINE.unpack(head) if len(head) == _LINE.size else (b"", 0)
        if signature != b"PK\x01\x02":
            raise SubmissionError(f"{shown(where)}: its list of files is damaged. Make the zip again.")
        rest = file.read(sum(lengths))
        name = zip_name(rest[: lengths[0]], flags, rest[lengths[0] : lengths[0] + lengths[1]])
        yield Line(name, at, at + _LINE.size + sum(lengths))


def _directory(file: BinaryIO, where: str) -> tuple[int, int, int]:
    """Where a zip's directory starts, its length, and what stands in the file before the zip: by zipfile's own rule."""
    try:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    except _BROKEN as problem:
        raise SubmissionError(f"{shown(where)}: not a readable zip: {problem}. Make the zip again.") from None
    if end is None:
        raise SubmissionError(f"{shown(where)}: not a readable zip: no end is found. Make the zip again.")
    signature, size, offset, location = end[0], end[5], end[6], end[9]
    start = location - size - (_END.size + _LOCATOR.size if signature == b"PK\x06\x06" else 0)
    if not 0 <= offset <= start:
        raise SubmissionError(f"{shown(where)}: not a readable zip: its list of files is missing. Make the zip again.")
    return start, size, start - offset


class PartOfZip:
    """A zip's file with a shorter directory in place of its own: the lines at these `spans`, and no others.

    So zipfile never sees what else the zip lists, however much that is.
    """

    def __init__(self, file: BinaryIO, spans: Iterable[tuple[int, int]], where: str) -> None:
        self._file, self._at = file, 0
        self._start, _, before = _directory(file, where)
        lines = b"".join(self._span(*span) for span in spans)
        end = _END.pack(b"PK\x06\x06", _END.size - 12, 45, 45, 0, 0, 0, 0, len(lines), self._start - before)
        locator = _LOCATOR.pack(b"PK\x06\x07", 0, self._start - before + len(lines), 1)
        self._tail = lines + end + locator + b"PK\x05\x06" + bytes(18)

    def _span(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        return self._file.read(end - start)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._at = max(0, offset + (0, self._at, self._start + len(self._tail))[whence])
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        if (beyond := self._at - self._start) >= 0:
            data = self._tail[beyond : None if size < 0 else beyond + size]
        else:
            self._file.seek(self._at)
            data = self._file.read(-beyond if size < 0 else min(size, -beyond))
        self._at += len(data)
        return data


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
        yield Member("/".join(parts), _zip_special(info), partial(_read_zipped, archive, info, name), info.file_size)


class _Shallow(io.RawIOBase):
    """A stream that ends with an error after so many bytes: of a bomb no more is unpacked."""

    def __init__(self, stream: io.BufferedIOBase, limit: int, where: str) -> None:
        self._stream, self._left, self._where = stream, limit, where

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(min(len(buffer), CHUNK))
        self._left -= len(data)
        if self._left < 0:
            raise SubmissionError(f"{self._where}: unpacks to too much. Hand in the modules only.")
        buffer[: len(data)] = data
        return len(data)


def tar_members(data: bytes, where: str) -> list[Member]:
    """The files of a tar, compressed or not; those that may be modules are unpacked now, from first to last.

    SubmissionError: damaged, more than 10,000 files, more than 256 MiB unpacked, or a name that leads out.
    """
    openers: dict[bytes, Callable[[Any], Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
    try:
        stream = openers.get(data[:2], lambda file: file)(io.BytesIO(data))
        return list(_tar_files(io.BufferedReader(_Shallow(stream, UNPACKED_BYTES, where)), where))
    except SubmissionError:
        raise
    except (*_BROKEN, tarfile.TarError, lzma.LZMAError, MemoryError) as problem:
        said = shown(str(problem)) or type(problem).__name__
        raise SubmissionError(f"{where}: not a readable archive: {said}. Make it again, or hand in a zip.") from None


def _tar_files(stream: BinaryIO, where: str) -> Iterator[Member]:
    """As in `zip_members`."""
    count = 0
    for info, name in _tar_entries(stream, where):
        if leads_out(name):
            raise SubmissionError(
                f"{where}: the name {name!r} leads out of the archive. Make it with an ordinary tool."
            )
        content = _content(stream, info)
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if info.isdir() or not parts or any(ignored(part) for part in parts[:-1]):
            continue
        count += 1
        _within("files", count, MEMBERS, where)
        _within("folders inside each other", len(parts) - 1, DEPTH, where)
        yield _tarred(info, "/".join(parts), content)


def _tar_entries(stream: BinaryIO, where: str) -> Iterator[tuple[tarfile.TarInfo, str]]:
    """The headers of a tar with the names that they mean; whoever asks for the next has read what stands behind one.

    Python's tarfile reads one header for us and no more: what it makes of those that belong together takes time and
    memory without end (sizes beyond any file, files that are all holes, notes that hold for all that follow).
    """
    name, texts = "", 0
    for _ in range(TAR_ENTRIES):
        block = stream.read(tarfile.BLOCKSIZE)
        if not block.strip(b"\0"):
            return
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if info.size < 0 or info.type == tarfile.GNUTYPE_SPARSE:
            raise ValueError("a file of no plain size")
        if info.type not in _TEXTS:
            yield info, name or info.name
            name = ""
            continue
        texts += info.size
        if texts > TAR_TEXTS:
            raise SubmissionError(f"{where}: the names or notes of its files are too long. Hand in a zip.")
        text = _exactly(stream, info.size)
        if info.type == tarfile.GNUTYPE_LONGNAME:
            name = text.partition(b"\0")[0].decode("utf-8", "surrogateescape")
        elif info.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            name = _named_by_notes(text) or name
    raise SubmissionError(f"{where}: more than {TAR_ENTRIES:,} entries. Hand in the modules only.")


def _named_by_notes(text: bytes) -> str:
    """The name in a header's notes (pax), which are `LENGTH KEY=VALUE` and a newline; empty where there is none.

    Raises ValueError: no such notes, or those of a file with holes, which would not be read as it was.
    """
    name, start = b"", 0
    while start < len(text):
        length, space, _ = text[start : start + 8].partition(b" ")
        end = start + int(length)
        key, equals, value = text[start + len(length) + 1 : end].partition(b"=")
        if not space or not equals or not value.endswith(b"\n") or end > len(text) or key.startswith(b"GNU.sparse."):
            raise ValueError("notes that are none, or of a file with holes")
        name, start = value[:-1] if key == b"path" else name, end
    return name.decode("utf-8", "surrogateescape")


def _content(stream: BinaryIO, info: tarfile.TarInfo) -> bytes:
    """What stands behind a header, as far as it may be a module; all of it is read."""
    if not info.isreg() and info.type in tarfile.SUPPORTED_TYPES:
        return b""
    content = _exactly(stream, min(info.size, MODULE_BYTES + 1), padded=info.size <= MODULE_BYTES)
    left = -(-info.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE - len(content) if info.size > MODULE_BYTES else 0
    while left:
        left -= len(_exactly(stream, min(left, CHUNK), padded=False))
    return content


def _exactly(stream: BinaryIO, size: int, padded: bool = True) -> bytes:
    """So many bytes, and what fills them up to whole blocks. Raises EOFError where there are fewer."""
    data = stream.read(size)
    filling = -size % tarfile.BLOCKSIZE if padded else 0
    if len(data) < size or len(stream.read(filling)) < filling:
        raise EOFError("it ends too early")
    return data


def _tarred(info: tarfile.TarInfo, name: str, content: bytes) -> Member:
    if not info.isreg():
        return Member(name, "a symbolic link" if info.issym() or info.islnk() else "a pipe, socket or device", _nothing)

    def fetch(limit: int) -> bytes:
        if info.size > limit:
            raise _too_large(name, info.size, limit)
        return content

    return Member(name, "", fetch, info.size)


def _nothing(limit: int) -> bytes:
    return b""


def zip_member(archive: zipfile.ZipFile, where: str, name: str) -> Member:
    """The one file of that name. SubmissionError when the zip holds none, or two."""
    found = [info for info, member_name in zip_names(archive) if member_name == name]
    if not found:
        raise SubmissionError(f"{shown(where)}: no longer holds {shown(name)}. Grade it again.")
    if len(found) > 1:
        raise SubmissionError(f"{shown(where)}: two files are {shown(name)}. Make the zip with one of them.")
    return Member(name, _zip_special(found[0]), partial(_read_zipped, archive, found[0], name), found[0].file_size)


def zip_names(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Every entry with its name, as `zip_name` reads it."""
    for info in archive.infolist():
        raw = info.orig_filename.encode("utf-8" if info.flag_bits & UTF_8 else "cp437")  # as zipfile decoded it
        yield info, zip_name(raw, info.flag_bits, info.extra)


def leads_out(name: str) -> bool:
    """Whether a name in a zip is absolute, climbs with `..`, names a drive, or hides its end behind a NUL."""
    return name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name) is not None or "\0" in name


def _zip_special(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a symbolic link"
    return "" if kind in (0, stat.S_IFREG) else "a pipe, socket or device"


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    if info.flag_bits & 0x1:
        raise SubmissionError(f"{shown(name)}: encrypted. Make the zip without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile unpacks the other methods a block at a time, and a block can be a bomb.
        raise SubmissionError(
            f"{shown(name)}: compressed by method {info.compress_type}, allowed: deflate or none. "
            "Make the zip with an ordinary tool."
        )
    if info.file_size > limit:
        raise _too_large(name, info.file_size, limit)
    return _unpacked(archive, info, name, limit)


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limit: int) -> bytes:
    data = io.BytesIO()
    try:
        with archive.open(info) as stream:
            while data.tell() <= limit and (chunk := stream.read(CHUNK)):
                data.write(chunk)
    except _BROKEN as problem:
        raise SubmissionError(
            f"{shown(name)}: damaged in the zip: {shown(str(problem))}. Make the zip again."
        ) from None
    if data.tell() > limit:
        raise _too_large(name, data.tell(), limit)
    return data.getvalue()


def _too_large(name: str, size: int, limit: int) -> SubmissionError:
    return SubmissionError(f"{shown(name)}: {size:,} bytes or more, allowed: {limit:,}. Take data out of the file.")
