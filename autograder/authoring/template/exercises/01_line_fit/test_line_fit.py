"""Public checks of 01: the line that fits best."""

import numpy as np
from hypothesis import given
from vocabulary.points import coefficients, places

from autograder.checks import as_tuple, assert_close, check


@check(points=1, hint="Means first: 1 and 7/3. Then slope = 3 / 2.")
def test_worked_number(submission):
    """The number worked by hand: (0, 1), (1, 2), (2, 4) give slope 1.5 and intercept 0.8333."""
    slope, intercept = as_tuple(submission.line_fit(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 4.0])), 2)
    assert_close(slope, 1.5, what="the slope")
    assert_close(intercept, 5 / 6, what="the intercept")


@check(points=1, hint="Does your line go through the points when all of them lie on one?")
@given(x=places(), slope=coefficients(), intercept=coefficients())
def test_points_on_a_line_give_that_line(submission, x, slope, intercept):
    """Points that lie on a line give its slope and its intercept."""
    x = np.array(x)
    got = as_tuple(submission.line_fit(x, slope * x + intercept), 2)
    assert_close(got[0], slope, atol=1e-4, what="the slope", reveal=True)
    assert_close(got[1], intercept, atol=1e-4, what="the intercept", reveal=True)
