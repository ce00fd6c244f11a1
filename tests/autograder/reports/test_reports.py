"""Reports: each is parsed back, and no text of a student's can do anything in any of them."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from autograder.errors import CourseError, GraderError
from autograder.files import write_file
from autograder.reports.film import Film
from autograder.reports.gradescope import results, write_results
from autograder.reports.html import drawn, feedback, write_feedback
from autograder.reports.junit import junit, write_junit
from autograder.reports.table import Row, csv_text, read_grades, rows, write_flags, write_grades
from autograder.reports.terminal import print_class, print_report
from autograder.reports.text import details, number, one_line, plain, summary
from autograder.results import ByHand, CheckResult, Counterexample, Diagnosis, ExerciseResult, Final, Outcome, Report
from autograder.versions import known_pythons, versions

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
PRIVATE = "the reference says 0.9"

# Everything that a terminal, a browser or an XML parser could act upon.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def check(outcome: Outcome, **changes: object) -> CheckResult:
    full = outcome is Outcome.PASSED
    result = CheckResult(
        name="test_noise_is_scaled",
        law="With x0 = 0, x_t is sqrt(1 - alpha_bar_t) times eps.",
        public=False,
        outcome=outcome,
        points=2.0 if full else 0.0,
        max_points=2.0,
        message="" if full else "x_t is 0.36",
        hint="Did you take the square root?",
        counterexample=None if full else Counterexample("add_noise(x0=0.0, t=9, eps=1.0)", "0.36"),
        private=PRIVATE,
        cpu_seconds=0.25,
    )
    return dataclasses.replace(result, **changes)  # type: ignore[arg-type]


PASSED = ExerciseResult("decay", Outcome.PASSED, 2.0, 2.0, checks=(check(Outcome.PASSED, public=True),))
PARTIAL = ExerciseResult(
    "noisy_sample",
    Outcome.PARTIAL,
    2.0,
    8.0,
    checks=(
        check(Outcome.PASSED, public=True, law="Level 0 keeps most of x0."),
        check(Outcome.FAILED),
        check(Outcome.TIMEOUT, message="used more than 5 s", counterexample=None),
        check(Outcome.SKIPPED, message="not run: test_noise_is_scaled did not pass", counterexample=None),
    ),
    diagnoses=(Diagnosis("variance_as_std", "the variance stands where the std belongs", "Take the root."),),
    flags=("imports os",),
    written="my essay",
)
MISSING = ExerciseResult("eps_loss", Outcome.MISSING, 0.0, 6.0, message="not submitted")
PENDING = ExerciseResult("explain", Outcome.PASSED, 7.0, 7.0, pending=3.0, checks=(check(Outcome.PASSED),))
ERROR = ExerciseResult("11_reverse_step", Outcome.ERROR, None, 5.0, message="the runner did not start")

REPORT = Report("zoe", "strict", (PASSED, PARTIAL, MISSING, PENDING), versions={"numpy": "2.9"})
SO_FAR = "11 of 26 points so far (11 of 23 by checks); up to 3 more are still to come from the person who marks"
COMMENT = "</p><script>alert(1)</script> Say why."
MARKED = dataclasses.replace(
    REPORT,
    exercises=(PASSED, dataclasses.replace(PENDING, pending=0.0)),
    by_hand={"explain": ByHand(3.0, 2.5, COMMENT, earlier=1.0)},
)
FAULTY = Report("zoe", "strict", (PASSED, ERROR))


def terminal(report: Report, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=False)
    print_report(report, console)
    print_class(rows(report), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def written(report: Report, folder: Path) -> list[str]:
    """Every report's content, as it lies on disk or appears on screen."""
    write_grades(folder / "grades.csv", rows(report))
    write_feedback(folder / "feedback.html", report)
    write_junit(folder / "junit.xml", report)
    write_results(folder / "results.json", report)
    names = ("grades.csv", "feedback.html", "junit.xml", "results.json")
    return [(folder / name).read_bytes().decode() for name in names] + [terminal(report)]


# --- text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Ja\x07b\x00c\x7f", "abc"),
        ("user\u202egnp.exe\u2066", "usergnp.exe"),
        ("a\r\nb\rc\u2028d\te", "a\nb\nc\nd\te"),
        ("\udcff", "\N{REPLACEMENT CHARACTER}"),
        ("σ² = 1 − ᾱₜ, 李, \N{FIRE}", "σ² = 1 − ᾱₜ, 李, \N{FIRE}"),
    ],
)
def test_control_characters_are_taken_out_and_letters_stay(text: str, shown: str) -> None:
    assert plain(text) == shown


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=[])), st.integers(1, 50))
def test_no_text_keeps_a_control_character_or_exceeds_its_limit(text: str, limit: int) -> None:
    for shown in (plain(text, limit), one_line(text, limit)):
        assert len(shown) <= limit
        assert not FORBIDDEN.search(shown)
    assert not set("\n\t") & set(one_line(text, limit))


def test_what_was_cut_off_is_marked() -> None:
    assert plain("a" * 10, 5) == "aaaa…"
    assert plain("\x00" * 100 + "secret", 5) == "…"


@pytest.mark.parametrize(("value", "text"), [(2.0, "2"), (0.25, "0.25"), (1 / 3, "0.3333"), (-0.0, "0"), (100, "100")])
def test_points_are_written_without_needless_zeros(value: float, text: str) -> None:
    assert number(value) == text


def test_the_summary_tells_what_is_pending_and_what_was_not_graded() -> None:
    assert summary(REPORT) == SO_FAR
    assert summary(Report("zoe", "strict", (PASSED,))) == "2 of 2 points by checks"
    assert summary(FAULTY).endswith("; not graded yet: 11_reverse_step")
    unread = Report("zoe", "strict", (ERROR,))
    assert summary(unread) == "Nothing could be graded yet, of 5 points by checks"


# --- every report -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("got", "message", "shown"),
    [
        ("0.36", "x_t is 0.36", []),
        ("0.36", "x_t is 0.36; expected 0.6", [("Want", "0.6")]),
        ("''", "TARGET is '', expected one of three words", [("Want", "one of three words")]),
        ("0.36", "x_t is 0.36; the variance should be 1", [("Why", "the variance should be 1")]),
        ("0.36", "x_t is 0.364", [("Why", "x_t is 0.364")]),
        ("0.36", "x_t has shape (2,), expected (3,)", [("Why", "x_t has shape (2,), expected (3,)")]),
        ("raised E: m", "raised E: m", []),
        ("raised E: m", 'raised E: m\n  File "a.py"\n    f()\n    ^', [("At", 'File "a.py"\n  f()\n  ^')]),
    ],
)
def test_a_message_does_not_repeat_what_came_back(got: str, message: str, shown: list[tuple[str, str]]) -> None:
    found = details(check(Outcome.FAILED, message=message, counterexample=Counterexample("f()", got)))
    assert found == [("Call", "f()"), ("Got", got), *shown, ("Hint", "Did you take the square root?")]


def test_a_hint_is_for_an_answer_not_for_the_lack_of_one() -> None:
    for outcome, message in ((Outcome.FAILED, "f is not written yet"), (Outcome.TIMEOUT, "no answer in 5 s")):
        assert details(check(outcome, message=message, counterexample=None)) == [("Why", message)]
    assert details(check(Outcome.FAILED, message=""), said="")[-1][0] == "Hint"
    assert details(check(Outcome.PASSED)) == []


def test_no_report_shows_what_is_for_the_instructor_only(tmp_path: Path) -> None:
    for content in written(REPORT, tmp_path):
        assert PRIVATE not in content
        assert "imports os" not in content
        assert "variance_as_std" not in content


def test_a_failed_check_tells_law_counterexample_diagnosis_and_hint(tmp_path: Path) -> None:
    for content in written(REPORT, tmp_path)[1:]:
        shown = Page(content).text if content.startswith("<!doctype") else content
        for part in ("With x0 = 0", "add_noise(x0=0.0, t=9, eps=1.0)", "0.36", "Did you take the square root?"):
            assert part in shown
    for content in (feedback(REPORT), terminal(REPORT, 200), json.dumps(results(REPORT))):
        assert "the variance stands where the std belongs" in content
        assert "Take the root." in content


HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=30),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "]]></failure><x/>",
            "{{ 7*7 }}{% raw %}",
            "[bold red]x[/bold red]",
            "[/]",
            "\x1b]0;title\x07\x1b[2J",
            "=cmd|' /C calc'!A0",
            "&lt;b&gt;",
            'a\r\n\r\nb,"c"',
        ]
    ),
)


@st.composite
def hostile_reports(draw: st.DrawFn) -> Report:
    checks = tuple(
        CheckResult(
            name=draw(HOSTILE),
            law=draw(HOSTILE),
            public=draw(st.booleans()),
            outcome=outcome,
            points=0.0,
            max_points=1.0,
            message=draw(HOSTILE),
            hint=draw(HOSTILE),
            counterexample=Counterexample(draw(HOSTILE), draw(HOSTILE)),
        )
        for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.TIMEOUT, Outcome.SKIPPED)
    )
    diagnoses = (Diagnosis(draw(HOSTILE), draw(HOSTILE), draw(HOSTILE)),)
    exercise = ExerciseResult(
        draw(HOSTILE), Outcome.PARTIAL, 1.0, 4.0, checks=checks, diagnoses=diagnoses, message=draw(HOSTILE)
    )
    return Report(draw(HOSTILE), draw(HOSTILE), (exercise, MISSING), problems=(draw(HOSTILE),))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(report=hostile_reports())
def test_no_text_in_any_field_gets_out_of_its_place(tmp_path_factory: pytest.TempPathFactory, report: Report) -> None:
    folder = tmp_path_factory.getbasetemp() / "hostile"
    table, page, xml, gradescope, screen = written(report, folder)
    assert_page_has_only_our_elements(page)
    for content in (page, xml, gradescope, screen):
        assert not FORBIDDEN.search(content)
    assert not FORBIDDEN.search(table.replace("\r\n", "\n"))
    assert [element.tag for element in ET.fromstring(xml)] == ["testsuite", "testsuite"]
    for text in strings(json.loads(gradescope)):
        assert not FORBIDDEN.search(text)
    assert read_grades(folder / "grades.csv") == rows(report)


def assert_page_has_only_our_elements(page: str) -> None:
    ours = Page(feedback(dataclasses.replace(REPORT, exercises=(PARTIAL,)))).tags
    known = {tag for tag, _ in ours} | {"ul", "li"}
    attributes = {name for _, attrs in ours for name in attrs} | {"tabindex"}
    for tag, attrs in Page(page).tags:
        assert tag in known
        assert set(attrs) <= attributes


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.items() for part in item for text in strings(part)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def test_what_concerns_the_whole_exercise_or_submission_is_said_once() -> None:
    broken = "noisy_sample.py does not load: SyntaxError in line 3"
    checks = tuple(check(Outcome.FAILED, message=broken, counterexample=None) for _ in range(3))
    exercises = [ExerciseResult("noisy_sample", Outcome.FAILED, 0.0, 6.0, checks=checks, message=broken)]
    exercises += [dataclasses.replace(ERROR, message="zoe.zip: not a readable zip")] * 2
    report = Report("zoe", "strict", tuple(exercises), problems=("zoe.zip: not a readable zip",))
    for shown in (Page(feedback(report)).text, terminal(report, 200).partition("1 student")[0]):
        assert shown.count(broken) == 1
        assert shown.count("not a readable zip") == 1


# --- grades.csv -------------------------------------------------------------------------------------------


def test_grades_have_a_row_an_exercise_and_the_contracts_columns(tmp_path: Path) -> None:
    write_grades(tmp_path / "grades.csv", rows(REPORT) + rows(FAULTY))
    data = (tmp_path / "grades.csv").read_bytes()
    table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert table == [
        ["student", "exercise", "outcome", "points", "max_points", "pending", "diagnosis"],
        ["zoe", "decay", "passed", "2", "2", "0", ""],
        ["zoe", "noisy_sample", "partial", "2", "8", "0", "the variance stands where the std belongs"],
        ["zoe", "eps_loss", "missing", "0", "6", "0", "not submitted"],
        ["zoe", "explain", "passed", "7", "7", "3", ""],
        ["zoe", "decay", "passed", "2", "2", "0", ""],
        ["zoe", "reverse_step", "error", "", "5", "0", "the runner did not start"],
    ]
    assert data.startswith(b"\xef\xbb\xbfstudent"), "Excel takes it for UTF-8"
    assert data.count(b"\r\n") == data.count(b"\n") == 7


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "'=x", "＝x", '=HYPERLINK("http://x")'])
def test_no_name_is_a_formula_and_every_name_comes_back(tmp_path: Path, name: str) -> None:
    row = Row(name, "decay", Outcome.PASSED, 2.0, 2.0, 0.0, name)
    write_grades(tmp_path / "grades.csv", [row])
    text = (tmp_path / "grades.csv").read_bytes().decode()
    cells = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert cells[0] == cells[-1] == f"'{name}"
    assert read_grades(tmp_path / "grades.csv") == [row]


#: What stands between cells where a spreadsheet reads our commas, or where it does not.
SEPARATORS = (",", ";", "\t")
FORMULAS = st.text(st.sampled_from("=+-@＝;,\t\r\n\"' a1"), max_size=12)


@given(FORMULAS, FORMULAS)
def test_no_separator_makes_a_formula_of_a_part_of_a_cell(one: str, other: str) -> None:
    text = csv_text(["student", "text"], [[one, other], [f"zoe;{one}", f"2,{other}"]])
    for separator in SEPARATORS:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert not [cell for cell in row if cell.strip().startswith(tuple("=+-@＝"))]


@given(FORMULAS, FORMULAS)
def test_text_with_formulas_inside_comes_back(tmp_path_factory: pytest.TempPathFactory, one: str, other: str) -> None:
    row = Row(one, "decay", Outcome.PASSED, 2.0, 2.0, 0.0, f"{other};={one}")
    path = tmp_path_factory.getbasetemp() / "grades.csv"
    write_grades(path, [row])
    assert read_grades(path) == [row]


@pytest.mark.parametrize("tried", ["x;=cmd|' /C calc'!A0", 'x;"=1+1"', "x\t@SUM(1)", "x\n-2+3", "x; \r\n ＝1"])
def test_a_formula_within_a_cell_is_text_in_every_csv(tmp_path: Path, tried: str) -> None:
    found = dataclasses.replace(REPORT.exercises[0], flags=(tried,), message=tried, written=tried)
    write_flags(tmp_path / "flags.csv", [dataclasses.replace(REPORT, student=tried, exercises=(found,))])
    text = (tmp_path / "flags.csv").read_text(encoding="utf-8-sig")
    for separator in SEPARATORS:
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
        assert not [cell for cell in cells if cell.strip().startswith(tuple("=+-@＝"))]


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "student,exercise,outcome,points,max_points,pending,diagnosis\na\n"]
)
def test_another_csv_is_not_taken_for_grades(tmp_path: Path, text: str) -> None:
    (tmp_path / "grades.csv").write_text(text)
    if text:
        with pytest.raises(CourseError, match=r"not a grades\.csv of this grader"):
            read_grades(tmp_path / "grades.csv")
    with pytest.raises(CourseError, match="cannot be read"):
        read_grades(tmp_path / "none.csv")


# --- Gradescope -------------------------------------------------------------------------------------------


def test_results_are_in_gradescopes_format(tmp_path: Path) -> None:
    write_results(tmp_path / "results.json", REPORT)
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert found["score"] == 11.0
    assert found["output"] == f"{SO_FAR}."
    assert found["visibility"] == "visible"
    assert found["stdout_visibility"] == "hidden"
    assert len(found["tests"]) == 7
    for test in found["tests"]:
        assert test["status"] in ("passed", "failed")
        assert test["output_format"] == test["name_format"] == "text"
        assert 0 <= test["score"] <= test["max_score"]
        assert (test["status"] == "passed") == (test["score"] == test["max_score"])
    assert sum(test["score"] for test in found["tests"][:5]) == 4.0


def test_hidden_checks_are_shown_when_the_instructor_publishes_them() -> None:
    assert [test["visibility"] for test in results(REPORT)["tests"]] == [
        "visible",
        "visible",
        *["after_published"] * 3,
        "visible",
        "after_published",
    ]
    assert results(REPORT, "after_due_date")["tests"][2]["visibility"] == "after_due_date"


def test_a_report_in_error_yields_no_results_and_leaves_no_old_ones(tmp_path: Path) -> None:
    write_results(tmp_path / "results.json", REPORT)
    with pytest.raises(GraderError, match=r"zoe: no results\.json, the grader failed in 11_reverse_step"):
        write_results(tmp_path / "results.json", FAULTY)
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_submitted_says_so() -> None:
    (test,) = results(Report("zoe", "strict", (MISSING,)))["tests"]
    assert (test["score"], test["max_score"], test["output"]) == (0.0, 6.0, "not submitted")


# --- JUnit ------------------------------------------------------------------------------------------------


def test_junit_counts_failures_errors_and_skips() -> None:
    suites = {suite.get("name"): suite for suite in ET.fromstring(junit(REPORT))}
    partial = suites["noisy_sample"]
    counts = [partial.get(key) for key in ("tests", "failures", "errors", "skipped")]
    assert counts == ["4", "2", "0", "1"]
    assert [failure.get("type") for failure in partial.iter("failure")] == ["failed", "timeout"]
    assert suites["decay"].findtext("testcase/failure") is None
    assert suites["eps_loss"].get("failures") == "1"
    assert ET.fromstring(junit(FAULTY))[1].get("errors") == "1"


# --- terminal ---------------------------------------------------------------------------------------------


def test_the_terminal_report_fits_a_narrow_window() -> None:
    assert max(map(len, terminal(REPORT, 40).splitlines())) <= 40


def test_the_class_table_fits_80_columns_with_whole_headings_and_the_longest_names() -> None:
    names = ["quynh_who_cannot_read_utf8_and_has_a_long_name", "zoe"]
    everyone = [dataclasses.replace(report, student=name) for name, report in zip(names, (REPORT, FAULTY), strict=True)]
    console = Console(file=io.StringIO(), width=80, color_system=None, force_terminal=False)
    print_class([row for report in everyone for row in rows(report)], console)
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    heading = next(line for line in lines if line.startswith("student"))
    shown = ["student", "points", "of", "pending", "passed", "in part", "missing", "error"]  # nobody failed
    assert re.split(" {2,}", heading.strip()) == shown
    assert "…" in next(line for line in lines if line.startswith("quynh"))


def test_the_class_table_marks_points_that_are_a_lower_bound() -> None:
    shown = terminal(FAULTY)
    assert "≥ 2" in shown
    assert "– of 5 points, not graded" in shown


# --- feedback.html ----------------------------------------------------------------------------------------


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    page = Page(feedback(REPORT, pictures={"decay": PNG}))
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe", "object", "form", "base")]
    for _, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")]
        assert all((attrs.get(name) or "#").startswith(("#", "data:image/png;base64,")) for name in ("href", "src"))
    policies = [attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert "url(" not in feedback(REPORT)


def test_headings_are_in_order_and_tables_have_headers() -> None:
    page = Page(feedback(REPORT, pictures={"noisy_sample": PNG}))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.tags if tag == "th")
    assert [attrs["alt"] for tag, attrs in page.tags if tag == "img"] == ["What your code for noisy_sample draws"]
    assert page.tags[0] == ("html", {"lang": "en"})


def test_every_link_and_label_of_the_page_has_its_target() -> None:
    page = Page(feedback(REPORT))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all((attrs["href"] or "")[1:] in ids for tag, attrs in page.tags if tag == "a")
    assert all(attrs["aria-labelledby"] in ids for tag, attrs in page.tags if tag == "section")


def test_the_page_tells_score_titles_problems_and_the_graders_fault() -> None:
    report = dataclasses.replace(FAULTY, problems=("work.zip: not opened.",))
    text = Page(feedback(report, {"11_reverse_step": "One denoising step"})).text
    assert "2 of 7 points by checks; not graded yet: One denoising step." in text
    assert "work.zip: not opened." in text
    assert "It is not a 0: a human looks at it" in text


def test_a_page_with_points_still_to_come_shows_no_full_bar() -> None:
    """Nine points of ten by checks, all of them earned, and one to come: that is no “9 of 9”."""
    result = ExerciseResult("explain", Outcome.PASSED, 9.0, 9.0, pending=1.0)
    page = feedback(Report("zoe", "strict", (result,), by_hand={"explain": ByHand(1.0, None)}))
    assert "9 of 10 points so far (9 of 9 by checks); up to 1 more are still to come" in page
    assert 'style="width: 90.0%"' in page
    assert "– of 1" in Page(page).text


def test_a_mark_by_hand_is_shown_with_its_comment_as_text() -> None:
    page = feedback(MARKED)
    text = Page(page).text
    assert "11.5 of 12 points so far (9 of 9 by checks, 2.5 of 3 by hand)." in text
    assert 'style="width: 95.8%"' in page
    assert COMMENT in text
    assert "<script>" not in page
    assert_page_has_only_our_elements(page)
    final = feedback(dataclasses.replace(MARKED, final=Final(10.35, 1.15)))
    assert "Final mark: 10.35 of 12 points (9 of 9 by checks, 2.5 of 3 by hand, 1.15 lost by lateness)." in final
    assert 'style="width: 86.2%"' in final


def test_a_mark_by_hand_is_in_gradescopes_file() -> None:
    found = results(dataclasses.replace(MARKED, final=Final(10.35, 1.15)))
    (by_hand,) = [test for test in found["tests"] if test["name"] == "explain: by hand"]
    assert (by_hand["score"], by_hand["max_score"], by_hand["output"]) == (2.5, 3.0, COMMENT)
    assert found["score"] == 10.35
    assert results(MARKED)["score"] == 11.5


def test_what_was_drawn_is_read_back_from_the_page(tmp_path: Path) -> None:
    path, other = tmp_path / "feedback.html", PNG + b"other"
    assert drawn(path, REPORT) == ({}, {}, {})
    film = Film(('<b>"t" & co', "last"), PNG)
    given = {"decay": PNG, "explain": other}, {"decay": other}, {"explain": film}
    write_feedback(path, REPORT, {"decay": '<img src="data:image/png;base64,AAAA"'}, *given)
    assert drawn(path, REPORT) == given


def test_an_empty_report_is_a_page_too() -> None:
    assert "0 of 0 points" in Page(feedback(Report("zoe", "strict", ()))).text


@pytest.mark.parametrize("image", [b"", b"<svg onload=alert(1)>", b"GIF89a", PNG + bytes(5 << 20)])
def test_only_small_png_and_jpeg_pictures_are_put_in(image: bytes) -> None:
    with pytest.raises(ValueError, match="a picture"):
        feedback(REPORT, pictures={"decay": image})


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_has_the_contrast_that_wcag_aa_asks(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", feedback(REPORT), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--(\w+): (#\w{6})", block))
    for ground in ("page", "card", "code", "told"):
        for text in ("ink", "soft", "passed", "partial", "failed", "error", "missing", "edge"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- files ------------------------------------------------------------------------------------------------


def test_a_file_is_put_in_place_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "out" / "zoe" / "feedback.html"
    write_file(path, "old")
    write_file(path, "new\r\n")
    assert path.read_bytes() == b"new\r\n"
    assert [p.name for p in path.parent.iterdir()] == ["feedback.html"]


@pytest.mark.skipif(os.name != "posix", reason="links as on Linux")
def test_a_link_in_the_way_is_replaced_not_written_through(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / "results.json").symlink_to(other)
    write_file(tmp_path / "results.json", "{}")
    assert other.read_text() == "untouched"


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file in the way")
    for write in (lambda path: write_file(path, ""), lambda path: write_results(path, REPORT)):
        with pytest.raises(CourseError, match=r"results\.json: cannot be written: .* Choose another --out") as refused:
            write(tmp_path / "out" / "zoe" / "results.json")
        assert "\n" not in str(refused.value)


def test_a_write_that_fails_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "results.json" / "full").mkdir(parents=True)
    with pytest.raises(CourseError, match="cannot be written"):
        write_file(tmp_path / "results.json", "{}")
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


# --- for the instructor only ------------------------------------------------------------------------------


def test_every_report_records_the_level_of_lock_down() -> None:
    assert results(REPORT)["extra_data"]["lockdown"] == REPORT.level
    noted = ET.fromstring(junit(REPORT)).iter("property")
    assert {p.get("value") for p in noted if p.get("name") == "lockdown"} == {REPORT.level}
    assert f"lock-down level {REPORT.level}" in feedback(REPORT)


def test_every_report_tells_which_versions_are_not_the_tested_ones() -> None:
    tested = dataclasses.replace(REPORT, versions=versions())
    numpy = f"numpy 1.0 (tested: {versions()['numpy']})"
    python = f"python 3.99.0 (tested: {', '.join(known_pythons())})"
    other = dataclasses.replace(REPORT, versions=versions() | {"numpy": "1.0", "python": "3.99.0"})
    assert results(other)["extra_data"]["untested"] == [numpy, python]
    noted = ET.fromstring(junit(other)).iter("property")
    assert {p.get("value") for p in noted if p.get("name") == "untested"} == {numpy, python}
    assert f"not tested together: {numpy}; {python}." in feedback(other)
    assert results(tested)["extra_data"]["untested"] == []
    assert "not tested together" not in feedback(tested)


def test_what_was_tried_reaches_the_instructor_and_no_student(tmp_path: Path) -> None:
    tried = "test_law: refused: [Errno 1] Operation not permitted"
    clean = dataclasses.replace(REPORT, exercises=tuple(dataclasses.replace(e, flags=()) for e in REPORT.exercises))
    first, *others = clean.exercises
    flagged = dataclasses.replace(clean, exercises=(dataclasses.replace(first, flags=(tried, "=formula")), *others))
    assert write_flags(tmp_path / "flags.csv", [flagged, clean]) == 2
    text = (tmp_path / "flags.csv").read_text(encoding="utf-8-sig")
    assert tried in text
    assert "'=formula" in text
    assert not any(tried in page for page in (feedback(flagged), json.dumps(results(flagged))))
    assert write_flags(tmp_path / "flags.csv", [clean]) == 0
    assert not (tmp_path / "flags.csv").exists()
