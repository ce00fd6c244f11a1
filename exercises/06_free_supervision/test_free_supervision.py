"""Public checks of 06: supervision for free."""

import numpy as np

from autograder.checks import as_tuple, assert_close, assert_dtype, check
from autograder.diffusion.spies import ScriptedNoise

CLEAN = np.array([1.0, -0.5, 0.8])
NOISE = np.array([0.2, -0.1, 0.3])


@check(points=0.25, hint="0.9 · 1 + 0.2: only the clean sample is weighted.")
def test_worked_number(submission):
    """The lesson's example: clean [1, -0.5, 0.8] and noise [0.2, -0.1, 0.3] give [1.1, -0.55, 1.02]."""
    assert_close(submission.lesson_example(CLEAN, NOISE), [1.1, -0.55, 1.02], atol=1e-6, what="x_noisy")


@check(points=0.25, hint="The numbers of the page, and at the end .astype(np.float32).")
def test_lesson_example_is_float32(submission):
    """lesson_example returns float32, three numbers for three numbers."""
    x_noisy = submission.lesson_example(CLEAN, NOISE)
    assert_dtype(x_noisy, np.float32, "x_noisy")
    assert_close(x_noisy, [1.1, -0.55, 1.02], atol=1e-6, what="x_noisy")


@check(
    points=0.25,
    hint="x_t first: 0.8 · 0.5 + 0.6 · draw, the weights are roots. Then eps: as rng gave it, one an entry, no weight.",
)
def test_noisy_sample_and_its_noise(submission):
    """With alpha_bar_t = 0.64, x0 = (0.5, 0.5) and the draws 0 and 1: x_t is (0.4, 1) and eps is (0, 1)."""
    pair = submission.make_example(np.array([[0.5, 0.5]]), 1, np.array([0.96, 0.64, 0.36]), ScriptedNoise(impulse=1))
    x_t, eps = as_tuple(pair, 2, "make_example's result")
    assert_close(eps, [[0.0, 1.0]], what="eps")
    assert_close(x_t, [[0.4, 1.0]], what="x_t")
