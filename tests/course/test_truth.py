"""Modules as students and public code write them: right ones lose nothing, wrong ones are caught and named."""

from pathlib import Path

import pytest

from autograder.course import Course
from autograder.judge.suite import Suite
from autograder.judge.verdict import Judge
from autograder.results import ExerciseResult, Outcome
from autograder.runner.runners import module_of
from autograder.runner.student import Runner

TRUTH = Path(__file__).parent / "truth"
#: Of a wrong module: a check that catches it, words of a misconception that is named, and words of one that is not.
WRONG = {
    "ddim__one_step_fails": ("test_number_of_steps_must_fit", "", "clean picture"),
    "ddpm_sampler__sqrt_beta_rows": ("test_impulse", "the noise has variance beta_t", ""),
    "explain_denoising__leaks_edges": ("test_nothing_leaks", "", ""),
    "free_supervision__adds_into_noise": ("test_keep_weighs_the_clean_sample", "", ""),
    "guidance__average": ("test_affine_in_w", "the mean of both answers", "1 / (1 + w)"),
    "guidance__w_minus_one": ("test_affine_in_w", "weighed by w - 1", "change places"),
    "noisy_sample__alpha_for_alpha_bar": ("test_signal_is_scaled", "alpha_t of the single step", ""),
    "noisy_sample__clips_x0": ("test_x0_comes_back", "clipped", ""),
    "noisy_sample__zeros_like": ("test_rows_keep_their_own_level", "an array made like x0", ""),
    "reverse_step__beta_as_variance": ("test_precisions_add", "beta_t itself is the variance", ""),
}
#: Those of one mistake: all that it costs.
ONE_LAW = {
    "ddim__one_step_fails": {"test_number_of_steps_must_fit"},
    "noisy_sample__zeros_like": {"test_rows_keep_their_own_level"},
    "reverse_step__beta_as_variance": {"test_worked_number", "test_precisions_add"},
}


def graded(path: Path, course: Course, runner: Runner) -> ExerciseResult:
    exercise = course.exercise(path.stem.split("__")[0])
    suite = Suite(exercise, course.grading.seed)
    return Judge(suite, lambda code: runner.open(module_of(exercise, code))).grade(path.read_bytes())


@pytest.mark.parametrize("path", sorted(TRUTH.glob("good/*.py")), ids=lambda path: path.stem)
def test_a_correct_module_gets_full_marks_and_no_flag(path: Path, course: Course, runner: Runner) -> None:
    result = graded(path, course, runner)
    assert [check.message for check in result.checks if check.outcome is not Outcome.PASSED] == []
    assert (result.points, result.flags) == (result.max_points, ())


@pytest.mark.parametrize("path", sorted(TRUTH.glob("bad/*.py")), ids=lambda path: path.stem)
def test_a_wrong_module_is_caught_and_named_as_what_it_is(path: Path, course: Course, runner: Runner) -> None:
    caught_by, named, never = WRONG[path.stem]
    result = graded(path, course, runner)
    failed = {check.name for check in result.checks if check.outcome is not Outcome.PASSED}
    told = " | ".join(diagnosis.misconception for diagnosis in result.diagnoses)
    assert caught_by in failed
    assert named in told
    assert not never or never not in told
    assert failed == ONE_LAW.get(path.stem, failed)
