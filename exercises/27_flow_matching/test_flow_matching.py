"""Public checks of 27: flow matching."""

import numpy as np

from autograder.checks import assert_close, assert_raises, check


@check(points=0.25, hint="(1 - 0.25) · 1 + 0.25 · (-1).")
def test_line_by_hand(submission):
    """On the line from x0 = 1 to eps = -1, x_t is 0.5 at t = 0.25."""
    x_t = submission.interpolate(np.array([[1.0]]), np.array([[-1.0]]), 0.25)
    assert_close(x_t, [[0.5]], what="x_t")


@check(points=0.25, hint="Where it ends minus where it begins: data is at t = 0, noise at t = 1.")
def test_velocity_by_hand(submission):
    """On that line the velocity is -2."""
    assert_close(submission.velocity(np.array([[1.0]]), np.array([[-1.0]])), [[-2.0]], what="the velocity")


@check(points=0.5, hint="Variance 0.68, surprise 0.68: (0.8 - 0.2) / 0.68 · 0.68 - 2.")
def test_average_by_hand(submission):
    """For data of mean 2 and variance 1, the average velocity at x = 1.08 and t = 0.8 is -1.4."""
    v = submission.gaussian_velocity(np.array([[1.08]]), 0.8, 2.0, 1.0)
    assert_close(v, [[-1.4]], what="the average velocity")


@check(points=0.25, hint="Four steps of length 1/4, each against the velocity.")
def test_constant_velocity(submission):
    """Where v is 2 everywhere, four steps lead from 3 to 1."""
    x = submission.euler(lambda x, t: 2.0 + 0.0 * x, np.array([[3.0]]), 4)
    assert_close(x, [[1.0]], what="x at t = 0")


@check(points=0.25, hint="Compare t with 0 and 1, and num_steps with 1, before you compute.")
def test_what_cannot_be_is_refused(submission):
    """t = 1.5 and num_steps = 0 raise ValueError."""
    x = np.ones((1, 2))
    assert_raises(ValueError, submission.interpolate, x, x, 1.5, what="t = 1.5")
    assert_raises(ValueError, submission.euler, lambda x, t: x, x, 0, what="num_steps = 0")
