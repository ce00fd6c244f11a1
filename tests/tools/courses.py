"""The builder of courses for tests: from texts, or of the real course's own exercises."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from autograder.course import Course

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, course_yml: str, files: Mapping[str, str]) -> Course:
    """A course from texts, by their paths below it."""
    for name, text in {"course.yml": course_yml, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return Course.load(folder)


def copy(folder: Path, course_yml: str, ids: Iterable[str]) -> Course:
    """A course of these exercises of the real one, whole, under another course.yml."""
    for name in ids:
        for part in (f"exercises/{name}", f"tests/exercises/{name}"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "solutions").mkdir(exist_ok=True)
        shutil.copy(ROOT / "solutions" / f"{name}.py", folder / "solutions")
    return write(folder, course_yml, {})
