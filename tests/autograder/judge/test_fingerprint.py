"""What changes a result's key, and what must not: a class is graded anew for the one, and never for the other."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import line_course as lines
import pytest

from autograder.course import Course
from autograder.judge import fingerprint
from autograder.judge.fingerprint import digest, examples_digest, package_digest
from autograder.versions import versions_of

PACKAGE = Path(fingerprint.__file__).parents[1]

#: For every room one file, and whether an edit of it makes results anew.
EDITS = {
    "__init__.py": False,
    "__main__.py": False,
    "authored.py": True,
    "course_file.py": True,
    "authoring/audit.py": False,
    "batch/batch.py": False,
    "checks.py": True,
    "cli.py": False,
    "constraints.txt": False,
    "course.py": True,
    "diffusion/spies.py": False,
    "errors.py": True,
    "files.py": False,
    "invoked.py": False,
    "limits.py": True,
    "marking/finish.py": False,
    "judge/verdict.py": True,
    "nbgrader/gradebook.py": False,
    "pictures.py": False,
    "py.typed": False,
    "pytest_plugin.py": False,
    "release/start.py": False,
    "reports/html.py": False,
    "results.py": True,
    "runner/student.py": True,
    "sources.py": True,
    "student/selfcheck.py": False,
    "style.py": False,
    "submissions/prose.py": True,
    "submissions/submission.py": False,
    "versions.py": True,
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("copy") / "autograder"
    shutil.copytree(PACKAGE, to, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def test_every_room_has_its_edit(package: Path) -> None:
    assert {path.name for path in package.iterdir()} == {name.split("/")[0] for name in EDITS}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_makes_results_anew_where_verdicts_depend_on_it_and_nowhere_else(package: Path, name: str) -> None:
    with edited(package / name):
        same = package_digest.__wrapped__(package) == package_digest()
    assert same is not EDITS[name]


@contextmanager
def edited(path: Path) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(before + b"\n# edited\n")
    try:
        yield
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize(
    ("name", "counts"),
    [("spies.py", True), ("digits.py", True), ("data/digits.npz", True), ("data/README.md", False)],
)
def test_a_vocabulary_of_the_package_counts_where_checks_import_it(
    package: Path, course: Course, tmp_path: Path, name: str, counts: bool
) -> None:
    speaks, silent = course.exercise("12"), lines.make_course(tmp_path).exercises[0]
    before = [examples_digest(exercise, 1, package) for exercise in (speaks, silent)]
    with edited(package / "diffusion" / name):
        after = [examples_digest(exercise, 1, package) for exercise in (speaks, silent)]
    assert [old != new for old, new in zip(before, after, strict=True)] == [counts, False]


def test_a_vocabulary_of_the_courses_own_counts(tmp_path: Path) -> None:
    exercise = lines.make_course(tmp_path).exercises[0]
    before = examples_digest(exercise, 1)
    with edited(tmp_path / "vocabulary" / "points.py"):
        assert examples_digest(exercise, 1) != before
    assert examples_digest(exercise, 1) == before


def test_a_new_file_among_those_that_decide_counts_and_a_cache_does_not(package: Path) -> None:
    for name, same in (("judge/__pycache__/verdict.py", True), ("judge/new.py", False)):
        path = package / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
        assert (package_digest.__wrapped__(package) == package_digest()) is same
        path.unlink()


def test_no_two_lists_of_parts_meet() -> None:
    assert len({digest("ab"), digest("a", "b"), digest("", "ab"), digest("ab", ""), digest(b"ab\0")}) == 5


@pytest.mark.parametrize("package", ["numpy", "yaml", "pytest", "typing_extensions", "of_nobody"])
def test_a_given_package_counts_with_its_distributions_and_their_versions(package: str) -> None:
    """As Python's own table of all packages has them, which takes a tenth of a second to make."""
    names = metadata.packages_distributions().get(package, [])
    assert versions_of(package).split() == [package, *(f"{name}=={metadata.version(name)}" for name in sorted(names))]
