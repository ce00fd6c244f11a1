"""What surrounds the grader fails: nobody reads the output, or the shell allows too little. The real command line."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import line_course as lines
import pytest

from autograder.course import Course

FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    base = tmp_path_factory.mktemp("fail_safe")
    made = lines.make_course(base / "course")
    lines.write_class(base / "class")
    return made


def started(course: Course, *arguments: object, before: Callable[[], None] | None = None) -> tuple[int, str]:
    """A command's exit code and what it said on stderr; its stdout is what `before` makes of it."""
    command = lines.command(course.root, *arguments)
    done = subprocess.run(command, preexec_fn=before, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    return done.returncode, done.stderr


def graded(course: Course, out: Path, before: Callable[[], None]) -> tuple[int, str]:
    return started(
        course, "grade", course.root.parent / "class", "--class", "--out", out, "--workers", 2, before=before
    )


def closed(*numbers: int) -> Callable[[], None]:
    return lambda: [os.close(number) for number in numbers] and None


def full(number: int) -> Callable[[], None]:
    return lambda: os.dup2(os.open(FULL, os.O_WRONLY), number) and None


def unread(*numbers: int) -> Callable[[], None]:
    """A pipe whose reader has left."""

    def replace() -> None:
        ours, theirs = os.pipe()
        os.close(ours)
        for number in numbers:
            os.dup2(theirs, number)

    return replace


SCREENS = {
    "stdout closed": closed(1),
    "stderr closed": closed(2),
    "all closed": closed(0, 1, 2),
    "stdout full": full(1),
    "stderr full": full(2),
    "stdout unread": unread(1),
    "both unread": unread(1, 2),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_class_is_graded_to_the_end_though_nobody_reads_the_screen(
    course: Course, tmp_path: Path, screen: str
) -> None:
    code, said = graded(course, tmp_path / "out", SCREENS[screen])
    assert (code, said) == (0, "")
    assert len(lines.points_of(tmp_path / "out")) == len(lines.SOURCES)


def test_what_has_only_a_screen_says_that_it_was_not_read(course: Course) -> None:
    assert started(course, "doctor", before=unread(1)) == (141, "")
    assert started(course, "check", before=unread(1)) == (141, "")
    assert started(course, "doctor", before=closed(1)) == (0, "")
    code, said = started(course, "doctor", before=full(1))
    assert (code, said) == (1, "autograder: cannot write the output: No space left on device\n")


@pytest.mark.parametrize("mebibytes", [150, 180])
def test_too_little_memory_is_one_line_that_names_it(course: Course, tmp_path: Path, mebibytes: int) -> None:
    size = mebibytes << 20
    code, said = graded(course, tmp_path / "out", lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)))
    assert code == 1
    assert said.startswith(f"autograder: memory: this shell allows {mebibytes} MiB, grading takes ")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("count", [20, 48])
def test_too_few_descriptors_are_one_line_that_names_them(course: Course, tmp_path: Path, count: int) -> None:
    code, said = graded(course, tmp_path / "out", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count)))
    assert code == 1
    assert said.startswith(f"autograder: open files: this shell allows {count}, grading takes ")
    assert len(said.splitlines()) == 1


def test_as_little_as_is_asked_for_suffices(course: Course, tmp_path: Path) -> None:
    """Of memory and descriptors; a soft limit is raised."""
    from autograder.batch.shell_limits import DESCRIPTORS, MEMORY_MIB

    def scanty() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MIB << 20, MEMORY_MIB << 20))
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, DESCRIPTORS + 2))

    assert graded(course, tmp_path / "out", scanty) == (0, "")
    assert len(lines.points_of(tmp_path / "out")) == len(lines.SOURCES)


def test_a_hand_in_is_not_blamed_for_a_machine_without_descriptors(course: Course, tmp_path: Path) -> None:
    from autograder.errors import GraderError
    from autograder.submissions.untrusted_files import read_file

    held, limits = [], resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, limits[1]))
    try:
        with suppress(OSError):
            while True:
                held.append(os.open("/dev/null", os.O_RDONLY))
        with pytest.raises(GraderError, match="hand-ins cannot be opened: Too many open files"):
            read_file(course.root / "course.yml", 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        for descriptor in held:
            os.close(descriptor)
