"""Public checks of 07: why the way back is hard."""

import numpy as np

from autograder.checks import as_array, assert_close, check

PAIR = np.array([[1.0], [-1.0]])
EVEN = np.array([0.5, 0.5])


@check(points=0.5, hint="Squared distances 0.1225 and 1.5625; divide their difference by 2 · 0.36.")
def test_worked_number(submission):
    """The number worked by hand: x_t = 0.45, candidates 1 and -1, alpha_bar_t = 0.64 give 0.881 and 0.119."""
    expected = np.exp(2.0) / (1.0 + np.exp(2.0))
    assert_close(
        submission.posterior(np.array([[0.45]]), PAIR, EVEN, 0.64),
        [[expected, 1.0 - expected]],
        what="posterior",
    )


@check(points=0.25, hint="Divide each row by its own sum: axis=1, keepdims=True.")
def test_rows_are_probabilities(submission):
    """One row for each sample, one column for each candidate, and each row sums to 1."""
    x_t = np.array([[0.0, 0.1, 0.2], [0.9, -0.4, 0.3]])
    candidates = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 1.0]])
    got = as_array(submission.posterior(x_t, candidates, np.full(4, 0.25), 0.5), "posterior", (2, 4))
    assert_close(got.astype(float).sum(axis=1), [1.0, 1.0], what="the sum of each row")


@check(
    points=0.25,
    hint="Its weight is 0 times something. Is a small number added to the prior, or is its exponent what you subtract?",
)
def test_impossible_stays_impossible(submission):
    """A candidate of prior 0 has probability 0, even when x_t lies right on it, and far from the other."""
    for far in (1.0, 100.0):
        x_t, candidates = far * np.array([[0.8], [-0.8]]), far * PAIR
        got = submission.posterior(x_t, candidates, np.array([0.0, 1.0]), 0.64)
        assert_close(got, [[0.0, 1.0], [0.0, 1.0]], float32=False, what="posterior")
