"""The course proves itself: the audit as tests, an exercise each, and the same verdict in the runner as in process."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.audit import audit_exercise, stray_folders, wrong_sums
from autograder.course import Course, Exercise
from autograder.judge.suite import Suite
from autograder.judge.verdict import Judge
from autograder.results import Outcome
from autograder.runner.runners import module_of
from autograder.runner.session import InProcess, none_opened
from autograder.runner.student import Runner
from autograder.sources import run_variant

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = Course.load(ROOT).exercises


TRAINED = ("train_denoiser", "condition")  # each mutant of these trains networks


@pytest.mark.parametrize(
    "exercise",
    [pytest.param(e, id=e.id, marks=[pytest.mark.slow] if e.slug in TRAINED else []) for e in EXERCISES],
)
def test_every_claim_of_an_exercise_is_proven(exercise: Exercise, course: Course) -> None:
    """`make audit` proves the whole; the pictures are test_pictures.py's."""
    audit = audit_exercise(exercise, course.grading.seed, diagnosis=False, whole=False)
    assert not audit.problems, "\n".join(audit.problems)
    assert audit.matrix, "no mutants"


def in_turn() -> Iterator[Any]:
    """Each exercise with its reference or its first variant, in turn; the others are left to `make slow`."""
    for i, exercise in enumerate(EXERCISES):
        modules = [exercise.solution, *exercise.variants]
        chosen = modules.pop(i % 2)
        yield pytest.param(exercise, [chosen], id=f"{exercise.id}-{chosen.stem}")
        yield pytest.param(exercise, modules, id=f"{exercise.id}-others", marks=pytest.mark.slow)


@pytest.mark.parametrize(("exercise", "modules"), [*in_turn()])
def test_reference_and_variants_earn_full_marks_in_the_runner(
    exercise: Exercise, modules: list[Path], course: Course, runner: Runner
) -> None:
    judge = Judge(Suite(exercise, course.grading.seed), lambda code: runner.open(module_of(exercise, code)))
    for path in modules:
        result = judge.grade(path.read_bytes())
        failed = [f"{check.name}: {check.message}" for check in result.checks if check.outcome is not Outcome.PASSED]
        assert not failed, f"{path.name}: {failed}"
        assert result.points == result.max_points
    assert judge.grade(exercise.stub.read_bytes()).points == 0.0


def test_the_points_add_up_and_nothing_is_stray(course: Course) -> None:
    assert stray_folders(course) == []
    assert wrong_sums(course) == []


def test_a_surviving_mutant_a_failing_variant_and_a_stale_stub_are_unproven(tmp_path: Path) -> None:
    """The audit can fail: an exercise is copied and broken in four places."""
    for name in ("course.yml", "solutions", "exercises/05_noisy_sample", "tests/exercises/05_noisy_sample"):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    exercise = Course.load(tmp_path).exercise("05")
    text = exercise.mutants.read_text()
    exercise.mutants.write_text(text.replace("caught_by: [test_eps_comes_back]", "caught_by: [test_x0_comes_back]", 1))
    (exercise.hidden_folder / "variants" / "wrong.py").write_text(exercise.stub.read_text())
    exercise.stub.write_text("# edited\n" + exercise.stub.read_text())
    (exercise.folder / "notes.txt").write_text("")
    problems = "\n".join(audit_exercise(exercise, diagnosis=False).problems)
    for said in (
        "the mutant eps_is_the_difference passes test_x0_comes_back",
        "wrong.py does not pass test_worked_number: failed: NotImplementedError: add_noise is not written yet",
        "noisy_sample.py is not the stub of",
        "notes.txt is a stray file",
    ):
        assert said in problems


def test_the_digits_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits as theirs

    from autograder.diffusion.digits import load_digits

    images, labels = load_digits()
    source = theirs()
    assert np.array_equal((images + 1) * 8, source.data)
    assert np.array_equal(labels, source.target)
    assert len(load_digits("train")[0]) + len(load_digits("held_out")[0]) == len(images)


def test_a_gradient_that_is_off_by_the_number_of_entries_is_told_so(course: Course) -> None:
    judge = Judge(Suite(course.exercise("train_denoiser"), course.grading.seed), none_opened)
    mutant = next(mutant for mutant in judge.suite.mutants if mutant.name == "gradient_of_the_sum")
    check = next(check for check in judge.suite.checks if check.name == "test_gradients_are_slopes")
    failed, _ = judge.run_check(check, InProcess(run_variant(judge.suite.exercise, mutant.source, mutant.name)))
    assert failed is not None
    assert failed.message.endswith(": 12 times it")
