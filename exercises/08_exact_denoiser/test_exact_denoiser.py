"""Public checks of 08: the exact denoiser."""

from math import tanh

import numpy as np

from autograder.checks import assert_close, check

ALPHA_BARS = np.array([0.96, 0.64, 0.36])


@check(points=0.25, hint="0.6 · (1 - 0.8 · 0.5) / (0.64 · 2.25 + 0.36). var is a variance already.")
def test_worked_gaussian(submission):
    """Worked by hand: mean 0.5, var 2.25, alpha_bar_t = 0.64 and x_t = 1 give eps = 0.2."""
    got = submission.gaussian_eps(np.array([[1.0]]), 1, ALPHA_BARS, 0.5, 2.25)
    assert_close(got, [[0.2]], what="eps")


@check(points=0.25, hint="mean and var may be arrays, one entry a pixel, and t may have one entry a row.")
def test_one_level_a_row(submission):
    """With t = [1, 2], mean (0, 1), var (1, 0): a level for each row, a mean and var for each entry."""
    x_t = np.array([[1.0, 1.4], [1.0, 1.4]])
    got = submission.gaussian_eps(x_t, np.array([1, 2]), ALPHA_BARS, np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    assert_close(got, [[0.6, 1.0], [0.8, 1.0]], what="eps")


@check(
    points=0.5,
    hint="Weights 0.881 and 0.119 make the mean 0.7616. Then take 0.8 · 0.7616 off x_t and divide by 0.6.",
)
def test_worked_heap(submission):
    """Worked by hand: data 1 and -1, alpha_bar_t = 0.64 and x_t = 0.45 give eps = -0.265."""
    got = submission.empirical_eps(np.array([[0.45]]), 1, ALPHA_BARS, np.array([[1.0], [-1.0]]))
    # exp(2) to 1 for the point 1: the mean of 1 and -1 with these weights is tanh(1).
    assert_close(got, [[(0.45 - 0.8 * tanh(1.0)) / 0.6]], what="eps")
