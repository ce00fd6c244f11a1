"""Public checks of 19: fewer steps."""

import numpy as np

from autograder.checks import CheckFailure, as_array, assert_close, assert_raises, check

ALPHA_BARS = np.array([0.64, 0.5, 0.36])


@check(points=0.5, hint="First x0 = 1, then 0.8 · 1 + 0.6 · 0.5.")
def test_worked_number(submission):
    """The number worked by hand: x_t = 1 and eps = 0.5 jump from t = 2 to t_prev = 0 and become 1.1."""
    x_prev = submission.ddim_step(np.array([[1.0]]), np.array([[0.5]]), 2, 0, ALPHA_BARS)
    assert_close(x_prev, [[1.1]], what="x_prev")


@check(points=0.5, hint="Four different ints, each smaller than the one before, and the first is 9.")
def test_four_of_ten_levels(submission):
    """Four of ten levels are four ints that fall from 9."""
    levels = as_array(submission.ddim_timesteps(10, 4), "the levels", (4,))
    if levels.dtype.kind not in "iu" or levels[0] != 9 or not np.all(np.diff(levels) < 0) or levels[-1] < 0:
        raise CheckFailure(f"the levels are {levels}", "4 ints, falling, from 9, none below 0", reveal=True)


@check(points=0.25, hint="For t_prev = -1 alpha_bar is 1. alpha_bars[-1] is the last entry, the dirtiest level.")
def test_jump_to_the_clean_picture(submission):
    """The jump to t_prev = -1 ends at the guess of the clean picture: x_t = 1 and eps = 0.5 at t = 0 give 0.875."""
    x_prev = submission.ddim_step(np.array([[1.0]]), np.array([[0.5]]), 0, -1, ALPHA_BARS)
    assert_close(x_prev, [[0.875]], what="x_prev")


@check(points=0.25, hint="Where the first step ends, the second starts, and it ends at the clean picture, t_prev = -1.")
def test_two_steps_by_hand(submission):
    """Two steps with a model that answers x / 2, over alpha_bars 0.64 and 0.36, go from 1 to 1.1 and end at 0.9625."""
    x0 = submission.ddim_sample(lambda x, t: x / 2, np.array([0.64, 0.36]), 2, np.array([[1.0]]))
    assert_close(x0, [[0.9625]], what="x0")


@check(points=0.25, hint="Work sigma out first. If it is above 0, the step cannot do without noise.")
def test_noise_is_missing(submission):
    """With eta = 1 and no noise, the step raises ValueError."""
    x = np.array([[1.0]])
    assert_raises(ValueError, submission.ddim_step, x, x, 2, 0, ALPHA_BARS, 1.0, what="eta = 1 without noise")
