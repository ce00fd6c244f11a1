"""Public checks of 04: noise schedules."""

import numpy as np

from autograder.checks import assert_close, assert_raises, check


@check(points=0.5, hint="0.9, then 0.8 of that, then half of that: a running product of 1 - beta.")
def test_worked_number(submission):
    """The number worked by hand: betas [0.1, 0.2, 0.5] give alpha_bars [0.9, 0.72, 0.36]."""
    assert_close(submission.alpha_bars(np.array([0.1, 0.2, 0.5])), [0.9, 0.72, 0.36], what="alpha_bars")


@check(points=0.25, hint="Five numbers, both ends among them, equal gaps.")
def test_linear_by_hand(submission):
    """linear_betas(5, 0.1, 0.5) is [0.1, 0.2, 0.3, 0.4, 0.5]."""
    assert_close(submission.linear_betas(5, 0.1, 0.5), [0.1, 0.2, 0.3, 0.4, 0.5], what="linear_betas(5, 0.1, 0.5)")


@check(points=0.25, hint="f falls 1, 0.5, 0: the first beta is 1 - 0.5/1, and the second would be 1.")
def test_cosine_by_hand(submission):
    """With T = 2 and s = 0 the squared cosine is 1, 0.5 and 0: the betas are 0.5 and the cap, 0.999."""
    assert_close(submission.cosine_betas(2, 0.0), [0.5, 0.999], what="cosine_betas(2, 0.0)")


@check(points=0.25, hint="Compare with the allowed range before you compute, and raise ValueError with a message.")
def test_bad_input_is_refused(submission):
    """No timesteps, or a beta of 1, raises ValueError."""
    assert_raises(ValueError, submission.linear_betas, 0, what="num_timesteps = 0 in linear_betas")
    assert_raises(ValueError, submission.alpha_bars, np.array([0.5, 1.0]), what="a beta of 1")
