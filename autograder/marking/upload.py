"""A learning platform's own sheet, filled in: same rows, order, columns and encoding, with the grade column new.

The forms were read in the platforms' documentation and, for Moodle, in the source of its two importers
(mod/assign/feedback/offline and mod/assign/feedback/file); none of them was tried on the platform:

- Moodle's grading worksheet: columns Identifier (“Participant 1234”), Full name, Grade, Maximum Grade. Feedback files
  it takes in a zip of folders that are called as those of its own download, `Full name_1234_assignsubmission_file_`.
- Canvas's exported gradebook: a column `Title (id)` an assignment, and a row Points Possible.
- Brightspace's exported grades: `Title Points Grade <… MaxPoints:10 …>`, and an End-of-Line Indicator.
- Blackboard's Full Grade Center: `Title [Total Pts: 10 Score] |id`, with tabs in UTF-16, or commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError
from autograder.files import write_file, zip_bytes
from autograder.reports.text import number, one_line, some
from autograder.results import Report
from autograder.submissions.roster import ROSTER_BYTES, Person, matched, read_roster
from autograder.submissions.sheets import Sheet, read_sheet
from autograder.submissions.students import student_folder
from autograder.submissions.submission import Entry

#: What the headings of columns with grades look like: the assignment's title, and its maximum where that stands there.
HEADINGS = {
    "moodle": re.compile(r"(?P<title>Grade)", re.IGNORECASE),
    "canvas": re.compile(r"(?P<title>.+?) \(\d+\)"),
    "brightspace": re.compile(r"(?P<title>.+?) Points Grade(?: <.*?MaxPoints:(?P<most>[\d.]+).*>)?"),
    "blackboard": re.compile(r"(?P<title>.+?) \[Total Pts: (?:up to )?(?P<most>[\d.]+)[^\]]*\](?: ?\|\d+)?"),
}
FEEDBACK = "moodle-feedback.zip"
#: What Moodle leaves out of a name that becomes a folder's, and Windows cannot write; and our own number behind a name.
_NO_FOLDERS = re.compile(r"[\x00-\x1f\x7f&<>\"'`|:\\/*?]| \(\d+\)$")
_SUFFIXES = (".csv", ".xls", ".txt", ".tsv")


@dataclass(frozen=True)
class Target:
    """A platform's sheet that is to be filled in: who is in it, which column, and the maximum there, if it is told."""

    platform: str
    sheet: Sheet
    people: tuple[Person, ...]
    column: int
    most: float | None

    @property
    def name(self) -> str:
        return self.sheet.path.name


@dataclass(frozen=True)
class Filled:
    """What came of one sheet: its new name, how many marks it has, what is worth a word, and what is wrong."""

    name: str
    count: int
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def open_target(platform: str, path: Path, titles: Sequence[str]) -> Target:
    """Read a sheet. `titles`: what the assignment may be called there.

    CourseError: it is not a sheet of this platform, or has no such column.
    """
    sheet, people = read_sheet(path, ROSTER_BYTES, f"sheet of {platform}"), read_roster(path)
    return Target(platform, sheet, people, *grade_column(platform, sheet, titles))


def fill(target: Target, out: Path, reports: Sequence[Report], ids: Mapping[str, str]) -> Filled:
    """Write `out`/upload-PLATFORM.csv, and for Moodle the feedback beside it. `ids`: of our students.

    Students are matched as `roster.matched` does; who waits keeps the cell that is there. CourseError: the folder
    cannot be written.
    """
    owners = owners_of(target, reports, ids, out)
    marks = {report.student: report.final.mark for report in reports if report.final}
    there = [student for student in marks if student in owners]
    cells = {(owners[student].line, target.column): number(marks[student]) for student in there}
    suffix = target.sheet.path.suffix.lower()
    name = f"upload-{target.platform}{suffix if suffix in _SUFFIXES else '.csv'}"
    write_file(out / name, target.sheet.filled(cells))
    if target.platform == "moodle":
        write_file(out / FEEDBACK, zip_bytes(feedback_files(out, there, owners)))
    lost = [f"{target.name}: not there: {one_line(s)}, who has {number(marks[s])}" for s in marks if s not in owners]
    return Filled(name, len(cells), tuple(untouched(target, owners)), (*lost, *other_scale(target, reports)))


def owners_of(target: Target, reports: Sequence[Report], ids: Mapping[str, str], out: Path) -> dict[str, Person]:
    """Which row is whose, by our students."""
    entries = [Entry(r.student, out, ids=(ids[r.student],) if r.student in ids else ()) for r in reports]
    who = matched(entries, target.people)
    by_name, unknown = {person.name: person for person in target.people}, {*who.unknown}
    pairs = zip(entries, who.entries, strict=True)
    return {ours.student: by_name[theirs.student] for ours, theirs in pairs if theirs.student not in unknown}


def grade_column(platform: str, sheet: Sheet, titles: Sequence[str]) -> tuple[int, float | None]:
    """Which column has the grades, and the platform's maximum, where it is told. CourseError: none, or several."""
    rows = list(sheet.rows())
    header = [cell.strip() for cell in rows[0][1]]
    found = [(i, match) for i, cell in enumerate(header) if (match := HEADINGS[platform].fullmatch(cell))]
    wanted = {title.casefold() for title in titles}
    if platform != "moodle":
        mine = [(i, match) for i, match in found if {match["title"].casefold(), match[0].casefold()} & wanted]
    else:
        mine = found
    if len(mine) != 1:
        there = ", ".join(f"“{one_line(match['title'])}”" for _, match in found) or "none"
        asked = "" if platform == "moodle" else f" Say which with --column; grades are in: {there}."
        some = "no column" if not mine else "several columns"
        raise CourseError(
            f"{sheet.path}: {some} with the grades of {' or '.join(titles)} as {platform} has them.{asked}"
        )
    ((column, match),) = mine
    told = match["most"] if "most" in match.re.groupindex else _told_below(rows, column, header)
    return column, _float(told)


def _told_below(rows: Sequence[tuple[int, list[str]]], column: int, header: Sequence[str]) -> str | None:
    """The maximum in Moodle's own column, or in Canvas's own row."""
    if "Maximum Grade" in header and len(rows) > 1:
        return dict(zip(header, rows[1][1], strict=False)).get("Maximum Grade")
    possible = (row for _, row in rows if row[0].strip().casefold() == "points possible")
    return next((row[column] for row in possible if column < len(row)), None)


def _float(text: str | None) -> float | None:
    try:
        return float((text or "").replace(",", "."))
    except ValueError:
        return None


def other_scale(target: Target, reports: Sequence[Report]) -> Iterator[str]:
    """A line where the platform counts to another number than we do: nothing is scaled."""
    out_of = max((report.out_of for report in reports), default=0.0)
    if target.most is not None and abs(target.most - out_of) > 1e-4:
        told = f"the assignment has {number(target.most)} points there, the final marks are of {number(out_of)}"
        yield f"{target.name}: {told}. Set its maximum on the platform to {number(out_of)} first."


def untouched(target: Target, owners: Mapping[str, Person]) -> Iterator[str]:
    """A line where rows are nobody's of the class."""
    mine = {person.line for person in owners.values()}
    names = [one_line(person.name) for person in target.people if person.line not in mine]
    if names:
        yield f"{target.name}: left as they are, not graded: {some(names)}"


def feedback_files(out: Path, students: Sequence[str], owners: Mapping[str, Person]) -> Iterator[tuple[str, bytes]]:
    """Each student's page in a folder that Moodle knows: its parts are told apart by `_`, the second is the number."""
    for student in students:
        person, page = owners[student], student_folder(out, student) / "feedback.html"
        participant = next((one for one in person.ids if one.isdecimal()), None)
        if participant and page.is_file():
            name = _NO_FOLDERS.sub("", person.name).replace("_", " ").strip() or "Participant"
            yield f"{name}_{participant}_assignsubmission_file_/feedback.html", page.read_bytes()
