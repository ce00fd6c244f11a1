"""Public checks of 15: GAN or diffusion."""

from autograder.checks import as_tuple, assert_close, check


@check(points=0.25, hint="x moves against y, y moves along x, both from where they stood before the step.")
def test_worked_number_game(submission):
    """The number worked by hand: (3, 4) with lr = 0.1 goes to (2.6, 4.3)."""
    x, y = as_tuple(submission.gan_step(3.0, 4.0, 0.1), 2, "gan_step")
    assert_close(x, 2.6, what="x")
    assert_close(y, 4.3, what="y")


@check(points=0.25, hint="The slope of a square has a factor in front.")
def test_worked_number_regression(submission):
    """The number worked by hand: from 3 to target 1 with lr = 0.1 goes to 2.6."""
    assert_close(submission.regress_step(3.0, 1.0, 0.1), 2.6, what="x")
