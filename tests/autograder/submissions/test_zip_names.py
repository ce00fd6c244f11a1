"""Names in zips, as tools of many years and systems write them."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import CourseError, SubmissionError
from autograder.submissions.submission import find_submissions, read_entry, read_submission
from autograder.submissions.untrusted_files import zip_lines, zip_names
from autograder.submissions.zip_names import UTF_8, zip_name

SLUGS = ("noisy_sample", "reverse_step")
CODE = b"def add_noise(): ...\n"
#: As macOS spells it: the accent is a character of its own.
APART = "Jose\u0301"


def unicode_path(name: bytes, of: bytes, version: int = 1) -> bytes:
    """Info-ZIP's extra field that calls the file `of` by another name."""
    data = struct.pack("<BL", version, zlib.crc32(of)) + name
    return struct.pack("<HH", 0x7075, len(data)) + data


def raw_zip(path: Path, *files: tuple[bytes, bytes, bytes]) -> Path:
    """A zip of files (name, extra field, content) whose names stand there as these bytes, and nothing says in what."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for i, (name, extra, content) in enumerate(files):
            info = zipfile.ZipInfo(f"{i:0{len(name)}}")
            info.extra = extra
            archive.writestr(info, content)
    data, line = bytearray(whole.getvalue()), archive.start_dir
    for info, (name, extra, _) in zip(archive.infolist(), files, strict=True):
        for at in (info.header_offset + 30, line + 46):
            data[at : at + len(name)] = name
        line += 46 + len(name) + len(extra)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (APART.encode(), APART),
        ("Zoë/Übung.py".encode(), "Zoë/Übung.py"),
        ("Иван 李".encode(), "Иван 李"),
        ("José Müller".encode("cp437"), "José Müller"),
        ("João Conceição".encode("cp850"), "João Conceição"),
        ("Søren Ångström".encode("cp850"), "Søren Ångström"),
        ("José Müller".encode("cp1252"), "José Müller"),
        ("ÉMILE Hernández".encode("cp1252"), "ÉMILE Hernández"),
        ("Großmann".encode("cp437"), "Großmann"),
        ("Anna’s – work".encode("cp1252"), "Anna’s – work"),
        ("Иван".encode("cp866"), "Иван".encode("cp866").decode("cp437")),
        (b"a\\b\xff.py", "a/b\u00ff.py"),
        (b"plain.py", "plain.py"),
    ],
)
def test_an_unmarked_name_is_utf_8_or_of_the_page_in_which_it_makes_sense(raw: bytes, name: str) -> None:
    assert zip_name(raw, 0, b"") == name
    other_field = struct.pack("<HH4x", 0x5455, 4)
    assert zip_name(raw, 0, other_field) == name


def test_a_unicode_path_counts_where_it_was_made_for_this_name() -> None:
    raw = "Иван".encode("cp866")
    field = unicode_path("Иван".encode(), of=raw)
    assert zip_name(raw, 0, field) == "Иван"
    assert zip_name(raw, 0, struct.pack("<HH4x", 0x5455, 4) + field) == "Иван"
    assert zip_name(b"Ada", UTF_8, unicode_path(b"Eve", of=b"Ada")) == "Ada", "a marked name is meant"


@pytest.mark.parametrize(
    "field",
    [
        unicode_path(b"Eve", of=b"Bob"),
        unicode_path(b"Eve", of=b"Ada", version=2),
        unicode_path(b"", of=b"Ada"),
        unicode_path(b"\xff\xfe", of=b"Ada"),
        unicode_path(b"Eve", of=b"Ada")[:-1],
        struct.pack("<HH", 0x7075, 2) + b"\1\0",
        struct.pack("<HH", 0x7075, 0xFFFF),
        struct.pack("<HH", 1, 0) * 5000 + unicode_path(b"Eve", of=b"Ada"),
        b"up",
    ],
)
def test_a_unicode_path_of_another_name_or_none_at_all_does_not_count(field: bytes) -> None:
    assert zip_name(b"Ada", 0, field) == "Ada"


@given(st.binary(max_size=60), st.sampled_from([0, UTF_8]), st.binary(max_size=60))
def test_whatever_stands_there_is_a_name(raw: bytes, flags: int, extra: bytes) -> None:
    assert "\\" not in zip_name(raw, flags, extra)


@pytest.mark.parametrize(
    ("how", "names"),
    [
        ("utf-8", ("José", "João", "Zoë Müller", "Иван", "李")),
        ("unicode path", ("José", "João", "Zoë Müller", "Иван", "李")),
        ("cp850", ("José", "João", "Zoë Müller")),
        ("cp1252", ("José", "João", "Zoë Müller")),
    ],
)
def test_a_class_zip_and_a_students_zip_are_read_by_the_same_names(
    tmp_path: Path, how: str, names: tuple[str, ...]
) -> None:
    """Both readers: ours of a whole directory, and zipfile's of a part of it."""
    files = []
    for i, name in enumerate(names):
        place = f"{name}/exercises/noisy_sample.py"
        raw = b"%d" % i if how == "unicode path" else place.encode(how)
        files.append((raw, unicode_path(place.encode(), raw) if how == "unicode path" else b"", name.encode()))
    path = raw_zip(tmp_path / "class.zip", *files)
    with path.open("rb") as file, zipfile.ZipFile(path) as archive:
        assert [line.name for line in zip_lines(file, "")] == [name for _, name in zip_names(archive)]
    listing = find_submissions(path, SLUGS)
    found = {entry.student: read_entry(entry, SLUGS).modules for entry in listing.entries}
    assert found == {name: {"noisy_sample": name.encode()} for name in names}


def test_a_file_and_a_zip_are_called_as_they_were_on_a_mac(tmp_path: Path) -> None:
    inner = raw_zip(tmp_path / "inner.zip", (f"{APART}_noisy_sample.py".encode(), b"", CODE)).read_bytes()
    path = raw_zip(tmp_path / "class.zip", (f"{APART}.zip".encode(), b"", inner), (b"ada/noisy_sample.py", b"", CODE))
    _, jose = find_submissions(path, SLUGS).entries
    found = read_entry(jose, SLUGS)
    assert (found.student, found.modules) == ("José", {"noisy_sample": CODE})
    assert found.problems == (f"{APART}.zip: {APART}_noisy_sample.py was taken for noisy_sample.py.",)


@pytest.mark.parametrize("name", ["../noisy_sample.py", "/noisy_sample.py", "a\\..\\..\\x.py", "C:x.py", "x.py\0.txt"])
def test_no_unicode_path_leads_out_of_the_zip(tmp_path: Path, name: str) -> None:
    field = unicode_path(name.encode(), of=b"noisy_sample.py")
    with pytest.raises(SubmissionError, match="leads out of the zip"):
        read_submission(raw_zip(tmp_path / "zoe.zip", (b"noisy_sample.py", field, CODE)), SLUGS)
    field = unicode_path(f"zoe/{name}".encode(), of=b"zoe/noisy_sample.py")
    path = raw_zip(tmp_path / "c.zip", (b"zoe/noisy_sample.py", field, CODE), (b"ada/noisy_sample.py", b"", CODE))
    ada, zoe = find_submissions(path, SLUGS).entries
    assert read_entry(ada, SLUGS).modules == {"noisy_sample": CODE}
    with pytest.raises(SubmissionError, match="leads out of the zip"):
        read_entry(zoe, SLUGS)


def test_two_names_that_are_read_as_one_are_two_files_of_one_name(tmp_path: Path) -> None:
    field = unicode_path(b"noisy_sample.py", of=b"reverse_step.py")
    path = raw_zip(tmp_path / "zoe.zip", (b"noisy_sample.py", b"", CODE), (b"reverse_step.py", field, b"other = 1"))
    found = read_submission(path, SLUGS)
    assert found.modules == {}
    assert "two files are noisy_sample.py, and they differ" in found.unread["noisy_sample"]
    path = raw_zip(tmp_path / "zoe.zip", (b"noisy_sample.py", b"", CODE), (b"reverse_step.py", field, CODE))
    assert read_submission(path, SLUGS).modules == {"noisy_sample": CODE}


def test_two_files_of_one_name_at_the_top_of_a_class_zip_are_an_error_too(tmp_path: Path) -> None:
    """They are one place for who lists a class; the first of two zips, the last of two modules was taken."""
    inner = raw_zip(tmp_path / "inner.zip", (b"noisy_sample.py", b"", CODE)).read_bytes()
    field = unicode_path(b"zoe.zip", of=b"eve.zip")
    loose = b"doejane_1_2_noisy_sample.py"
    files = [(b"zoe.zip", b"", inner), (b"eve.zip", field, b"PK"), (loose, b"", CODE), (loose, b"", b"other = 1")]
    jane, zoe = find_submissions(raw_zip(tmp_path / "c.zip", *files), SLUGS, "class").entries
    assert (jane.student, zoe.student) == ("doejane", "zoe")
    with pytest.raises(SubmissionError, match=r"two files are zoe\.zip"):
        read_entry(zoe, SLUGS)
    assert "they differ" in read_entry(jane, SLUGS).unread["noisy_sample"]


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=12), st.text(max_size=20)), min_size=1, max_size=4))
def test_names_of_any_bytes_are_listed_alike_by_both_readers(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[bytes, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.zip"
    raw_zip(
        path,
        *(
            (b"s/" + name, unicode_path(f"s/{told}".encode("utf-8", "replace"), b"s/" + name), CODE)
            for name, told in files
        ),
    )
    with path.open("rb") as file, zipfile.ZipFile(path) as archive:
        assert [line.name for line in zip_lines(file, "")] == [name for _, name in zip_names(archive)]
    with contextlib.suppress(CourseError):
        assert all(entry.student.isprintable() for entry in find_submissions(path, SLUGS, "class").entries)
