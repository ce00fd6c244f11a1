"""A course of two quick exercises, one of them with prose that a person marks, and a class that was graded."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import courses
import line_course as lines

from autograder.cli import main
from autograder.course import Course

COURSE = """\
title: Lines and words
grading: {level: basic, seed: 7, shrink_calls: 60}
limits: {cpu_seconds: 2, memory_mib: 256}
late: {grace_minutes: 0, penalty_per_day: 0.1, max_days: 5}
assignments:
  - id: only
    title: Only
    due: 2027-01-22T23:59:00+00:00
    exercises:
      - {id: 01_line, title: A line}
      - {id: 02_double, title: Twice, by_hand: 4}
"""
#: Of the prose.
RUBRIC = """\
items:
  - {item: own words, points: 1, looks_for: plain words}
  - {item: the mechanism, points: 3, looks_for: why it doubles}
anchors:
  - {points: 4, answer: Two of each., why: It says why.}
"""
STUBS = 'EXPLANATION = "Replace this text."\n'
DOUBLE = "def double(x):\n    return 2 * x\n"
LINE = lines.SOURCES["right"][0]
#: Each student's text; None: the exercise was not handed in.
TEXTS: dict[str, str | None] = {
    "Ada Lovelace": "It doubles, since 2 stands before x.",
    "Bela Bartók": "Twice is twice.",
    "Chidi Okoye": None,
}


def make_course(folder: Path) -> Course:
    """The course, whole enough to be graded."""
    lines.make_course(folder)
    prose = STUBS + lines.SOLUTION.format(name="double", offset=0.0)
    return courses.write(folder, COURSE, {"exercises/02_double/double.py": STUBS, "solutions/02_double.py": prose})


class Class:
    """A class in a folder, graded into another."""

    def __init__(self, folder: Path, course: Course, texts: Mapping[str, str | None] = TEXTS) -> None:
        self.course, self.folder, self.out = course, folder / "class", folder / "graded"
        for student, text in texts.items():
            self.hand_in(student, text)

    def hand_in(self, student: str, text: str | None, line: str = LINE) -> None:
        """The line, and where there is a text the other exercise with it."""
        place = self.folder / student
        place.mkdir(parents=True, exist_ok=True)
        (place / "line.py").write_text(line, encoding="utf-8")
        if text is not None:
            (place / "double.py").write_text(f"EXPLANATION = {text!r}\n{DOUBLE}", encoding="utf-8")

    def run(self, command: str, *arguments: object) -> int:
        """A command into the graded folder, in this process. Its exit code."""
        return main(["--course", str(self.course.root), command, *map(str, arguments)])

    def grade(self, *options: object) -> int:
        given = ["--class", "--assignment", "only", "--out", self.out, "--workers", 1]
        return self.run("grade", self.folder, *given, *options)

    def marks(self, text: str, *options: object, encoding: str = "utf-8") -> int:
        """Give a sheet of this text."""
        path = self.folder.parent / "sheet.csv"
        path.write_bytes(text.encode(encoding))
        return self.run("marks", self.out, path, *options)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a CSV of the graded folder."""
        with (self.out / name).open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def waiting(self) -> dict[str, dict[str, str]]:
        return {row["student"]: row for row in self.rows("pending.csv")}
