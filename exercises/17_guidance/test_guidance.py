"""Public checks of 17: guidance."""

import numpy as np

from autograder.checks import assert_close, check


@check(points=0.25, hint="0.2 + 2 · (0.5 - 0.2). Does your w count from 0, unconditional, to 1, conditional?")
def test_worked_number(submission):
    """The number worked by hand: eps_uncond = 0.2, eps_cond = 0.5 and w = 2 give 0.8."""
    guided = submission.guided_eps(np.array([[0.2]]), np.array([[0.5]]), 2.0)
    assert_close(guided, [[0.8]], what="guided")


@check(points=0.25, hint="w = 0.5 is the middle of the two answers.")
def test_half_way(submission):
    """Half way, w = 0.5 gives the middle of the two answers, entry by entry."""
    guided = submission.guided_eps(np.array([[1.0, -1.0], [0.0, 2.0]]), np.array([[3.0, 1.0], [0.0, -2.0]]), 0.5)
    assert_close(guided, [[2.0, 0.0], [0.0, 0.0]], atol=1e-6, what="guided")
