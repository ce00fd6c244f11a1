"""A class of thirty from a platform's download to the sheet that it takes back, with people in between.

Every step is the command line in a process of its own; the marks are given in Chromium, on the page of a real server,
which is killed half-way. What must come of it is worked out here, from the rules, by a table of what students wrote.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import signal
import subprocess
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import browser
import line_course as lines
import marked_class
import pytest
from markers import come_in, keep_by_keys, press, served
from playwright.sync_api import Page

from autograder.course import Course
from autograder.marking.upload import open_target
from autograder.submissions.roster import read_roster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not browser.CHROMIUM, reason="no Chromium here"),
]
ZONE = ZoneInfo("Europe/Berlin")
DUE = datetime.fromisoformat("2027-01-22T23:59:00+00:00")
NAMES = """\
Ada Lovelace|Béla Bartók|Jürgen Groß|Ólafur Þór Jónsson|Zoë Ångström|Şule Öztürk|Łukasz Żak|Đặng Văn An|
Anne-Marie d’Arc|María José de la Cruz|Søren Kjær|Noël Ünal|Jan Müller|Jan Müller|Chidi Okoye|Eva Sedláčková|
Ирина Петрова|李 小龙|Tove Ås|Pål Åge Næss|O'Neil Sean|Käthe Süß|Ines Núñez|Yusuf Çelik|Gülşah Işık|Tomáš Dvořák|
Ana Conceição|Lars von der Höhe|Mia Weiß|Rüya Đorđević""".replace("\n", "").split("|")


@dataclass(frozen=True)
class Work:
    """What somebody writes: modules by slug, their points by checks, the prose, and what people give for it.

    `marks` are by the rubric's items; None: there is no prose, and nobody marks it.
    """

    modules: dict[str, bytes]
    by_checks: int
    text: str = ""
    marks: tuple[float, float] | None = None


def wrote(line: str | bytes, by_checks: int, text: str, marks: tuple[float, float], double: str = "2 * x") -> Work:
    source = lines.SOURCES[line][0].encode() if isinstance(line, str) else line
    prose = f"EXPLANATION = {text!r}\n\n\ndef double(x):\n    return {double}\n"
    return Work({"line": source, "double": prose.encode()}, by_checks, text or "Nothing was written.", marks)


#: By kind and author. Points by checks: in each exercise one of 1 (at zero) and one of 2 (the slope).
WORKS: dict[str, Callable[[str], Work]] = {
    "right": lambda who: wrote("right", 6, f"Each x is there two times, and so is what {who} puts in.", (1, 3)),
    "half right": lambda who: wrote("triple", 2, f"It grows, says {who}.", (0.5, 0.75), "3 * x"),
    "wrong": lambda who: wrote("flat", 0, f"{who}: <b>&amp; ü</b> it is 7.", (1, 0), "7"),
    "broken": lambda who: wrote("broken", 3, f"{who} ran out of time.", (0.5, 0)),
    "empty": lambda who: wrote(b"", 3, "", (0, 0)),
    "garbage": lambda who: wrote(bytes(range(256)), 3, f"{who} says: two.", (1, 1.5)),
    "copied": lambda who: wrote("right", 6, "Twice is two times, as everybody knows.", (0.5, 1.5)),
    "no prose": lambda who: Work({"line": lines.SOURCES["right"][0].encode()}, 3),
    "nothing": lambda who: Work({}, 0),
}
KINDS = [*WORKS][:8]


@dataclass(frozen=True)
class Student:
    """One of the roster. `days`: begun after the due date. `with_`: whose work counts, in a pair."""

    number: int
    name: str
    kind: str
    days: int = 0
    group: str = ""
    again: str = ""  # what they hand in the second time
    handed_in_by: int | None = None

    @property
    def id(self) -> str:
        return str(5500 + self.number)

    @property
    def called(self) -> str:
        """As the course calls them: two of one name are told apart."""
        return f"{self.name} ({self.id})" if NAMES.count(self.name) > 1 else self.name

    @property
    def submitted(self) -> datetime | None:
        when = DUE + timedelta(days=self.days - 1, hours=10) if self.days else DUE - timedelta(hours=3)
        return None if self.kind == "nothing" else when

    def work(self, time: int) -> Work:
        """Of the first download, or the second. Of a pair both have what one of them wrote."""
        kind = (self.again or self.kind) if time else self.kind
        author = self.number if self.handed_in_by is None else self.handed_in_by
        return WORKS[kind](f"no. {author}")


def students() -> list[Student]:
    """Thirty: each kind of work several times; lateness, a pair, one who hands in twice, one who never does."""
    klass = [Student(i, name, KINDS[i % len(KINDS)]) for i, name in enumerate(NAMES)]
    late = {3: 1, 8: 2, 9: 6, 17: 3}
    klass = [replace(one, days=late.get(one.number, 0)) for one in klass]
    klass[4] = replace(klass[4], kind="nothing")
    klass[10] = replace(klass[10], again="right")
    klass[0] = replace(klass[0], group="g1")
    klass[7] = replace(klass[7], group="g1", kind=klass[0].kind, handed_in_by=0)
    return klass


# -- what platforms give ----------------------------------------------------------------------------


def uploads(student: Student, time: int) -> dict[str, bytes]:
    """The files that somebody uploads: loose, or every third student's in a zip as `submit` makes it."""
    modules = student.work(time).modules
    places = {slug: f"exercises/{'01' if slug == 'line' else '02'}_{slug}/{slug}.py" for slug in modules}
    if student.number % 3 or not modules:
        return {f"{slug}.py": source for slug, source in modules.items()}
    return {"only.zip": zipped({places[slug]: source for slug, source in modules.items()})}


def zipped(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def moodle_folder(student: Student) -> str:
    return f"{student.name.replace(chr(39), '')}_{student.id}_assignsubmission_file_"


def moodle_files(student: Student, time: int) -> dict[str, bytes]:
    return {f"{moodle_folder(student)}/{name}": content for name, content in uploads(student, time).items()}


def canvas_files(student: Student, time: int) -> dict[str, bytes]:
    """Without folders: `lovelaceada_LATE_5500_77001_line.py`, and `line-1.py` for what was handed in again."""
    letters = "".join(c for c in unicodedata.normalize("NFC", canvas_name(student)) if c.isalnum()).lower()
    prefix = f"{letters}_{'LATE_' if student.days else ''}{student.id}_{77000 + student.number}_"
    again = "-1" if time and student.again else ""
    return {f"{prefix}{n.replace('.', f'{again}.', 1)}": content for n, content in uploads(student, time).items()}


def canvas_name(student: Student) -> str:
    *first, last = student.name.split()
    return f"{last}, {' '.join(first)}"


def moodle_sheet(klass: list[Student]) -> list[list[str]]:
    heading = (
        "Identifier|Full name|Email address|Status|Grade|Maximum Grade|Grade can be changed"
        "|Last modified (submission)|Last modified (grade)"
    )
    told = ["Submitted\nfor grading", "", "10.00", "Yes"]
    rows = [
        [f"Participant {s.id}", s.name, f"s{s.id}@uni.example", *told, in_moodles_words(s.submitted), "-"]
        for s in klass
    ]
    return [heading.split("|"), *rows]


def in_moodles_words(when: datetime | None) -> str:
    """As `Friday, 22 January 2027, 8:59 PM`, in the zone of who exports."""
    return f"{when.astimezone(ZONE):%A, %-d %B %Y, %-I:%M %p}" if when else "-"


def canvas_sheet(klass: list[Student]) -> list[list[str]]:
    heading = "Student|ID|SIS User ID|SIS Login ID|Section|Other (10)|Only (11)|Current Score"
    possible = ["    Points Possible", "", "", "", "", "5", "10", "(read only)"]
    rows = [[canvas_name(s), s.id, f"u{s.id}", f"l{s.id}", 'A, "early"', "4", "", "80"] for s in klass]
    return [heading.split("|"), possible, *rows, ["Student, Test", "1", "", "x", "", "", "", ""]]


@dataclass(frozen=True)
class Platform:
    """What a platform gives and takes: a student's files, its sheet, and there the columns of grades and of ids."""

    files: Callable[[Student, int], dict[str, bytes]]
    sheet: Callable[[list[Student]], list[list[str]]]
    column: str
    key: str
    encoding: str
    id_prefix: str = ""
    tells_times: bool = False


PLATFORMS = {
    "moodle": Platform(moodle_files, moodle_sheet, "Grade", "Identifier", "utf-8", "Participant ", tells_times=True),
    "canvas": Platform(canvas_files, canvas_sheet, "Only (11)", "ID", "utf-8-sig"),
}


def write_csv(path: Path, rows: list[list[str]], encoding: str) -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows(rows)
    return path


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(newline="", encoding=encoding) as file:
        return list(csv.DictReader(file))


# -- a story ----------------------------------------------------------------------------------------


@dataclass
class Story:
    """One class on one platform: what lies where, and what people at the page were told was kept.

    `kept`: what the page answered that it keeps, by the answer's number: the text and the points of the two items.
    `settled` and `commented`: the texts of such answers.
    """

    folder: Path
    platform: str
    klass: list[Student]
    kept: dict[int, tuple[str, tuple[float, float]]] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    commented: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = marked_class.make_course(self.folder / "course")
        settings = made.root / "course.yml"
        told = settings.read_text(encoding="utf-8").replace("title: Only\n", "title: Only\n    groups: true\n")
        settings.write_text(f"time_zone: {ZONE}\n{told}", encoding="utf-8")
        self.course = Course.load(made.root)
        self.course.exercise("02").rubric.write_text(marked_class.RUBRIC, encoding="utf-8")
        self.out, self.lms = self.folder / "graded", PLATFORMS[self.platform]
        rows = self.lms.sheet(self.klass)
        self.sheet = write_csv(self.folder / "exported.csv", rows, self.lms.encoding)
        self.roster = write_csv(self.folder / "roster.csv", [*self.completed(rows)], self.lms.encoding)

    def completed(self, rows: list[list[str]]) -> Iterator[list[str]]:
        """The platform's sheet as an instructor completes it: groups, and times where the platform tells none."""
        by_id = {f"{self.lms.id_prefix}{one.id}": one for one in self.klass}
        at = rows[0].index(self.lms.key)
        for row in rows:
            one = by_id.get(row[at])
            when = one.submitted.isoformat() if one and one.submitted else ""
            more = ["submitted", "group"] if row is rows[0] else [when, one.group if one else ""]
            yield [*row, *more[self.lms.tells_times :]]

    def download(self, time: int) -> Path:
        """What the platform gives at the first time, or at the second: a zip, or for Canvas the zip unpacked."""
        handed = [s for s in self.klass if s.handed_in_by is None]
        files = {n: content for s in handed for n, content in self.lms.files(s, time).items()}
        if self.platform == "moodle":
            path = self.folder / f"download{time}.zip"
            path.write_bytes(zipped(files))
            return path
        folder = self.folder / f"submissions{time}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    def run(self, command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """A command of the command line, in a process of its own."""
        start = [sys.executable, "-m", "autograder", "--course", self.course.root, command, *arguments]
        return subprocess.run([*map(str, start)], capture_output=True, text=True, timeout=120, check=False)

    def grade(self, time: int) -> subprocess.CompletedProcess[str]:
        given = ["--assignment", "only", "--roster", self.roster, "--out", self.out, "--workers", 2]
        return self.run("grade", self.download(time), *given)

    def finish(self, *options: object) -> subprocess.CompletedProcess[str]:
        return self.run("finish", self.out, "--assignment", "only", "--roster", self.roster, *options)

    def served(self, marker: str, *options: str, end: int = signal.SIGTERM) -> AbstractContextManager[str]:
        return served(self.course.root, self.out, "--marker", marker, *options, end=end)

    def marks_of(self, text: str) -> tuple[float, float]:
        """What people give for an answer that reads so, by the table."""
        works = [one.work(time) for one in self.klass for time in (0, 1)]
        return next(work.marks for work in works if work.marks and work.text == text)

    def by_hand(self, student: Student) -> float:
        """By the table, and what was settled between the two."""
        work = student.work(1)
        if work.marks is None:
            return 0.0
        return work.marks[0] + (SETTLED if work.text in self.settled else work.marks[1])

    def final(self, student: Student) -> float:
        """The rule of course.yml: a tenth of what was earned for each day begun, and all of it after five."""
        earned = student.work(1).by_checks + Fraction(self.by_hand(student))
        return float(earned * (0 if student.days > 5 else 1 - Fraction(student.days, 10)))


#: What the second marker gives for the mechanism where the first gave 0.75, and what they settle on.
OTHERWISE, SETTLED = 2.25, 1.5
COMMENT = "Gut, größtenteils & <i>klar</i>."
WORDS, MECHANISM = (0, 0.5, 1), (0, 0.75, 1.5, 2.25, 3)


def keys_for(marks: tuple[float, float]) -> tuple[str, str]:
    return "1" * (1 + WORDS.index(marks[0])), "2" * (1 + MECHANISM.index(marks[1]))


def number_of(page: Page) -> int | None:
    """Which answer is shown, if one is."""
    found = re.search(r"/double/(\d+)$", page.url)
    return int(found[1]) if found else None


def mark_one(story: Story, page: Page, comment: str = "") -> None:
    """Mark the answer that is shown, by keys, as the table has it; note that the page kept it."""
    number, text = number_of(page), page.inner_text("p.answer")
    marks = story.marks_of(text)
    if comment:
        page.keyboard.press("c")
        page.keyboard.insert_text(comment)
        page.keyboard.press("Escape")
        story.commented.append(text)
    keep_by_keys(page, *keys_for(marks))
    assert page.locator("[role=alert]").count() == 0, page.inner_text("body")
    assert number is not None
    story.kept[number] = (text, marks)


def mark_all(story: Story, page: Page) -> None:
    """Until nothing waits."""
    for _ in story.klass:
        if number_of(page) is not None:
            mark_one(story, page)
    assert number_of(page) is None, "the same ones come again"


def mark_second(story: Story, page: Page) -> list[str]:
    """All that waits for a second mark, more for the mechanism where the first gave little. The texts."""
    texts: list[str] = []
    while number_of(page) is not None:
        texts.append(page.inner_text("p.answer"))
        assert len(texts) <= len(story.klass), "the same ones come again"
        words, mechanism = story.marks_of(texts[-1])
        keep_by_keys(page, *keys_for((words, OTHERWISE if mechanism == 0.75 else mechanism)))
    return texts


def settle_all(story: Story, page: Page) -> None:
    """Every answer on which the two differ gets the points between."""
    with page.expect_navigation():
        page.click("a[href='/double/settle']")
    for _ in story.klass:
        if (number := number_of(page)) is not None:
            text = page.inner_text("p.answer")
            assert f"{sum(story.marks_of(text)):g} by the first" in page.inner_text("main")
            page.locator(f"input[name=item1][value='{SETTLED}']").check()
            with page.expect_navigation():
                page.click("text=Keep, and the next one")
            story.kept[number] = (text, (story.marks_of(text)[0], SETTLED))
            story.settled.add(text)


def require_kept(story: Story, page: Page) -> int:
    """All that the page said that it keeps is there, by the list of answers. How many are marked."""
    page.goto(f"{page.url.split('/double')[0]}/double")
    cells = [row.locator("th, td").all_inner_texts() for row in page.locator("tbody tr").all()]
    there = {int(cell.split()[-1]): mark for cell, mark, *_ in cells}
    assert {number: there[number] for number in story.kept} == {n: f"{sum(m):g}" for n, (_, m) in story.kept.items()}
    return sum(mark != "–" for mark in there.values())


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Browser]:
    with browser.Browser() as opened:
        yield opened


@pytest.fixture(params=PLATFORMS)
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Story:
    return Story(tmp_path, request.param, students())


def test_thirty_students_from_a_download_to_the_sheet_that_goes_back(story: Story, chromium: browser.Browser) -> None:
    """Graded, marked by two at a time, killed, handed in anew, agreed upon, settled, finished, and read back."""
    done = story.grade(0)
    assert done.returncode == 0, done.stderr
    rows = read_csv(story.out / "grades.csv")
    assert sorted(row["student"] for row in rows) == sorted([one.called for one in story.klass] * 2)

    context = chromium.page.context.browser
    assert context is not None
    grace, alan = (context.new_context().new_page() for _ in range(2))
    with story.served("Alan") as alans:
        come_in(alan, alans, "Twice")
        with story.served("Grace", end=signal.SIGKILL) as graces:
            come_in(grace, graces, "Twice")
            for _ in range(5):
                mark_one(story, grace)
                mark_one(story, alan, COMMENT)
            press(grace, *keys_for(story.marks_of(grace.inner_text("p.answer"))))
            grace.keyboard.press("Control+Enter")  # and dead before it can answer, or just after
        mark_one(story, alan)  # who notices nothing
        assert require_kept(story, alan) in (11, 12), "what was sent as it died may be there or not"

        assert story.finish().returncode == 1, "most of them wait"
        with alan.expect_navigation():
            alan.click("text=Mark the next one")
        assert any("no. 10: " in text for text, _ in story.kept.values()), "who hands in again was marked before"
        again = story.grade(1)
        assert again.returncode == 0, again.stderr
        with story.served("Grace") as graces:
            come_in(grace, graces, "Twice")
            mark_one(story, alan)  # it was shown before the class was graded again
            mark_all(story, grace)
            assert require_kept(story, grace) == sum(one.work(1).marks is not None for one in story.klass)

    with story.served("Alan", "--second", "40%") as alans:
        come_in(alan, alans, "Twice")
        twice = mark_second(story, alan)
    assert len(twice) > 5
    with story.served("Grace") as graces:
        grace.goto(graces)
        agreed = grace.locator("section:nth-of-type(2) td").all_inner_texts()
        settle_all(story, grace)
        require_kept(story, grace)
    assert agreed[:2] == [str(len(twice)), str(len(twice) - len(story.settled))]
    assert story.settled == {text for text in twice if story.marks_of(text)[1] == 0.75} != set()

    done = story.finish(f"--{story.platform}", story.sheet)
    assert done.returncode == 0, done.stderr
    require_one_number(story)
    require_marks(story)
    require_sheet(story)
    if story.platform == "moodle":
        require_feedback_zip(story)


# -- what must have come of it ----------------------------------------------------------------------


def page_of(story: Story, student: Student) -> str:
    (folder,) = [path for path in (story.out / "students").iterdir() if path.name.startswith(student.called)]
    return (folder / "feedback.html").read_text(encoding="utf-8")


def told_final(page: str) -> float:
    """The final mark that a feedback page tells."""
    (told,) = re.findall(r"Final mark: ([\d.]+) of 10 points", page)
    return float(told)


def require_one_number(story: Story) -> None:
    """Every student of the roster once, with the points of the rules, and one final mark in every file."""
    expected = {one.called: story.final(one) for one in story.klass}
    by_checks = dict.fromkeys(expected, 0.0)
    for row in read_csv(story.out / "grades.csv"):
        by_checks[row["student"]] += float(row["points"])
    assert by_checks == {one.called: one.work(1).by_checks for one in story.klass}
    for name, column in (("final.csv", "final"), ("totals.csv", "final"), ("late.csv", "score")):
        rows = read_csv(story.out / name)
        assert len(rows) == len(story.klass)
        assert {row["student"]: float(row[column]) for row in rows} == pytest.approx(expected), name
    for row in read_csv(story.out / "final.csv"):
        parts = [float(row[column]) for column in ("by_checks", "by_hand", "late_penalty", "final")]
        assert parts[0] + parts[1] - parts[2] == pytest.approx(parts[3])
        assert (row["out_of"], row["waits_for"]) == ("10", "")
    commented: Counter[str] = Counter()
    for one in story.klass:
        page = page_of(story, one)
        results = story.out / "students" / one.called / "results.json"
        assert told_final(page) == pytest.approx(expected[one.called], abs=1e-4)
        assert json.loads(results.read_text(encoding="utf-8"))["score"] == pytest.approx(expected[one.called])
        commented[one.work(1).text] += html.escape(COMMENT) in page
    there = {one.work(1).text for one in story.klass}
    assert +commented == Counter(text for text in story.commented if text in there)


def require_marks(story: Story) -> None:
    """marks.csv has each mark, and is taken back as what is there already."""
    rows = {row["student"]: row for row in read_csv(story.out / "marks.csv")}
    marked = [one for one in story.klass if one.work(1).marks is not None]
    assert {name: float(row["points"]) for name, row in rows.items()} == {o.called: story.by_hand(o) for o in marked}
    assert {row["marker"] for row in rows.values()} == {"Grace", "Alan"}
    done = story.run("marks", story.out, story.out / "marks.csv")
    assert (done.returncode, done.stdout.split(";")[0]) == (0, f"0 marks taken, {len(marked)} as before")


def require_sheet(story: Story) -> None:
    """The platform's own sheet comes back with each mark in its column, and all else as it was; we read it too."""
    filled, lms = story.out / f"upload-{story.platform}.csv", story.lms
    before, after = (read_csv(path, lms.encoding) for path in (story.sheet, filled))
    finals = {f"{lms.id_prefix}{one.id}": story.final(one) for one in story.klass}
    assert len(before) == len(after)
    for was, now in zip(before, after, strict=True):
        mark = finals.get(was[lms.key])
        assert now | {lms.column: ""} == was | {lms.column: ""}
        assert now[lms.column] == was[lms.column] if mark is None else float(now[lms.column]) == pytest.approx(mark)
    assert read_roster(filled) == read_roster(story.sheet)
    assert (
        open_target(story.platform, filled, ["Only"]).column
        == open_target(story.platform, story.sheet, ["Only"]).column
    )


def require_feedback_zip(story: Story) -> None:
    """Folders as in Moodle's download, which it reads so: five parts between `_`, the second the participant's."""
    by_id = {one.id: one for one in story.klass}
    with zipfile.ZipFile(story.out / "moodle-feedback.zip") as packed:
        parts = {name: name.split("_", 4) for name in packed.namelist()}
        assert sorted(by_id) == sorted(part[1] for part in parts.values())
        for name, (_, number, *kind, file) in parts.items():
            assert (kind, file) == (["assignsubmission", "file"], "/feedback.html")
            assert name == f"{moodle_folder(by_id[number])}/feedback.html"
            assert told_final(packed.read(name).decode()) == pytest.approx(story.final(by_id[number]), abs=1e-4)
