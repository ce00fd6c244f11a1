"""Public checks of 29: few steps."""

import numpy as np

from autograder.checks import assert_close, assert_raises, check


def standard(x, s):
    """The exact denoiser of data that are N(0, 1)."""
    return np.asarray(x) / (1 + np.asarray(s) ** 2)


@check(points=0.25, hint="The roots 3, 2, 1 are evenly spaced; their squares are the levels.")
def test_levels_by_hand(submission):
    """Three levels from 9 to 1 with rho = 2 are 9, 4, 1; one level alone is a ValueError."""
    assert_close(submission.karras_sigmas(3, 1.0, 9.0, 2.0), [9.0, 4.0, 1.0], what="the levels")
    assert_raises(ValueError, submission.karras_sigmas, 1, 1.0, 9.0, 2.0, what="n = 1")


@check(points=0.5, hint="Slope 2 at the start, 1.5 where it leads. Step along their mean, from the start.")
def test_worked_step(submission):
    """The step worked by hand: for N(0, 1) data, x = 5 goes from s = 2 to s = 1 and becomes 3.25."""
    assert_close(submission.heun_step(np.array([[5.0]]), 2.0, 1.0, standard), [[3.25]], what="x_next")


@check(points=0.25, hint="Two steps: the first gives 3.25. The second goes to the clean level, where D is the answer.")
def test_two_steps_by_hand(submission):
    """Over the levels 2, 1, 0, x = 5 becomes 3.25 and ends at 1.625, what the denoiser says there."""
    assert_close(submission.sample(standard, np.array([2.0, 1.0, 0.0]), np.array([[5.0]])), [[1.625]], what="the end")


@check(points=0.25, hint="c_skip = 0.25 / (1 + 0.25), c_out = 0.5 · 1 / sqrt(0.25 + 1.44).")
def test_consistency_by_hand(submission):
    """At s = 1.2 with low = 0.2, x = 3 and a network that says 1.3 give 1.1."""
    got = submission.consistency(lambda x, s: 1.3 * np.ones_like(x), np.array([[3.0]]), 1.2, 0.2)
    assert_close(got, [[1.1]], what="f")
