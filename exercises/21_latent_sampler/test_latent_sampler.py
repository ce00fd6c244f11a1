"""Public checks of 21: diffusion in a smaller space."""

import numpy as np

from autograder.checks import CheckFailure, as_array, assert_close, assert_equal, check
from autograder.diffusion.spies import ModelSpy, ScriptedNoise

LINE = np.array([[0.0, -5.0], [3.0, -1.0], [6.0, 3.0]])


def space_of(submission, data, k):
    """What fit_space returns, its numbers as arrays, in whatever form they came."""
    return as_arrays(submission.fit_space(data, k))


def as_arrays(space):
    if isinstance(space, dict):
        return {name: as_arrays(entry) for name, entry in space.items()}
    try:
        return np.asarray(space, dtype=float)
    except (TypeError, ValueError):  # a list or tuple of arrays of several shapes
        return tuple(as_arrays(entry) for entry in space) if isinstance(space, list | tuple) else space


@check(points=0.5, hint="-5, 0 and 5 along the line; each divided by the same number. Which one makes the variance 1?")
def test_worked_number(submission):
    """The number worked by hand: on a line the three latents are -1.22, 0 and 1.22, or the other way round."""
    space = space_of(submission, LINE, 1)
    z = as_array(submission.to_latent(LINE, space), "the latents", (3, 1))[:, 0]
    assert_close([z[0] + z[2], z[1]], [0.0, 0.0], atol=1e-9, what="the middle of the latents")
    if not 0.999 <= abs(z[2]) <= 1.226:  # a spread counted over N - 1 gives 1
        raise CheckFailure(f"the outer latents are {z[0]:.4g} and {z[2]:.4g}")


@check(points=0.25, hint="Undo the division first, then go along the direction, then add the mean.")
def test_back_on_the_line(submission):
    """On a line one latent loses nothing: there and back gives the three points again."""
    space = space_of(submission, LINE, 1)
    back = submission.to_picture(as_array(submission.to_latent(LINE, space), "the latents", (3, 1)), space)
    assert_close(back, LINE, atol=1e-9, what="the points")


@check(points=0.25, hint="The chain runs on latents: start, model and steps know (num_samples, k) only.")
def test_the_model_sees_latents(submission):
    """The model is asked about latents (num_samples, k), at the levels T-1 … 0, and pictures come out."""
    space, model = space_of(submission, LINE, 1), ModelSpy(shape=(4, 1), max_calls=20)
    x0 = submission.sample(model, space, 4, np.array([0.1, 0.2, 0.3]), ScriptedNoise())
    as_array(x0, "the samples", (4, 2))
    assert_equal(model.timesteps, [2, 1, 0], what="the list of t")
