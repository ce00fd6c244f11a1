"""Reading submissions: what is found, whose it is, and what hostile folders, zips and names cannot do."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import signal
import socket
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import CourseError, SubmissionError
from autograder.limits import MODULE_BYTES
from autograder.submissions import untrusted_files
from autograder.submissions.submission import Kind, Listing, Submission, find_submissions, read_entry, read_submission
from autograder.submissions.untrusted_files import DEPTH, MEMBERS

SLUGS = ("noisy_sample", "reverse_step")
CODE = b"def add_noise(): ...\n"
KINDS: tuple[Kind | None, ...] = (None, "class")
LINK = (stat.S_IFLNK | 0o777) << 16

posix_only = pytest.mark.skipif(os.name != "posix", reason="links and pipes as on Linux")


def write(path: Path, data: bytes = CODE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def zipped(path: Path, *names: str, data: bytes = CODE, method: int = zipfile.ZIP_DEFLATED) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name in names:
            archive.writestr(name, data)
    return path


@contextlib.contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Ends what takes longer, with an error that nobody takes for a submission's."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except KeyboardInterrupt:
        pytest.fail(f"it took longer than {seconds:g} s")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def read(path: Path) -> Submission:
    return read_submission(path, SLUGS)


def students(listing: Listing) -> list[str]:
    return [entry.student for entry in listing.entries]


def refusal(path: Path) -> str:
    with pytest.raises(SubmissionError) as refused:
        read(path)
    return str(refused.value)


# --- one submission ---------------------------------------------------------------------------------------


def test_a_module_file_is_a_submission_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "reverse_step.py", b"not this one")
    found = read(write(tmp_path / "noisy_sample.py"))
    assert found == Submission("noisy_sample", {"noisy_sample": CODE})


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    assert "noisy_sample.py, reverse_step.py" in refusal(write(tmp_path / "homework.py"))


def test_modules_are_found_at_any_depth_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "zoe" / "exercises" / "05_noisy_sample" / "noisy_sample.py", b"a")
    write(tmp_path / "zoe" / "reverse_step.py", b"b")
    assert read(tmp_path / "zoe") == Submission("zoe", {"noisy_sample": b"a", "reverse_step": b"b"})


def test_modules_are_found_at_any_depth_of_a_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "hw/exercises/05_noisy_sample/noisy_sample.py", "hw\\reverse_step.py")
    assert read(path) == Submission("zoe", {"noisy_sample": CODE, "reverse_step": CODE})


def test_the_student_may_be_named_by_the_caller(tmp_path: Path) -> None:
    assert read_submission(write(tmp_path / "noisy_sample.py"), SLUGS, "zoe").student == "zoe"


def test_an_empty_folder_is_a_submission_with_nothing_in_it(tmp_path: Path) -> None:
    (tmp_path / "zoe").mkdir()
    assert read(tmp_path / "zoe") == Submission("zoe", {})


@pytest.mark.parametrize("folder", [".venv", ".git", "__MACOSX", "__pycache__", "a/.ipynb_checkpoints"])
def test_folders_that_are_no_work_of_the_student_are_ignored(tmp_path: Path, folder: str) -> None:
    write(tmp_path / "zoe" / "noisy_sample.py")
    write(tmp_path / "zoe" / folder / "noisy_sample.py", b"old")
    assert read(tmp_path / "zoe").modules == {"noisy_sample": CODE}
    path = zipped(tmp_path / "zoe.zip", f"{folder}/noisy_sample.py", "noisy_sample.py")
    assert read(path).modules == {"noisy_sample": CODE}


def test_two_modules_of_one_name_that_differ_are_an_error_of_that_exercise_only(tmp_path: Path) -> None:
    write(tmp_path / "zoe" / "a" / "noisy_sample.py")
    write(tmp_path / "zoe" / "b" / "noisy_sample.py", b"other = 1")
    write(tmp_path / "zoe" / "reverse_step.py")
    found = read(tmp_path / "zoe")
    assert list(found.modules) == ["reverse_step"]
    assert "a/noisy_sample.py and b/noisy_sample.py. Hand in one" in found.unread["noisy_sample"]


def test_two_copies_of_one_module_are_one(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "zoe.zip", "a/noisy_sample.py", "b/noisy_sample.py", "noisy_sample (1).py"))
    assert (found.modules, found.unread, found.problems) == ({"noisy_sample": CODE}, {}, ())


@pytest.mark.parametrize(
    "name",
    """05_noisy_sample.py|noisy_sample.py.txt|noisy-sample.py|noisy sample.py|doe_noisy_sample.py|noisy_sample.pyw|
    noisy_sample (1).py|noisy_sample-1.py|Noisy_Sample.py|noisy_sample copy.py|NoisySample.py|noisy%20sample.py|
    doejane_12345_678901_noisy_sample-1.py|noisy_sample_final_v2.py|NOISY_SAMPLE.PY|noisy_sample.py.py|
    hw5 - noisy_sample.PY|ｎoisy_sample.py""".replace("\n    ", "").split("|"),
)
def test_a_name_that_plainly_means_one_exercise_is_taken_and_told(tmp_path: Path, name: str) -> None:
    write(tmp_path / "zoe" / name)
    found = read(tmp_path / "zoe")
    assert (found.modules, found.unread) == ({"noisy_sample": CODE}, {})
    assert found.problems == (f"zoe: {name} was taken for noisy_sample.py.",)


@pytest.mark.parametrize(
    "name",
    """noisy_sample.ipynb|noisy_sample.docx|noisy_sample.txt|my_noisy_samples.py|noisy_sample_old.py|homework.py|
    homework.ipynb|homework.docx|work.rar|work.7z|work.gz|notes.txt|noisy_sample.rar|reverse_step_and_noisy_sample.py|
    picture.png""".replace("\n    ", "").split("|"),
)
def test_what_was_handed_in_and_not_read_is_an_error_never_a_silent_zero(tmp_path: Path, name: str) -> None:
    write(tmp_path / "zoe" / name)
    found = read(tmp_path / "zoe")
    assert found.modules == {}
    assert name in found.unread["noisy_sample"]
    assert name in found.unread_of(["noisy_sample"])["noisy_sample"]


@pytest.mark.parametrize(
    ("name", "unread"),
    [
        ("helper.py", ["noisy_sample"]),
        ("rest.zip", ["noisy_sample"]),
        ("noisy_sample.ipynb", ["noisy_sample"]),
        ("reverse_step (1).py", ["reverse_step"]),
        ("notes.txt", []),
        ("plot.png", []),
        ("report.pdf", []),
        ("test_noisy_sample.py", []),
        ("README.md", []),
        (".DS_Store", []),
        ("exercises/01_line/line.py", []),
    ],
)
def test_beside_a_module_only_what_may_be_another_one_is_an_error(tmp_path: Path, name: str, unread: list[str]) -> None:
    write(tmp_path / "zoe" / "reverse_step.py", b"mine = 1")
    write(tmp_path / "zoe" / name)
    found = read(tmp_path / "zoe")
    assert [*found.unread] == unread
    assert ("reverse_step" in found.modules) is ("reverse_step" not in unread)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'{"cells": [], "nbformat": 4, "metadata": {}}', "a notebook"),
        (b"PK\x03\x04 and so on", "a zip or an office document"),
        (b"%PDF-1.7", "a PDF"),
        (b"\n<!DOCTYPE html><html>", "a web page"),
        (b"{\\rtf1 x}", "RTF"),
    ],
)
def test_a_module_that_is_something_else_is_an_error_that_says_what(tmp_path: Path, content: bytes, what: str) -> None:
    write(tmp_path / "zoe" / "noisy_sample.py", content)
    write(tmp_path / "zoe" / "reverse_step.py", b"{'a': 1}")
    found = read(tmp_path / "zoe")
    assert what in found.unread["noisy_sample"]
    assert [*found.modules] == ["reverse_step"]


def tarred(path: Path, *names: str, mode: str = "w:gz") -> Path:
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(CODE)
            archive.addfile(info, io.BytesIO(CODE))
    return path


@pytest.mark.parametrize("name", ["dirty-it.zip", "dirty-it.tar.gz", "dirty-it.tgz", "a.tar", "a.tar.bz2", "a.tar.xz"])
def test_the_one_archive_in_a_students_folder_is_opened(tmp_path: Path, name: str) -> None:
    place, inside = tmp_path / "zoe" / name, "exercises/05_noisy_sample/noisy_sample.py"
    mode = {"tar": "w", "bz2": "w:bz2", ".xz": "w:xz"}.get(name[-3:], "w:gz")
    place.parent.mkdir()
    zipped(place, inside, "README.md") if name.endswith(".zip") else tarred(place, inside, "README.md", mode=mode)
    found = read(tmp_path / "zoe")
    assert (found.modules, found.unread, found.problems) == ({"noisy_sample": CODE}, {}, ())
    write(tmp_path / "zoe" / "second.zip")
    assert "second.zip" in read(tmp_path / "zoe").unread["noisy_sample"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.zip", b"no zip", "not a readable zip"),
        ("a.tar.gz", b"no tar", "not a readable archive"),
        ("a.tar.gz", gzip.compress(b"no tar" * 2000, mtime=0), "not a readable archive"),
        ("a.tgz", gzip.compress(CODE, mtime=0)[:-9], "not a readable archive"),
        ("a.tar.xz", b"\xfd7zXZ\0 broken", "not a readable archive"),
        ("a.rar", b"Rar!", "Hand in a zip"),
    ],
)
def test_an_archive_that_cannot_be_read_is_an_error(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    write(tmp_path / "zoe" / name, data)
    found = read(tmp_path / "zoe")
    assert said in found.unread["noisy_sample"]
    assert name in found.unread["noisy_sample"]


def test_a_tar_is_bounded_and_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrusted_files, "UNPACKED_BYTES", 1 << 20)
    (tmp_path / "zoe").mkdir()
    bomb = io.BytesIO()
    with tarfile.open(fileobj=bomb, mode="w:gz") as archive:
        info = tarfile.TarInfo("zeros.bin")
        info.size = 4 << 20
        archive.addfile(info, io.BytesIO(bytes(info.size)))
    write(tmp_path / "zoe" / "a.tar.gz", bomb.getvalue())
    assert "unpacks to too much" in read(tmp_path / "zoe").unread["noisy_sample"]
    tarred(tmp_path / "zoe" / "a.tar.gz", "../noisy_sample.py")
    assert "leads out" in read(tmp_path / "zoe").unread["noisy_sample"]
    with tarfile.open(tmp_path / "zoe" / "a.tar.gz", "w:gz") as archive:
        link = tarfile.TarInfo("noisy_sample.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    found = read(tmp_path / "zoe")
    assert found.modules == {}
    assert "a symbolic link is not read" in found.unread["noisy_sample"]


def entry(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A header of a tar alone."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def whole(name: str, content: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    """An entry of a tar with what stands behind it."""
    return entry(name, len(content), kind) + content + bytes(-len(content) % 512)


def notes(*pairs: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """Extended headers (pax) of `KEY=VALUE`."""
    lines = (next(line for n in range(1 << 16) if len(line := b"%d %s\n" % (n, pair)) == n) for pair in pairs)
    return whole("PaxHeaders/x", b"".join(lines), kind)


def test_a_module_in_a_tar_is_found_by_any_name_that_tools_write(tmp_path: Path) -> None:
    deep = "deep/" * 15 + "noisy_sample.py"
    module = whole("noisy_sampl", CODE)
    long = f"{'/'.join(['d' * 90] * 8)}/noisy_sample.py"
    for texts in (
        [*[notes(b"mtime=1800000000.1234567890")] * 100, notes(b"path=" + deep.encode(), b"SCHILY.xattr.a=1=2\n3")],
        [notes(b"comment=of all", kind=tarfile.XGLTYPE), notes(b"path=" + deep.encode())],
        [whole("././@LongLink", long.encode() + b"\0", tarfile.GNUTYPE_LONGNAME)],
        [entry("a/folder/", kind=tarfile.DIRTYPE), whole("a.dat", bytes(3 << 20)), notes(b"path=noisy_sample.py")],
    ):
        write(tmp_path / "zoe" / "a.tar.gz", gzip.compress(b"".join([*texts, module, bytes(1024)])))
        assert read(tmp_path / "zoe").modules == {"noisy_sample": CODE}
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "zoe" / "a.tar.gz", "w:gz", format=form) as archive:
            archive.add(write(tmp_path / "äöü" / deep), f"é/{deep}")
        assert read(tmp_path / "zoe").modules == {"noisy_sample": CODE}


def with_holes(name: str, size: int, more: int = 0) -> bytes:
    """A sparse file's header (GNU's old form): nothing behind it stands for so many zeros. more: a list follows."""
    block = bytearray(entry(name, kind=tarfile.GNUTYPE_SPARSE))
    block[482:495] = bytes([more]) + b"%011o\0" % size
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


GLOBALS = [b"%x=1" % i for i in range(1900)]


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([whole("x", b"1" * (5 << 20), tarfile.XHDTYPE)], "too long"),
        ([whole("x", b"1" * 4096, tarfile.XHDTYPE)] * 100, "not a readable archive"),
        ([entry("folder", kind=tarfile.DIRTYPE) * 200_000], "more than 100,000 entries"),
        ([entry(".git/x", 1 << 60)], "not a readable archive"),
        ([entry("x", 1 << 60, b"Z")], "not a readable archive"),
        ([entry("x", -512)], "not a readable archive"),
        ([with_holes("x.py", 1, more=1)], "not a readable archive"),
        ([with_holes(f"{i}.py", MODULE_BYTES + 1) for i in range(9000)], "not a readable archive"),
        (
            [notes(b"GNU.sparse.major=1", b"GNU.sparse.minor=0"), whole("x.py", b"99999999\n" + b"0\n" * (20 << 20))],
            "not a readable archive",
        ),
        (
            [notes(*GLOBALS, kind=tarfile.XGLTYPE), entry("folder", kind=tarfile.DIRTYPE) * 20_000, entry("a.py")],
            "a.py",
        ),
    ],
    ids="long short entries hidden kind negative list holes map global".split(),
)
def test_no_tars_headers_keep_the_grader_busy(tmp_path: Path, blocks: list[bytes], said: str) -> None:
    """As Python's tarfile reads them each takes a minute, an hour, gigabytes, or an error that is none of a tar's."""
    write(tmp_path / "zoe" / "a.tar.gz", gzip.compress(b"".join(blocks), 1))
    found: list[Submission] = []
    with no_longer_than(120.0):
        tracemalloc.start()
        try:
            found.append(read(tmp_path / "zoe"))
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert said in found[0].unread["noisy_sample"]
    assert most < 200 << 20  # a hand-in itself may take 64 MiB


def test_no_names_and_no_copies_keep_the_grader_busy(tmp_path: Path) -> None:
    """Of a name, ending after ending was taken off: 32,000 took half a minute. Each copy of a module is unpacked."""
    with no_longer_than(120.0):
        found = read(zipped(tmp_path / "zoe.zip", *(f"{i}{'.a' * 32_000}" for i in range(100))))
        assert "and 97 more" in found.unread["noisy_sample"]
    names = [f"{i}/noisy_sample.py" for i in range(1000)]
    found = read(zipped(tmp_path / "ada.zip", *names, data=bytes(MODULE_BYTES)))
    assert (found.modules, [*found.unread]) == ({}, ["noisy_sample"])
    assert "more than 20 files are noisy_sample.py" in found.unread["noisy_sample"]
    found = read(zipped(tmp_path / "bo.zip", *names[:20]))
    assert (found.modules, found.unread) == ({"noisy_sample": CODE}, {})


def test_names_without_end_make_no_message_without_end(tmp_path: Path) -> None:
    """Nor do names that grow when letters of one kind are made of another, or folders that are all versions."""
    found = read(zipped(tmp_path / "zoe.zip", *(f"{chr(0xFDFA) * 20_000}{i}.py" for i in range(50))))
    assert len(found.unread["noisy_sample"]) < 1000
    assert "and 47 more" in found.unread["noisy_sample"]
    found = read(zipped(tmp_path / "ada.zip", *(f"Version {i}/noisy_sample.py" for i in range(5000))))
    assert (found.modules, found.unread) == ({"noisy_sample": CODE}, {})
    assert "and 4996 more" in found.problems[0]


def test_modules_of_another_assignment_alone_are_an_error(tmp_path: Path) -> None:
    found = read(write(tmp_path / "reverse_step.py"))
    assert "handed in: reverse_step.py, of another" in found.unread_of(["noisy_sample"])["noisy_sample"]
    assert found.unread_of(["noisy_sample", "reverse_step"]) == {}
    assert Submission("zoe", {}).unread_of(["noisy_sample"]) == {}


# --- hostile folders --------------------------------------------------------------------------------------


@posix_only
def test_no_symbolic_link_is_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret" / "noisy_sample.py", b"the reference")
    folder = tmp_path / "zoe"
    folder.mkdir()
    (folder / "noisy_sample.py").symlink_to(secret)
    (folder / "linked").symlink_to(secret.parent)
    (folder / "loop").symlink_to(folder)
    found = read(folder)
    assert found.modules == {}
    assert all("a symbolic link is not read" in problem for problem in found.problems)
    assert len(found.problems) == 3


@posix_only
def test_a_link_put_in_place_of_a_listed_file_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.py", b"the reference")
    module = write(tmp_path / "zoe" / "noisy_sample.py")
    (member,) = untrusted_files.folder_members(tmp_path / "zoe")
    module.unlink()
    module.symlink_to(secret)
    with pytest.raises(SubmissionError, match=r"noisy_sample\.py: cannot be read"):
        member.read()


@posix_only
def test_a_folder_swapped_for_a_link_while_it_is_read_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "secret" / "noisy_sample.py", b"the reference")
    write(tmp_path / "zoe" / "a" / "b" / "noisy_sample.py")
    for folder in ("a/b", "a", ""):  # the folder of the file, one above it, the submission itself
        (member,) = untrusted_files.folder_members(tmp_path / "zoe")
        place = tmp_path / "zoe" / folder
        place.rename(tmp_path / "aside")
        place.symlink_to(tmp_path / "secret" if folder == "a/b" else tmp_path / "fake")
        write(tmp_path / "fake" / "b" / "noisy_sample.py", b"the reference")
        write(tmp_path / "fake" / "a" / "b" / "noisy_sample.py", b"the reference")
        with pytest.raises(SubmissionError, match="cannot be opened as a folder"):
            member.read()
        place.unlink()
        (tmp_path / "aside").rename(place)
    assert member.read() == CODE


@posix_only
def test_a_folder_swapped_for_a_link_while_it_is_listed_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "secret" / "noisy_sample.py", b"the reference")
    write(tmp_path / "zoe" / "a" / "noisy_sample.py")
    write(tmp_path / "zoe" / "notes.txt")
    listed = untrusted_files.folder_members(tmp_path / "zoe")
    next(listed)  # the folder's own files come first
    (tmp_path / "zoe" / "a").rename(tmp_path / "aside")
    (tmp_path / "zoe" / "a").symlink_to(tmp_path / "secret")
    with pytest.raises(SubmissionError, match="zoe/a: cannot be opened as a folder"):
        next(listed)


@posix_only
def test_a_sparse_file_is_refused_without_being_read_to_its_end(tmp_path: Path) -> None:
    module = write(tmp_path / "zoe" / "noisy_sample.py")
    os.truncate(module, 1 << 40)
    assert "1,048,577 bytes or more" in refusal(tmp_path / "zoe")


@posix_only
def test_pipes_and_sockets_are_passed_over_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zoe").mkdir()
    os.mkfifo(tmp_path / "zoe" / "noisy_sample.py")
    monkeypatch.chdir(tmp_path / "zoe")  # a socket's path is at most 107 bytes long
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("reverse_step.py")
        found = read(tmp_path / "zoe")
    assert found.modules == {}
    assert all("a pipe, socket or device is not read" in problem for problem in found.problems)


@posix_only
def test_a_pipe_in_place_of_a_listed_file_is_refused_without_waiting(tmp_path: Path) -> None:
    module = write(tmp_path / "zoe" / "noisy_sample.py")
    (member,) = untrusted_files.folder_members(tmp_path / "zoe")
    module.unlink()
    os.mkfifo(module)
    with pytest.raises(SubmissionError, match="not a regular file"):
        member.read()


def test_a_module_of_one_mebibyte_is_read_and_a_byte_more_is_refused(tmp_path: Path) -> None:
    assert len(read(write(tmp_path / "a" / "noisy_sample.py", b"#" * MODULE_BYTES)).modules["noisy_sample"])
    assert "1,048,577 bytes" in refusal(write(tmp_path / "b" / "noisy_sample.py", b"#" * (MODULE_BYTES + 1)))


def test_more_than_ten_thousand_entries_are_refused(tmp_path: Path) -> None:
    for i in range(MEMBERS + 1):
        (tmp_path / f"{i}").touch()
    assert "more than 10,000 entries" in refusal(tmp_path)


def test_a_file_too_deep_is_refused(tmp_path: Path) -> None:
    deep, deeper = "/".join("d" * DEPTH), "/".join("d" * (DEPTH + 1))
    write(tmp_path / "zoe" / deep / "noisy_sample.py")
    assert read(tmp_path / "zoe").modules == {"noisy_sample": CODE}
    assert read(zipped(tmp_path / "b.zip", f"{deep}/noisy_sample.py")).modules == {"noisy_sample": CODE}
    write(tmp_path / "zoe" / deeper / "reverse_step.py")
    assert "more than 20 folders inside each other" in refusal(tmp_path / "zoe")
    assert "more than 20 folders" in refusal(zipped(tmp_path / "a.zip", f"{deeper}/noisy_sample.py"))


def test_a_flood_of_files_that_were_not_read_is_summed_up(tmp_path: Path) -> None:
    for i in range(50):
        write(tmp_path / "zoe" / f"{i:02}.zip")
    (problem,) = read(tmp_path / "zoe").problems
    assert problem.startswith("zoe: handed in and not read: 00.zip, 01.zip, 02.zip and 47 more.")


# --- hostile zips -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "/noisy_sample.py",
        "../noisy_sample.py",
        "a/../../noisy_sample.py",
        "C:/x.py",
        "..\\x.py",
        "\\\\host\\x.py",
    ],
)
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    assert "leads out of the zip" in refusal(zipped(tmp_path / "zoe.zip", name, "reverse_step.py"))


def test_a_name_that_hides_its_end_behind_a_nul_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "noisy_sample.py#.txt")
    path.write_bytes(path.read_bytes().replace(b"#", b"\0"))
    assert "leads out of the zip" in refusal(path)


def test_a_link_in_a_zip_is_not_taken_for_a_module(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zoe.zip", "w") as archive:
        info = zipfile.ZipInfo("noisy_sample.py")
        info.create_system, info.external_attr = 3, LINK
        archive.writestr(info, "/etc/passwd")
    found = read(tmp_path / "zoe.zip")
    assert found.modules == {}
    assert "a symbolic link is not read" in found.problems[0]


def test_a_bomb_is_refused_by_its_declared_size(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "noisy_sample.py", data=bytes(64 << 20))
    assert "67,108,864 bytes or more, allowed: 1,048,576" in refusal(path)


def test_a_bomb_that_declares_a_small_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "noisy_sample.py", data=bytes(64 << 20))
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 64 << 20), struct.pack("<I", 1000)))
    assert "damaged in the zip: Bad CRC-32" in refusal(path)


def test_a_bomb_beside_the_modules_is_never_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "data.bin", data=bytes(64 << 20))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("noisy_sample.py", CODE)
    assert read(path).modules == {"noisy_sample": CODE}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_that_cannot_be_capped_is_refused(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "zoe.zip", "noisy_sample.py", method=method)
    assert f"compressed by method {method}" in refusal(path)


def test_an_encrypted_module_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "noisy_sample.py")
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "encrypted. Make the zip without a password." in refusal(path)


def test_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "noisy_sample.py", method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"add_noise", b"ADD_noise"))
    assert "noisy_sample.py: damaged in the zip: Bad CRC-32" in refusal(path)


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x05\x06", b"PK\x03\x04" + bytes(100)])
def test_bytes_that_are_no_zip_are_refused(tmp_path: Path, data: bytes) -> None:
    assert "zoe.zip: not a readable zip" in refusal(write(tmp_path / "zoe.zip", data))


def test_a_zip_that_lists_too_much_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "zoe.zip"
    path.write_bytes(b"PK\x01\x02" * (3 << 20) + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, 12 << 20, 0, 0))
    assert "zoe.zip: lists too many files" in refusal(path)


def test_more_than_ten_thousand_files_in_a_zip_are_refused(tmp_path: Path) -> None:
    names = [f"{i}" for i in range(MEMBERS + 1)]
    assert "more than 10,000 files" in refusal(zipped(tmp_path / "zoe.zip", *names, data=b""))


@settings(deadline=None)
@given(st.data())
def test_a_damaged_zip_is_read_or_refused_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("noisy_sample.py", CODE)
        archive.writestr("ü/reverse_step.py", CODE)
    content = bytearray(whole.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.sampled_from([len(content), len(content) - 1, len(content) // 2]))]
    path = write(tmp_path_factory.getbasetemp() / "damaged.zip", bytes(content))
    for kind in KINDS:
        with contextlib.suppress(SubmissionError, CourseError):
            for entry in find_submissions(path, SLUGS, kind).entries:
                assert entry.student.isprintable()
                read_entry(entry, SLUGS)


def test_nothing_is_extracted(tmp_path: Path) -> None:
    path = zipped(tmp_path / "zoe.zip", "noisy_sample.py", "a/b.txt")
    read(path)
    assert list(tmp_path.iterdir()) == [path]


def test_code_is_never_executed(tmp_path: Path) -> None:
    write(tmp_path / "zoe" / "noisy_sample.py", b"raise SystemExit(0)")
    write(tmp_path / "zoe" / "sitecustomize.py", b"raise SystemExit(0)")
    assert read(tmp_path / "zoe").modules["noisy_sample"] == b"raise SystemExit(0)"


# --- finding ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside", ["noisy_sample.py", "05_noisy_sample/README.md", "exercises/05_noisy_sample/noisy_sample.py"]
)
def test_a_students_folder_is_told_by_a_module_or_by_the_courses_folders(tmp_path: Path, inside: str) -> None:
    write(tmp_path / "zoe" / inside)
    listing = find_submissions(tmp_path / "zoe", SLUGS)
    assert (listing.kind, students(listing)) == ("student", ["zoe"])


def test_any_other_folder_is_a_class(tmp_path: Path) -> None:
    write(tmp_path / "class" / "zoe" / "noisy_sample.py")
    zipped(tmp_path / "class" / "Ada L.zip", "noisy_sample.py")
    (tmp_path / "class" / "bob").mkdir()
    write(tmp_path / "class" / "roster.csv")
    write(tmp_path / "class" / ".DS_Store")
    (tmp_path / "class" / "__MACOSX").mkdir()
    listing = find_submissions(tmp_path / "class", SLUGS)
    assert (listing.kind, students(listing)) == ("class", ["Ada L", "bob", "zoe"])
    assert listing.skipped == ("roster.csv: neither a folder nor a zip",)
    assert [sorted(read_entry(e, SLUGS).modules) for e in listing.entries] == [
        ["noisy_sample"],
        [],
        ["noisy_sample"],
    ]


def test_the_kind_can_be_overridden(tmp_path: Path) -> None:
    write(tmp_path / "a" / "zoe" / "noisy_sample.py")
    assert students(find_submissions(tmp_path / "a", SLUGS, "student")) == ["a"]
    write(tmp_path / "a" / "noisy_sample.py")
    assert students(find_submissions(tmp_path / "a", SLUGS)) == ["a"]
    assert students(find_submissions(tmp_path / "a", SLUGS, "class")) == ["zoe"]


def test_a_module_file_and_a_students_zip_are_found(tmp_path: Path) -> None:
    assert students(find_submissions(write(tmp_path / "noisy_sample.py"), SLUGS)) == ["noisy_sample"]
    flat = zipped(tmp_path / "zoe.zip", "noisy_sample.py")
    wrapped = zipped(tmp_path / "ada.ZIP", "hw 1/exercises/05_noisy_sample/noisy_sample.py")
    assert students(find_submissions(flat, SLUGS)) == ["zoe"]
    assert students(find_submissions(wrapped, SLUGS)) == ["ada"]


@pytest.mark.parametrize("wrapper", ["", "class/", "a/b/"])
def test_a_zip_can_be_a_class(tmp_path: Path, wrapper: str) -> None:
    nested = zipped(tmp_path / "ada.zip", "noisy_sample.py").read_bytes()
    path = zipped(tmp_path / "class.zip", f"{wrapper}zoe/hw/noisy_sample.py", f"{wrapper}bob/notes.txt")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{wrapper}ada.zip", nested)
        archive.writestr(f"{wrapper}roster.csv", "student\n")
        archive.writestr("__MACOSX/zoe/._noisy_sample.py", "")
    listing = find_submissions(path, SLUGS)
    assert (listing.kind, students(listing)) == ("class", ["ada", "bob", "zoe"])
    assert listing.skipped == ("roster.csv: neither a folder nor a zip",)
    assert [read_entry(e, SLUGS).modules for e in listing.entries] == [
        {"noisy_sample": CODE},
        {},
        {"noisy_sample": CODE},
    ]


def test_a_class_of_one_in_a_zip_needs_to_be_called_a_class(tmp_path: Path) -> None:
    path = zipped(tmp_path / "class.zip", "zoe/noisy_sample.py")
    assert students(find_submissions(path, SLUGS)) == ["class"]
    listing = find_submissions(path, SLUGS, "class")
    assert students(listing) == ["zoe"]
    assert read_entry(listing.entries[0], SLUGS).modules == {"noisy_sample": CODE}


def test_one_broken_submission_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path / "ada.zip", b"broken")
    write(tmp_path / "zoe" / "noisy_sample.py")
    ada, zoe = find_submissions(tmp_path, SLUGS).entries
    with pytest.raises(SubmissionError, match=r"ada\.zip: not a readable zip"):
        read_entry(ada, SLUGS)
    assert read_entry(zoe, SLUGS).modules == {"noisy_sample": CODE}


def test_hostile_names_in_a_class_zip_concern_their_own_student_only(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.zip", "../x", "/abs/x", "ada/../zoe/noisy_sample.py", "zoe/noisy_sample.py")
    listing = find_submissions(path, SLUGS)
    assert students(listing) == ["ada", "zoe"]
    assert len(listing.skipped) == 2
    with pytest.raises(SubmissionError, match="leads out of the zip"):
        read_entry(listing.entries[0], SLUGS)
    assert read_entry(listing.entries[1], SLUGS).modules == {"noisy_sample": CODE}


def flooded(path: Path, flood: bytes, count: int) -> Path:
    """A class's zip in which ada and zoe are honest, and a third lists `count` names: `flood` with a number."""
    names = [b"class/ada/noisy_sample.py", b"class/zoe/hw/reverse_step.py"]
    data, lines = io.BytesIO(b"SFX"), []  # something before the zip, as self-extracting ones have it
    data.seek(3)
    for name in [names[0], *(flood + b"%d" % i for i in range(count)), names[1]]:
        at = data.tell() - 3
        if name in names:
            sizes = (zlib.crc32(CODE), len(CODE), len(CODE), len(name))
            data.write(struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 0, 0, 0, *sizes, 0) + name + CODE)
        else:
            sizes = (0, 0, 0, len(name))
        lines.append(
            struct.pack("<4s4BHHHHIIIHHHHHII", b"PK\1\2", 20, 3, 20, 0, 0x800, 0, 0, 0, *sizes, 0, 0, 0, 0, 0, at)
            + name
        )
    directory, start = b"".join(lines), data.tell() - 3
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, min(len(lines), 0xFFFF), min(len(lines), 0xFFFF), len(directory), start, 0
    )
    path.write_bytes(data.getvalue() + directory + end)
    return path


@pytest.mark.parametrize(
    ("flood", "count", "message"),
    [
        (b"class/eve/", 300_000, "eve: lists too many files"),
        (b"class/eve/", MEMBERS + 1, "eve: more than 10,000 files"),
        (b"class/eve/" + b"d/" * 300, 5, "more than 20 folders"),
        (b"class/eve/\xff\xfe", 5, "not a readable zip"),
        (b"class/eve/../../zoe/", 5, "leads out of the zip"),
    ],
)
def test_names_without_end_in_a_class_zip_concern_their_own_student_only(
    tmp_path: Path, flood: bytes, count: int, message: str
) -> None:
    listing = find_submissions(flooded(tmp_path / "c.zip", flood, count), SLUGS)
    assert students(listing) == ["ada", "eve", "zoe"]
    ada, eve, zoe = listing.entries
    assert read_entry(ada, SLUGS).modules == {"noisy_sample": CODE}
    assert read_entry(zoe, SLUGS).modules == {"reverse_step": CODE}
    assert sum(end - start for start, end in zoe.spans) < 200  # what reading zoe parses
    with pytest.raises(SubmissionError, match=message):
        read_entry(eve, SLUGS)


def zip64(path: Path, start: int | None = None, size: int | None = None) -> Path:
    """A class's zip whose end says, in 64 bits, where its directory starts and how long it is."""
    zipped(path, "ada/noisy_sample.py", "zoe/noisy_sample.py")
    data = path.read_bytes()
    end = data.rindex(b"PK\5\6")
    true_size, true_start = struct.unpack_from("<II", data, end + 12)
    told = (2, 2, true_size if size is None else size, true_start if start is None else start)
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, *told) + struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    path.write_bytes(data[:end] + wide + data[end : end + 8] + b"\xff" * 12 + bytes(2))
    return path


def test_a_class_zip_with_numbers_of_64_bits_is_read(tmp_path: Path) -> None:
    ada, zoe = find_submissions(zip64(tmp_path / "c.zip"), SLUGS).entries
    assert read_entry(ada, SLUGS).modules == read_entry(zoe, SLUGS).modules == {"noisy_sample": CODE}


@pytest.mark.parametrize("start", [0, 1, 1 << 31, 1 << 63, (1 << 64) - 1])
@pytest.mark.parametrize("size", [0, 1, 1 << 31, 1 << 63, (1 << 64) - 1, None])
@pytest.mark.parametrize("kind", KINDS)
def test_a_zip_whose_end_lies_is_refused_and_never_crashes(
    tmp_path: Path, kind: Kind | None, size: int | None, start: int
) -> None:
    with contextlib.suppress(SubmissionError, CourseError):
        for entry in find_submissions(zip64(tmp_path / "c.zip", start, size), SLUGS, kind).entries:
            read_entry(entry, SLUGS)


def test_a_flood_of_loose_files_in_a_class_zip_is_summed_up(tmp_path: Path) -> None:
    listing = find_submissions(flooded(tmp_path / "c.zip", b"class/eve.", 30_000), SLUGS)
    assert students(listing) == ["ada", "zoe"]
    assert len(listing.skipped) == 21
    assert listing.skipped[-1] == "29980 more: neither folders nor zips"


def test_a_class_zip_without_end_of_folders_is_a_class_of_one(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.zip", "d/" * 30_000 + "x.txt")
    (deep,) = find_submissions(path, SLUGS, "class").entries
    with pytest.raises(SubmissionError, match="more than 20 folders"):
        read_entry(deep, SLUGS)


@pytest.mark.parametrize("other", ["zoe.zip", "ZOE.zip"])
def test_two_submissions_of_one_student_are_an_error_that_names_both(tmp_path: Path, other: str) -> None:
    write(tmp_path / "zoe" / "noisy_sample.py")
    zipped(tmp_path / other, "noisy_sample.py")
    write(tmp_path / "ada" / "noisy_sample.py")
    ada, zoe = find_submissions(tmp_path, SLUGS).entries
    assert read_entry(ada, SLUGS).modules
    with pytest.raises(SubmissionError, match="are both submissions of") as refused:
        read_entry(zoe, SLUGS)
    assert other in str(refused.value)


@posix_only
def test_links_in_a_class_are_skipped_but_the_path_itself_may_be_one(tmp_path: Path) -> None:
    write(tmp_path / "2026" / "zoe" / "noisy_sample.py")
    (tmp_path / "2026" / "ada").symlink_to(tmp_path / "2026" / "zoe")
    (tmp_path / "now").symlink_to(tmp_path / "2026")
    listing = find_submissions(tmp_path / "now", SLUGS)
    assert students(listing) == ["zoe"]
    assert listing.skipped == ("ada: neither a folder nor a zip",)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_class_is_one_clear_line(tmp_path: Path, kind: Kind | None) -> None:
    write(tmp_path / "roster.csv")
    with pytest.raises(CourseError, match="holds no submissions: expected") as refused:
        find_submissions(tmp_path, SLUGS, kind)
    assert "\n" not in str(refused.value)


def test_a_path_that_is_nothing_or_something_else_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no such file or folder"):
        find_submissions(tmp_path / "none", SLUGS)
    with pytest.raises(CourseError, match="expected a folder, a zip or a module"):
        find_submissions(write(tmp_path / "hw.pdf"), SLUGS)
    with pytest.raises(CourseError, match="expected a folder"):
        find_submissions(write(tmp_path / "noisy_sample.py"), SLUGS, "class")


@posix_only
def test_a_folder_with_a_hostile_name_is_graded_under_a_printable_one(tmp_path: Path) -> None:
    for raw in (b"a\x1b[31mb", b"\xff\xfe", "a\u202eb".encode()):
        folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw))
        write(folder / "noisy_sample.py")
    listing = find_submissions(tmp_path, SLUGS)
    assert len(listing.entries) == 3
    assert all(student.isprintable() for student in students(listing))
    assert [read_entry(entry, SLUGS).student for entry in listing.entries] == students(listing)


# --- of another course ------------------------------------------------------------------------------------


def test_a_submission_made_for_another_course_is_told_and_one_for_another_assignment_is_not(tmp_path: Path) -> None:
    found = read(zipped(tmp_path / "zoe.zip", "exercises/01_line/line.py", "exercises/02_double/double.py"))
    told = "zoe.zip: exercises/01_line/line.py and 1 more: no exercise of this course. Was it made for another course?"
    assert (found.modules, found.problems, found.unread) == ({}, (told,), dict.fromkeys(SLUGS, told))
    ours = read(zipped(tmp_path / "ada.zip", "exercises/11_reverse_step/reverse_step.py", "exercises/01_line/line.py"))
    assert (ours.problems, ours.unread) == ((), {})
