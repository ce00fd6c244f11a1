"""Public checks of 11: one denoising step."""

import numpy as np

from autograder.checks import as_array, as_tuple, assert_close, check

BETAS = np.array([0.36, 0.4375])  # alpha_bars: 0.64, 0.36


@check(
    points=0.5,
    hint="Work the page's number in your code, one piece at a time: 0.4375, 0.5625, 0.75, 0.24609375.",
)
def test_worked_number(submission):
    """The number worked by hand: x_t = 1, eps = 0.8 at t = 1 give mean 0.75 and variance 0.24609375."""
    mean, var = as_tuple(submission.reverse_mean_var(np.array([[1.0]]), np.array([[0.8]]), 1, BETAS), 2)
    assert_close(mean, [[0.75]], what="mean")
    assert_close(np.ravel(as_array(var, "var")), [0.24609375], what="var")


@check(
    points=0.25,
    hint="Before t = 0 comes the clean picture, whose alpha_bar is 1. What does your code read there?",
)
def test_no_doubt_at_the_end(submission):
    """At t = 0 the variance is 0."""
    _, var = as_tuple(submission.reverse_mean_var(np.array([[0.5]]), np.array([[0.5]]), 0, BETAS), 2)
    assert_close(np.ravel(as_array(var, "var")), [0.0], atol=1e-12, what="var at t = 0")


@check(
    points=0.25,
    hint="betas[t] has one level a row: append one axis for each axis of x_t after the first; alpha_bars too.",
)
def test_one_level_a_row(submission):
    """With t = [0, 1], row 0 takes the step from level 0 and row 1 the step from level 1."""
    x_t, eps = np.ones((2, 2)), np.array([[0.6, 0.0], [0.8, 0.0]])
    mean, _ = as_tuple(submission.reverse_mean_var(x_t, eps, np.array([0, 1]), BETAS), 2)
    assert_close(mean, [[0.8, 1.25], [0.75, 4 / 3]], what="mean")
