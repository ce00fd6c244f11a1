"""Public checks of 18: editing and inpainting."""

import numpy as np

from autograder.checks import CheckFailure, as_array, assert_close, assert_equal, assert_raises, check
from autograder.diffusion.spies import ModelSpy, ScriptedNoise

BETAS = np.array([0.36, 0.75])  # alpha_bars are 0.64 and 0.16


@check(points=0.5, hint="k = round(0.5 · 2) = 1: noise x to level 0, then one step, at t = 0.")
def test_worked_number(submission):
    """The number worked by hand: x = 0.5, strength 0.5, noise 0 and a model that answers 0.4 give 0.2."""
    model = ModelSpy(lambda x, t: np.full_like(x, 0.4), shape=(1, 1))
    got = submission.edit(model, np.array([[0.5]]), 0.5, BETAS, ScriptedNoise())
    assert_equal(model.timesteps, [0], what="the model's timesteps")
    assert_close(model.inputs[0], [[0.4]], rtol=1e-5, what="the model's input")
    assert_close(got, [[0.2]], what="the edited picture")


@check(points=0.25, hint="Compare strength itself with 0 and with 1 before you compute anything.")
def test_strength_is_a_share(submission):
    """A strength below 0 or above 1 raises ValueError."""
    x = np.zeros((1, 2))
    for strength in (-0.5, 1.5):
        rng = np.random.default_rng(0)
        assert_raises(ValueError, submission.edit, ModelSpy(), x, strength, BETAS, rng, what=f"strength = {strength}")


@check(points=0.25, hint="With no step left to do, the picture comes back as it was, in an array of its own.")
def test_strength_zero_gives_a_copy(submission):
    """With strength 0 the picture comes back unchanged, as a copy, and the model is not asked."""
    x, model = np.array([[0.5, -0.25]]), ModelSpy()
    got = as_array(submission.edit(model, x, 0.0, BETAS, np.random.default_rng(0)), "the picture", (1, 2))
    assert_equal(got, x, what="the picture")
    if model.inputs or np.shares_memory(got, x):
        raise CheckFailure("the model was called" if model.inputs else "x itself came back, expected a copy")


@check(points=0.5, hint="After the last step, put x back where mask is True.")
def test_known_pixels_stay(submission):
    """Where mask is True the result is x, exactly; where it is False the model decides."""
    x, mask = np.array([[0.5, -1.0, 0.25]]), np.array([[True, False, True]])
    model = ModelSpy(shape=(1, 3))
    got = as_array(submission.inpaint(model, x, mask, BETAS, ScriptedNoise()), "the picture", (1, 3))
    assert_equal(model.timesteps, [1, 0], what="the model's timesteps")
    # Without noise, and with a model that answers 0, the unknown pixel starts at 0 and stays there.
    assert_equal(got, [[0.5, 0.0, 0.25]], what="the picture")
