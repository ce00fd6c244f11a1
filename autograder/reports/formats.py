"""What can be written of one student's report, for other programs to read: a row a format."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.files import remove_file
from autograder.reports.gradescope import write_results
from autograder.reports.junit import write_junit
from autograder.results import Report


@dataclass(frozen=True)
class Format:
    """`tells_errors`: it can say that the grader failed; one that cannot is not written then, for it holds marks."""

    file: str
    write: Callable[[Path, Report], None]
    tells_errors: bool


FORMATS = {
    "gradescope": Format("results.json", write_results, tells_errors=False),
    "junit": Format("junit.xml", write_junit, tells_errors=True),
}
#: results.json is always written; these are where they are asked for.
EXTRA_FORMATS = tuple(name for name in FORMATS if name != "gradescope")


def write_formats(folder: Path, report: Report, extra: Collection[str] = ()) -> None:
    """A report into a student's folder, in these formats too. What an earlier run left there in others is removed.

    CourseError: the folder cannot be written.
    """
    for name, form in FORMATS.items():
        wanted = name in extra or name not in EXTRA_FORMATS
        if wanted and (form.tells_errors or not report.has_error):
            form.write(folder / form.file, report)
        else:
            remove_file(folder / form.file)
