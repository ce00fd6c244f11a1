"""feedback.html: one self-contained page for a student. Nothing is fetched and no script runs."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from functools import cache
from html import unescape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import CourseError
from autograder.files import write_file
from autograder.invoked import pip_install
from autograder.reports.film import MOST, Film
from autograder.reports.text import (
    WORDS,
    by_hand,
    details,
    mistake,
    number,
    one_line,
    passed,
    plain,
    points,
    remark,
    summary,
)
from autograder.results import Outcome, Report
from autograder.versions import untested

if TYPE_CHECKING:
    from jinja2 import Environment, Template

PICTURE_BYTES = 4 << 20
# Text of students is escaped, so that neither is ever theirs.
_SECTION = re.compile(r'<section aria-labelledby="exercise-(\d+)">(.*?)</section>', re.DOTALL)
_PICTURE = re.compile(r'<img src="data:image/(?:png|jpeg);base64,([A-Za-z0-9+/=]+)"')
_SHEET = re.compile(r'<img class="sheet" src="data:image/png;base64,([A-Za-z0-9+/=]+)"')
_STEP = re.compile(r'<span class="step">([^<]*)</span>')
_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def write_feedback(
    path: Path,
    report: Report,
    titles: Mapping[str, str] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    targets: Mapping[str, bytes] | None = None,
    films: Mapping[str, Film] | None = None,
) -> None:
    """Write feedback.html; arguments and errors as in `feedback`, and CourseError: cannot be written."""
    write_file(path, feedback(report, titles, pictures, targets, films))


def feedback(
    report: Report,
    titles: Mapping[str, str] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    targets: Mapping[str, bytes] | None = None,
    films: Mapping[str, Film] | None = None,
) -> str:
    """The page as HTML. `titles` and pictures (PNG or JPEG, at most 4 MiB) go by `ExerciseResult.exercise`.

    `pictures` are what the student's code draws; beside each stands the reference's of `targets`, below it the
    student's step by step of `films`.

    Shows what a student may see: law, counterexample, message, diagnosis, hint. Never `private` or
    `flags`; versions only where they are not the tested ones. CourseError: jinja2 is not installed. ValueError: a
    picture of another format, or too large.
    """
    return template("feedback.html").render(
        report=report,
        titles=dict(titles or {}),
        pictures={exercise: _data_uri(image) for exercise, image in (pictures or {}).items()},
        targets={exercise: _data_uri(image) for exercise, image in (targets or {}).items()},
        films={exercise: (film, _data_uri(film.sheet)) for exercise, film in (films or {}).items()},
        most_steps=MOST,
        Outcome=Outcome,
        words=WORDS,
        summary=summary,
        details=details,
        mistake=mistake,
        points=points,
        passed=passed,
        remark=remark,
        by_hand=by_hand,
        untested=untested(report.versions),
        number=number,
    )


def drawn(path: Path, report: Report) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, Film]]:
    """The pictures of the page that lies there, as `feedback` takes them: a student's, the reference's, the films.

    A page is written anew when its marks change, and what was drawn stays. None where there is no page.
    """
    page = path.read_text(encoding="utf-8") if path.is_file() else ""
    pictures: dict[str, bytes] = {}
    targets: dict[str, bytes] = {}
    films: dict[str, Film] = {}
    for number_, section in _SECTION.findall(page):
        found = [base64.b64decode(data) for data in _PICTURE.findall(section)]
        if found and int(number_) <= len(report.exercises):
            name = report.exercises[int(number_) - 1].exercise
            pictures[name] = found[0]
            targets.update({name: found[1]} if len(found) > 1 else {})
            if sheet := _SHEET.search(section):
                steps = tuple(unescape(step) for step in _STEP.findall(section))
                films[name] = Film(steps, base64.b64decode(sheet[1]))
    return pictures, targets, films


@cache
def template(name: str) -> Template:
    """One of the pages that lie beside this file. CourseError: jinja2 is not installed."""
    page = resources.files("autograder.reports").joinpath(name)
    return environment().from_string(page.read_text(encoding="utf-8"))


def ours(name: str) -> str:
    """A file that lies beside this one, a style or a script, as a template takes it: it is ours, and not escaped."""
    from markupsafe import Markup

    return Markup(resources.files("autograder.reports").joinpath(name).read_text(encoding="utf-8"))


@cache
def environment() -> Environment:
    """jinja2 as all our pages use it: everything escaped and without control characters.

    CourseError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError:
        raise CourseError(
            f"feedback.html and report.html need jinja2, which is not installed: {pip_install('jinja2')}"
        ) from None
    made = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["line"] = one_line
    return made


def _shown(value: object) -> object:
    """Every value of the template passes here before it is escaped, so none can be forgotten."""
    from markupsafe import Markup

    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _data_uri(image: bytes) -> str:
    from markupsafe import Markup

    if len(image) > PICTURE_BYTES:
        raise ValueError(f"a picture of {len(image):,} bytes, allowed: {PICTURE_BYTES:,}")
    for magic, kind in _TYPES.items():
        if image.startswith(magic):
            return Markup(f"data:{kind};base64,{base64.b64encode(image).decode()}")
    raise ValueError("a picture that is neither PNG nor JPEG")
