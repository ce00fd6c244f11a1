"""Public checks of 13: how good is a set of samples."""

import numpy as np

from autograder.checks import assert_close, check

A = np.array([[0.0, 0.0], [2.0, 0.0]])
B = np.array([[3.0, 0.0], [1.0, 0.0]])


@check(points=0.25, hint="Sort each set before you subtract: the order of the rows means nothing.")
def test_worked_number_sliced(submission):
    """The number worked by hand: gaps 1, 1 along one direction and 0, 0 along the other give sqrt(1/2)."""
    directions = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert_close(submission.sliced_w2(A, B, directions), np.sqrt(0.5), what="sliced_w2")


@check(points=0.25, hint="Divide each column of directions by its own length.")
def test_length_of_a_direction(submission):
    """Along (3, 4), whose length is 5, the sets lie at 0, 1.2 and 0.6, 1.8: they are 0.6 apart."""
    assert_close(submission.sliced_w2(A, B, np.array([[3.0], [4.0]])), 0.6, what="sliced_w2")


@check(points=0.5, hint="With D = 1: the gap of the means squared, plus the gap of the standard deviations squared.")
def test_worked_number_frechet(submission):
    """The number worked by hand: {0, 2} and {3, 7} in one dimension are 16 + 2 = 18 apart."""
    got = submission.frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [7.0]]))
    assert_close(got, 18.0, what="frechet_distance")
