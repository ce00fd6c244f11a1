"""Public checks of 12: sampling from pure noise."""

import numpy as np

from autograder.checks import as_array, assert_close, assert_equal, check
from autograder.diffusion.spies import ModelSpy, NoiseSpy, ScriptedNoise


@check(points=0.5, hint="Print x after each step: 0.7 after t = 1, then 0.8.")
def test_worked_number(submission):
    """The number worked by hand: with all noise 0 and eps = -0.96, then 0.1, the sample is 0.8."""
    model = ModelSpy(lambda x, t: np.full_like(x, -0.96 if np.all(t == 1) else 0.1), shape=(1, 1), max_calls=10)
    x0 = submission.ddpm_sample(model, np.array([0.36, 0.4375]), (1, 1), ScriptedNoise())
    assert_close(x0, [[0.8]], what="x0")


@check(points=0.5, hint="range(T - 1, -1, -1) counts down to 0.")
def test_three_steps(submission):
    """With T = 3 the model is asked three times: at t = 2, then 1, then 0."""
    model = ModelSpy(shape=(2, 4), max_calls=10)
    submission.ddpm_sample(model, np.array([0.1, 0.2, 0.3]), (2, 4), NoiseSpy(0))
    assert_equal(model.timesteps, [2, 1, 0], what="the list of t")


@check(points=0.25, hint="Draw noise of the whole shape, whatever number of axes it has.")
def test_shape_of_the_samples(submission):
    """The samples have the shape that was asked for, here two pictures of 3 × 5 pixels."""
    model = ModelSpy(shape=(2, 3, 5), max_calls=10)
    x0 = as_array(submission.ddpm_sample(model, np.array([0.1, 0.2]), (2, 3, 5), NoiseSpy(0)), "x0")
    assert_equal(list(x0.shape), [2, 3, 5], what="the shape of x0")
