"""Public checks of 14: one leap or many steps."""

import numpy as np

from autograder.checks import assert_close, assert_equal, check
from autograder.diffusion.spies import ModelSpy

ALPHA_BARS = np.array([0.96, 0.64, 0.36])


@check(
    points=0.25, hint="Take 0.8 times the model's noise off, then divide by 0.6. Which of the two did you leave out?"
)
def test_worked_number(submission):
    """The number worked by hand: x_T = 1, a model that says 0.8 and alpha_bar = 0.36 give 0.6."""
    model = ModelSpy(lambda x, t: np.full_like(x, 0.8), shape=(1, 1))
    assert_close(submission.one_shot(model, np.array([[1.0]]), ALPHA_BARS), [[0.6]], rtol=1e-5, what="the guess")


@check(points=0.25, hint="One question is all you get. x_T sits at the last level, and t counts from 0.")
def test_one_call_at_the_last_level(submission):
    """The model is called once, with x_T as it is, at t = 2 of 3 levels."""
    model = ModelSpy(shape=(2, 3))
    x_T = np.array([[1.0, -0.5, 0.25], [0.0, 2.0, -1.0]])
    submission.one_shot(model, x_T, ALPHA_BARS)
    assert_equal(model.timesteps, [2], what="the model's timesteps")
    assert_close(model.inputs[0], x_T, what="what the model saw")
