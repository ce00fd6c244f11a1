"""Public checks of 09: the training loss."""

import numpy as np

from autograder.checks import as_float, assert_close, check
from autograder.diffusion.spies import ModelSpy

ALPHA_BARS = np.array([0.96, 0.64, 0.36])
X0 = np.array([[0.5, 0.0]])
EPS = np.array([[1.0, -1.0]])


@check(
    points=0.25, hint="x_t = (1, -0.6), the model says (0.5, -0.3), the errors are -0.5 and 0.7. Square and average."
)
def test_worked_number(submission):
    """The number worked by hand: a model that halves what it sees has the loss 0.37."""
    loss = as_float(submission.eps_loss(lambda x_t, t: np.asarray(x_t) / 2, X0, 1, EPS, ALPHA_BARS), "the loss")
    assert_close(loss, 0.37, what="the loss")


@check(points=0.25, hint="The errors are those of eps. Square, and average over all entries: no sum, no root, not x0.")
def test_zero_model(submission):
    """A model that always says 0 has the mean of eps squared as its loss: (4 + 0 + 1 + 9 + 0 + 4) / 6 = 3."""
    eps = np.array([[2.0, 0.0, -1.0], [3.0, 0.0, -2.0]])
    loss = submission.eps_loss(lambda x_t, t: np.zeros(np.shape(x_t)), np.ones((2, 3)), 0, eps, ALPHA_BARS)
    assert_close(as_float(loss, "the loss"), 3.0, what="the loss")


@check(
    points=0.25, hint="The target is eps. Is x_t made with two roots, and is the model given x_t, then t as it came?"
)
def test_perfect_model(submission):
    """A model that knows x0, and takes its share off x_t at the level it is told, finds eps: its loss is 0."""

    def knows_x0(x_t, t):
        level = np.take(ALPHA_BARS, t, mode="clip")
        return (x_t - np.sqrt(level) * X0) / np.sqrt(1.0 - level)

    loss = submission.eps_loss(ModelSpy(knows_x0, X0.shape), X0, 1, EPS, ALPHA_BARS)
    assert_close(as_float(loss, "the loss"), 0.0, atol=1e-9, what="the loss")
