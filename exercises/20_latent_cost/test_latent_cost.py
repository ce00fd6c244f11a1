"""Public checks of 20: a smaller space."""

import numpy as np

from autograder.checks import as_array, as_float, as_tuple, assert_close, check

#: Three points on the line through (3, -1) with direction (0.6, 0.8): 5 steps back, on it, 5 steps on.
LINE = np.array([[0.0, -5.0], [3.0, -1.0], [6.0, 3.0]])


@check(points=0.5, hint="Height times width times channels values, and every step pays for all of them.")
def test_worked_number(submission):
    """The number worked by hand: 50 steps at 1,000 flops a value cost 48 times less on 64×64×4 than on 512×512×3."""
    small = as_float(submission.sampling_cost(50, 64, 64, 4, 1000), "sampling_cost(50, 64, 64, 4, 1000)")
    large = as_float(submission.sampling_cost(50, 512, 512, 3, 1000), "sampling_cost(50, 512, 512, 3, 1000)")
    assert_close(small, 819_200_000, what="the cost on 64×64×4")
    assert_close(large / small, 48, what="the ratio of the costs")


@check(points=0.25, hint="Take the mean off before you look for directions.")
def test_points_on_a_line(submission):
    """For three points on a line, the mean is the middle one and the component is the line's direction."""
    mean, components = as_tuple(submission.pca_fit(LINE, 1), 2, "pca_fit's result")
    assert_close(mean, [3.0, -1.0], atol=1e-9, what="mean")
    components = as_array(components, "components", (1, 2))
    assert_close(np.abs(components), [[0.6, 0.8]], atol=1e-9, what="components, without signs")


@check(points=0.25, hint="encode: subtract the mean, multiply by the components. decode: the way back.")
def test_there_and_back(submission):
    """With mean (3, -1) and component (0.6, 0.8) the points are -5, 0 and 5, and come back from there."""
    mean, components = np.array([3.0, -1.0]), np.array([[0.6, 0.8]])
    assert_close(submission.encode(LINE, mean, components), [[-5.0], [0.0], [5.0]], atol=1e-9, what="encode")
    z = np.array([[-5.0], [0.0], [5.0]])
    assert_close(submission.decode(z, mean, components), LINE, atol=1e-9, what="decode")
