"""The class report: its numbers, its files, and a class graded and reported through the command line."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import sample_class

from autograder.cli import main
from autograder.course import Course
from autograder.reports.classreport import build, correlation, render, write_report
from autograder.results import CheckResult, Diagnosis, ExerciseResult, Outcome

EVIL = "<script>alert(1)</script>\x1b[31m=cmd\u202e"


def result(exercise: str, *passed: bool, **changes: object) -> ExerciseResult:
    checks = tuple(
        CheckResult(
            f"test_{i}", f"Law {i}.", i == 0, Outcome.PASSED if ok else Outcome.FAILED, float(ok), 1.0, cpu_seconds=i
        )
        for i, ok in enumerate(passed)
    )
    outcome = Outcome.PASSED if all(passed) else Outcome.PARTIAL if any(passed) else Outcome.FAILED
    made = ExerciseResult(exercise, outcome, float(sum(passed)), float(len(passed)), checks=checks)
    return replace(made, **changes)  # type: ignore[arg-type]


CLASS = {
    "ada": [result("01_a", True, True, False)],
    "bob": [result("01_a", True, True, False)],
    "cem": [result("01_a", True, False, False, diagnoses=(Diagnosis("m", "beta for alpha", ""),))],
    EVIL: [result("01_a", True, False, False, diagnoses=(Diagnosis("m", "beta for alpha", ""),), flags=(EVIL,))],
    "eve": [ExerciseResult("01_a", Outcome.MISSING, 0.0, 3.0)],
    "fay": [ExerciseResult("01_a", Outcome.ERROR, None, 3.0, 2.0, message="broken zip")],
}


def test_rates_and_notes_are_of_those_who_tried() -> None:
    first, second, third = build(CLASS).checks
    assert [(row.tried, row.passed) for row in (first, second, third)] == [(4, 4), (4, 2), (4, 0)]
    assert [row.note for row in (first, second, third)] == ["everybody passes", "", "nobody passes"]
    assert first.discrimination is None
    assert (second.cpu_median, second.cpu_max) == (1, 1)


def test_discrimination_is_a_correlation_with_the_rest_of_the_points() -> None:
    rows = {
        "strong": [result("01_a", True, True, True, False)],
        "middle": [result("01_a", True, True, False, False)],
        "weak": [result("01_a", True, False, False, True)],
    }
    found = {row.check: row for row in build(rows).checks}
    assert found["test_0"].discrimination is None
    assert found["test_1"].discrimination == correlation([1, 1, 0], [2, 1, 2]) == -0.5
    assert found["test_2"].discrimination == correlation([1, 0, 0], [2, 2, 2]) is None
    assert found["test_3"].discrimination == correlation([0, 0, 1], [3, 2, 1]) == -0.866
    assert found["test_3"].note == "the weaker pass it"


def test_misconceptions_are_ranked_and_a_person_finds_what_needs_one() -> None:
    report = build({**CLASS, "gus": [result("02_b", False, diagnoses=(Diagnosis("x", "other", ""),))]})
    assert [(belief.misconception, belief.count) for belief in report.beliefs] == [("beta for alpha", 2), ("other", 1)]
    assert report.beliefs[0].students == ("cem", EVIL)
    assert report.pending == [("fay", "01_a", 2.0)]
    assert report.ungraded == [("fay", "01_a: broken zip")]
    assert report.hostile == [(EVIL, "01_a", EVIL)]


def test_an_error_is_no_0_in_the_distribution() -> None:
    report = build(CLASS)
    assert sorted(report.scored) == [0.0, 1.0, 1.0, 2.0, 2.0]
    assert sum(count for _, count in report.bins()) == 5
    assert build({"ada": [result("01_a", True)]}).bins()[-1] == ("0.9 – 1", 1)


def test_hostile_text_is_text_on_the_page_and_in_the_files(tmp_path: Path) -> None:
    page = render(build(CLASS))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    write_report(
        tmp_path, {**CLASS, "=1+1": [result("01_a", True, diagnoses=(Diagnosis("m", "=2+2", ""),))]}, "A class"
    )
    with (tmp_path / "misconceptions.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["misconception"] for row in rows] == ["beta for alpha", "'=2+2"]
    assert rows[1]["students"] == "'=1+1"
    assert "\x1b" not in (tmp_path / "misconceptions.csv").read_text(encoding="utf-8-sig")


def test_hundreds_that_wait_are_a_link_and_long_lists_are_folded(tmp_path: Path) -> None:
    told = Diagnosis("m", "beta for alpha", "")
    waits = {f"s{i:03}": [result("22_e", False, pending=3.0, diagnoses=(told,), flags=("odd",))] for i in range(300)}
    waits |= {f"t{i:03}": [result("23_f", True, pending=3.0)] for i in range(100)}
    page = render(build(waits))
    assert "400 answers wait" in page
    assert "<li>22_e: 300</li>" in page
    assert "s123: 22_e, 3 points" not in page
    assert "<summary>and 288 more</summary>" in page
    assert "<summary>and 280 more</summary>" in page
    (tmp_path / "pending.csv").write_text("", encoding="utf-8")
    write_report(tmp_path, waits, "A class")
    assert '<a href="pending.csv">400 answers wait</a>' in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "s000: 22_e, 3 points" in render(build({"s000": waits["s000"]}))


def test_an_empty_class_has_a_page(tmp_path: Path) -> None:
    assert "0 students" in render(build({}))
    write_report(tmp_path, {}, "Nobody")
    assert (tmp_path / "checks.csv").read_text(encoding="utf-8-sig").startswith("exercise,check,law")


def test_a_graded_class_is_reported_through_the_command_line(
    tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = sample_class.references(course), sample_class.with_mutants(course, noisy_sample="no_sqrt")
    for name, modules in (("ada", good), ("fatima", bad), ("goro", bad)):
        (tmp_path / "in" / name).mkdir(parents=True)
        for slug, source in modules.items():
            (tmp_path / "in" / name / f"{slug}.py").write_bytes(source)
    (tmp_path / "in" / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    out = tmp_path / "out"
    here = ["--course", str(course.root)]
    assert main([*here, "report", str(tmp_path)]) == 2
    code = main([*here, "grade", str(tmp_path / "in"), "--assignment", "dirty-it", "--workers", "1", "--out", str(out)])
    assert code == 1
    assert main([*here, "report", str(out)]) == 0
    assert "4 students, 46 checks, 1 misconceptions" in capsys.readouterr().out
    with (out / "checks.csv").open(newline="", encoding="utf-8-sig") as file:
        checks = {(row["exercise"], row["check"]): row for row in csv.DictReader(file)}
    signal = checks["05_noisy_sample", "test_signal_is_scaled"]
    assert (signal["tried"], signal["passed"]) == ("3", "1")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "fatima, goro" in page
    assert f"<h1>{course.assignment('dirty-it').title}, {course.title}: class report</h1>" in page
    assert "broken: 05_noisy_sample" in page
