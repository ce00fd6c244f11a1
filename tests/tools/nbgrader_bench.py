"""Times both roads into nbgrader's gradebook on one class, in one run: `python tests/tools/nbgrader_bench.py [N]`.

A third of the class is right, a third holds a misconception, a third left one exercise untouched; no two submissions
are the same file. Prints seconds, seconds a student and the ratios, and fails if the roads disagree on a score.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import mini_course as mini

from autograder.course import Course
from autograder.judge.mutants import read_mutants


def hand_in_class(directory: Path, course: Course, size: int) -> None:
    good = mini.references(course)
    mutants = read_mutants(course.exercise(mini.CODE))
    for i in range(size):
        modules = {
            0: good,
            1: {**good, mini.CODE: mutants[i % len(mutants)].source},
            2: {mini.CODE: good[mini.CODE]},
        }[i % 3]
        own = {slug: f"{source}\n# student {i}\n" for slug, source in modules.items()}
        mini.hand_in(directory, course, f"student{i:04}", own)


def seconds(directory: Path, *command: str | Path) -> float:
    start = time.perf_counter()
    mini.run(directory, *command, timeout=3600)
    return time.perf_counter() - start


def scores(directory: Path) -> dict[tuple[str, str], float | None]:
    return {key: row["auto_score"] for key, row in mini.grades(directory / "gradebook.db").items()}


def told(name: str, total: float, size: int, slow: float) -> None:
    print(f"{name:44} {total:8.1f} s {total / size:8.3f} s a student   {slow / total:5.1f} x", flush=True)


def main(size: int) -> int:
    base = Path(tempfile.mkdtemp(prefix="nbgrader-bench-"))
    try:
        course = mini.make_course(base / "course")
        button, fast, alone = (base / name for name in ("button", "fast", "alone"))
        mini.run(course.root, "autograder", "release", mini.ASSIGNMENT, "--to", button, "--nbgrader")
        mini.run(button, "nbgrader", "generate_assignment", mini.ASSIGNMENT)
        hand_in_class(button, course, size)
        for copy in (fast, alone):
            shutil.copytree(button, copy)
        slow = seconds(button, "nbgrader", "autograde", mini.ASSIGNMENT)
        told("nbgrader autograde, our judge inside", slow, size, slow)
        for name, directory, workers in (("1 worker", alone, ["--workers", "1"]), ("all cores", fast, [])):
            url = f"sqlite:///{directory / 'gradebook.db'}"
            command = ["grade", directory / "submitted", "--assignment", mini.ASSIGNMENT, "--gradebook", url, *workers]
            told(f"autograder grade --gradebook, {name}", seconds(course.root, "autograder", *command), size, slow)
        same = scores(button) == scores(fast) == scores(alone)
        print(f"{size} students, {len(scores(fast))} cells: the roads {'agree' if same else 'DISAGREE'}")
        return int(not same)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
