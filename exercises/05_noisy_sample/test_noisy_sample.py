"""Public checks of 05: one jump to any noise level."""

import numpy as np

from autograder.checks import assert_close, assert_raises, check

ALPHA_BARS = np.array([0.96, 0.64, 0.36, 0.04])


@check(points=0.5, hint="sqrt(0.64) · 0.5 + sqrt(0.36) · (-1): which root did you leave out?")
def test_worked_number(submission):
    """The number worked by hand: x0 = 0.5, eps = -1, alpha_bar = 0.64 give x_t = -0.2."""
    x_t = submission.add_noise(np.array([[0.5]]), np.array([[-1.0]]), 1, ALPHA_BARS)
    assert_close(x_t, [[-0.2]], what="x_t")


@check(
    points=0.25,
    hint="alpha_bars[t] has one level a row: append one axis of length 1 for each axis of x0 after the first.",
)
def test_one_level_a_row(submission):
    """With t = [0, 3], row 0 gets level 0 and row 1 gets level 3."""
    x0 = np.array([[1.0, -1.0], [1.0, -1.0]])
    x_t = submission.add_noise(x0, np.zeros((2, 2)), np.array([0, 3]), ALPHA_BARS)
    root = np.sqrt(0.96)
    assert_close(x_t, [[root, -root], [0.2, -0.2]], what="x_t")


@check(points=0.25, hint="Take 0.6 · (-1) off -0.2, then divide by 0.8.")
def test_back_to_x0(submission):
    """The same number read backwards: x_t = -0.2 and eps = -1 give x0 = 0.5."""
    x0 = submission.predict_x0(np.array([[-0.2]]), np.array([[-1.0]]), 1, ALPHA_BARS)
    assert_close(x0, [[0.5]], what="x0")


@check(points=0.25, hint="Take 0.8 · 0.5 off -0.2, then divide by 0.6.")
def test_back_to_eps(submission):
    """And for the noise: x_t = -0.2 and x0 = 0.5 give eps = -1."""
    eps = submission.predict_eps(np.array([[-0.2]]), np.array([[0.5]]), 1, ALPHA_BARS)
    assert_close(eps, [[-1.0]], what="eps")


@check(points=0.25, hint="Compare t with 0 and with len(alpha_bars) before you index.")
def test_level_must_exist(submission):
    """A level that does not exist raises IndexError: t = 4 of 4 levels."""
    x = np.ones((1, 2))
    assert_raises(IndexError, submission.add_noise, x, x, 4, ALPHA_BARS, what="t = 4 with 4 levels")
