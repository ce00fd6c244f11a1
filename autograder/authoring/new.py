"""A course to start from: one worked exercise with all its parts, which is proven, graded and released as it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import write_file

TEMPLATE = Path(__file__).parent / "template"
#: The first assignment is due so many days from now, at the end of the day.
DAYS = 28


def new_course(to: Path) -> Course:
    """Write the course into `to`, a folder that is new or empty. Its title is the folder's name.

    CourseError: the folder holds something or cannot be written, or this package came without the template.
    """
    if not TEMPLATE.is_dir():
        raise CourseError("this autograder came with a course for students; to make one, install the whole package")
    try:
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise CourseError(f"{to}: is not empty, so nothing was written. Give a new folder.")
        to.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CourseError(f"{to}: cannot be written: {problem.strerror}. Give another folder.") from None
    for path in sorted(TEMPLATE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            write_file(to / path.relative_to(TEMPLATE), path.read_bytes())
    text = (TEMPLATE / "course.yml").read_text(encoding="utf-8")
    write_file(to / "course.yml", text.replace("TITLE", _title(to)).replace("DUE", _due()))
    return Course.load(to)


def _title(folder: Path) -> str:
    name = " ".join(folder.resolve().name.replace("-", " ").replace("_", " ").split())
    return json.dumps(name[:1].upper() + name[1:] or "A course", ensure_ascii=False)


def _due() -> str:
    return f"{datetime.now(UTC) + timedelta(days=DAYS):%Y-%m-%d}T23:59:00+00:00"
