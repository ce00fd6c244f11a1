"""Public checks of 01: image space is huge."""

import numpy as np

from autograder.checks import as_float, assert_close, assert_equal, check


@check(points=0.25, hint="64 numbers, each one of 17: 64 · log10(17).")
def test_worked_number(submission):
    """The number worked by hand: 8 × 8 pixels with 17 greys make 10^78.75 pictures."""
    got = as_float(submission.log10_image_count(8, 8, levels=17), "log10_image_count(8, 8, levels=17)")
    assert_close(got, 78.7487309682, what="log10_image_count(8, 8, levels=17)")


@check(points=0.25, hint="sqrt(3² + 4²) = 5. Take the smallest over the rows of data.")
def test_nearest_by_hand(submission):
    """From (0, 0) the nearest of (6, 8) and (3, 4) is 5 away; (6, 8) itself is 0 away."""
    data = np.array([[6.0, 8.0], [3.0, 4.0]])
    got = submission.nearest_distance(np.array([[0.0, 0.0], [6.0, 8.0]]), data)
    assert_close(got, [5.0, 0.0], atol=1e-5, what="nearest_distance")


@check(points=0.25, hint="Which row of centroids is nearest? Its index, from 0, is the answer.")
def test_classify_by_hand(submission):
    """With centroids 0, 10 and 20, the points 9, -3 and 16 belong to classes 1, 0 and 2."""
    got = submission.classify(np.array([[9.0], [-3.0], [16.0]]), np.array([[0.0], [10.0], [20.0]]))
    assert_equal(got, [1, 0, 2], what="classify")
