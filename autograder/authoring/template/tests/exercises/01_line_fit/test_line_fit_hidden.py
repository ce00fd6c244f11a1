"""Hidden checks of 01. The oracle solves the normal equations, sum by sum."""

import numpy as np
from hypothesis import given
from vocabulary.points import heights, places

from autograder.checks import as_float, as_tuple, assert_close, assert_raises, check, global_random_untouched, unchanged


def spec_line(x, y):
    """Slope and intercept from Gauss's normal equations, with plain sums."""
    n, sx, sy = len(x), sum(x), sum(y)
    sxx, sxy = sum(a * a for a in x), sum(a * b for a, b in zip(x, y, strict=True))
    slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
    return slope, (sy - slope * sx) / n


@check(points=1, hint="Products of what is left after the means, over squares of the same for x.")
@given(x=places(), y=heights())
def test_no_other_line_is_nearer(submission, x, y):
    """line_fit gives the line whose squared errors have the smallest sum, and leaves x and y as they are."""
    a, b = np.array(x), np.array(y)
    with unchanged(x=a, y=b), global_random_untouched():
        got = as_tuple(submission.line_fit(a, b), 2)
    slope, intercept = spec_line(x, y)
    assert_close(got[0], slope, atol=1e-4, what="the slope")
    assert_close(got[1], intercept, atol=1e-4, what="the intercept")


@check(points=0.5, hint="The line goes through the point of both means. Which intercept does that?")
@given(x=places(), y=heights())
def test_the_errors_cancel(submission, x, y):
    """The errors of the best line, with their signs, have the sum 0."""
    got = as_tuple(submission.line_fit(np.array(x), np.array(y)), 2)
    slope, intercept = as_float(got[0], "the slope"), as_float(got[1], "the intercept")
    errors = [b - (slope * a + intercept) for a, b in zip(x, y, strict=True)]
    assert_close(sum(errors), 0.0, atol=1e-3, what="the sum of the errors", reveal=True)


@check(points=0.5, hint="Compare the smallest x with the largest, before you divide.")
def test_one_place_is_refused(submission):
    """When all x are the same, ValueError with a message is raised; two places are enough."""
    for x in (0.0, 0.1, -3.0):
        assert_raises(ValueError, submission.line_fit, np.full(3, x), np.arange(3.0), what=f"x = {x} three times")
    got = as_tuple(submission.line_fit(np.array([1.0, 1.0, 3.0]), np.array([0.0, 2.0, 5.0])), 2)
    assert_close(got[0], 2.0, what="the slope of (1, 0), (1, 2), (3, 5)")
