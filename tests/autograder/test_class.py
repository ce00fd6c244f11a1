"""A class graded end to end through the command line: every kind of student, and what each must get."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_class

from autograder.cli import main
from autograder.course import Course

Row = dict[str, str]

FULL = {"forward_chain": "3", "decay": "4", "schedules": "4", "noisy_sample": "5"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, course: Course) -> Iterator[tuple[int, Path, list[Row]]]:
    """Exit code, output folder and rows of grades.csv of the sample class, two unreadable submissions included."""
    folder = tmp_path_factory.mktemp("class")
    sample_class.write_class(folder / "in", course, broken=True)
    roster = str(folder / "in" / "roster.csv")
    command = ["--course", str(course.root), "grade", str(folder / "in"), "--assignment", sample_class.ASSIGNMENT]
    code = main([*command, "--roster", roster, "--out", str(folder / "out")])
    with (folder / "out" / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        yield code, folder / "out", list(csv.DictReader(file))


def rows_of(rows: list[Row], student: str) -> dict[str, Row]:
    return {row["exercise"]: row for row in rows if row["student"] == student}


def test_every_student_has_a_row_an_exercise(graded: tuple[int, Path, list[Row]], course: Course) -> None:
    students = {*sample_class.sample_class(course), sample_class.NOTHING, sample_class.BROKEN_ZIP, sample_class.TWICE}
    assert {(row["student"], row["exercise"]) for row in graded[2]} == {(s, e) for s in students for e in FULL}
    assert len(graded[2]) == len(students) * len(FULL)


@pytest.mark.parametrize(
    "student", ["ada_perfect", "bela_variant", "chidi_variant", "dana_variant", "pavel_prints_100_mb"]
)
def test_correct_solutions_earn_everything(graded: tuple[int, Path, list[Row]], student: str) -> None:
    assert {slug: row["points"] for slug, row in rows_of(graded[2], student).items()} == FULL


@pytest.mark.parametrize("student", ["sami_empty_folder", "tara_untouched", sample_class.NOTHING])
def test_nothing_written_earns_nothing(graded: tuple[int, Path, list[Row]], student: str) -> None:
    rows = rows_of(graded[2], student).values()
    assert {row["points"] for row in rows} == {"0"}
    assert {row["outcome"] for row in rows} == {"failed" if student == "tara_untouched" else "missing"}


@pytest.mark.parametrize(
    ("student", "slug", "outcome"),
    [
        ("kofi_syntax_error", "noisy_sample", "failed"),
        ("lena_import_error", "decay", "failed"),
        ("mina_function_missing", "noisy_sample", "partial"),
        ("nils_hangs_in_a_call", "decay", "partial"),
        ("olga_hangs_at_import", "schedules", "failed"),
        ("quynh_not_utf8", "schedules", "failed"),
        ("rosa_empty_file", "noisy_sample", "failed"),
        ("fatima_no_sqrt", "noisy_sample", "partial"),
        ("goro_level_before", "noisy_sample", "partial"),
        ("ivan_decay", "decay", "partial"),
        ("jaya_chain", "forward_chain", "partial"),
    ],
)
def test_only_what_is_wrong_loses_points(
    graded: tuple[int, Path, list[Row]], student: str, slug: str, outcome: str
) -> None:
    rows = rows_of(graded[2], student)
    assert rows[slug]["outcome"] == outcome
    assert float(rows[slug]["points"]) < float(FULL[slug])
    assert {s: row["points"] for s, row in rows.items() if s != slug} == {s: p for s, p in FULL.items() if s != slug}


@pytest.mark.parametrize(
    ("student", "slug", "said"),
    [
        ("fatima_no_sqrt", "noisy_sample", "its square root should"),
        ("goro_level_before", "noisy_sample", "the level of t - 1"),
        ("hana_two_mistakes", "noisy_sample", "predict_x0"),
        ("hana_two_mistakes", "schedules", "betas themselves"),
        ("ivan_decay", "decay", "decay squared"),
    ],
)
def test_misconceptions_are_named_in_the_csv_and_the_feedback(
    graded: tuple[int, Path, list[Row]], student: str, slug: str, said: str
) -> None:
    assert said in rows_of(graded[2], student)[slug]["diagnosis"]
    assert said in (graded[1] / "students" / student / "feedback.html").read_text(encoding="utf-8")


def test_what_cannot_be_read_is_an_error_not_a_zero_and_stops_nobody(graded: tuple[int, Path, list[Row]]) -> None:
    code, out, rows = graded
    assert code == 1
    told = {(row["outcome"], row["points"]) for row in rows_of(rows, sample_class.BROKEN_ZIP).values()}
    assert told == {("error", "")}
    errors = {slug for slug, row in rows_of(rows, sample_class.TWICE).items() if row["outcome"] == "error"}
    assert errors == {"decay"}, "two files that differ concern their own exercise"
    for student in (sample_class.BROKEN_ZIP, sample_class.TWICE):
        assert not (out / "students" / student / "results.json").exists()
    assert "first/decay.py" in (out / "students" / sample_class.TWICE / "feedback.html").read_text(encoding="utf-8")


def test_gradescopes_file_holds_the_points_and_names_no_check(graded: tuple[int, Path, list[Row]]) -> None:
    _, out, rows = graded
    results = json.loads((out / "students" / "fatima_no_sqrt" / "results.json").read_text(encoding="utf-8"))
    assert results["score"] == sum(float(row["points"]) for row in rows_of(rows, "fatima_no_sqrt").values())
    assert "test_noise_is_scaled" not in json.dumps(results)
    assert {test["visibility"] for test in results["tests"]} == {"visible", "after_published"}


def test_a_hidden_check_never_shows_the_references_value(graded: tuple[int, Path, list[Row]]) -> None:
    page = (graded[1] / "students" / "fatima_no_sqrt" / "feedback.html").read_text(encoding="utf-8")
    assert "Without noise, x_t is sqrt(alpha_bar_t) times x0." in page
    section = page[page.index("Without noise, x_t") :][:1500]
    assert "expected" not in section


def test_the_instructor_is_told_whose_modules_are_the_same(graded: tuple[int, Path, list[Row]]) -> None:
    """Those who have the reference; not those who left the stub, nor whose modules differ in one sign."""
    with (graded[1] / "alike.csv").open(newline="", encoding="utf-8-sig") as file:
        groups = [(row["exercise"], row["how"], set(row["students"].split("; "))) for row in csv.DictReader(file)]
    (same,) = [who for exercise, how, who in groups if (exercise, how) == ("05_noisy_sample", "identical")]
    assert {"ada_perfect", "ivan_decay", "lena_import_error"} <= same
    listed = set().union(*(who for _, _, who in groups))
    assert not {"tara_untouched", "sami_empty_folder", sample_class.NOTHING, sample_class.BROKEN_ZIP} & listed
    assert not {"fatima_no_sqrt", "goro_level_before", "mina_function_missing", "bela_variant"} & same
    (decay,) = [who for exercise, how, who in groups if (exercise, how) == ("03_decay", "identical")]
    (renamed,) = [who for exercise, how, who in groups if how == "same after renaming"]
    assert renamed - decay == {"lena_import_error"}, "one import more is no other module"
