"""Files are written whole or not at all, and packed to the same bytes on any day."""

import io
import zipfile
from pathlib import Path

import pytest

from autograder.errors import CourseError
from autograder.files import write_file, zip_bytes


def test_a_file_that_cannot_be_put_in_place_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "grades.csv"
    folder.mkdir()
    with pytest.raises(CourseError, match=r"grades.csv: cannot be written: .*Choose another --out"):
        write_file(folder, "student\n")
    assert [path.name for path in tmp_path.iterdir()] == ["grades.csv"]


def test_a_file_that_holds_it_already_keeps_its_time_and_a_link_is_replaced(tmp_path: Path) -> None:
    path, target = tmp_path / "one", tmp_path / "two"
    target.write_text("text")
    path.symlink_to(target)
    write_file(path, "text")
    assert not path.is_symlink()
    before = path.stat().st_mtime_ns
    write_file(path, "text")
    assert path.stat().st_mtime_ns == before


def test_the_same_files_are_the_same_bytes_on_any_day(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [("a/b.py", b"x = 1\n" * 100), ("c.txt", b"")]
    first = zip_bytes(files)
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("sys.platform", "win32")
    assert zip_bytes(files) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert [(entry.filename, archive.read(entry)) for entry in archive.infolist()] == files
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_DEFLATED}
