"""Hidden checks of 09. The oracle is eq. 4 and eq. 14 of Ho et al. 2020, entry by entry; models are spies."""

from fractions import Fraction
from math import sqrt

import numpy as np
from hypothesis import given

from autograder.checks import (
    CheckFailure,
    as_float,
    assert_close,
    assert_equal,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.spies import ModelSpy
from autograder.diffusion.strategies import alpha_bars, images, noise, timesteps


def spec_x_t(x0, eps, t, levels):
    """Eq. 4 with plain loops: each entry alone, each row at its own level."""
    out = np.empty(x0.shape)
    for index in np.ndindex(x0.shape):
        level = float(levels[t if np.ndim(t) == 0 else t[index[0]]])
        out[index] = sqrt(level) * float(x0[index]) + sqrt(1 - level) * float(eps[index])
    return out


def spec_loss(prediction, eps):
    """The mean square of the errors, with plain loops."""
    return sum((float(prediction[i]) - float(eps[i])) ** 2 for i in np.ndindex(eps.shape)) / eps.size


@check(points=0.5, hint="The model sees the noisy sample: roots for weights, and the level of its own row.")
@given(x0=images(size=(2, 2)), eps=noise(size=(2, 2)), t=timesteps() | timesteps(batch=3), levels=alpha_bars())
def test_model_sees_the_noisy_sample(submission, x0, eps, t, levels):
    """What the model gets is x_t, made of x0 and this eps, each row at its own level, in the shape of x0."""
    spy = ModelSpy(shape=x0.shape)
    submission.eps_loss(spy, x0, t, eps, levels)
    if not spy.inputs:
        raise CheckFailure("the model was never called")
    # The spy keeps float64; 1e-5 leaves room for an x_t that was float32.
    assert_close(spy.inputs[0], spec_x_t(x0, eps, t, levels), rtol=1e-5, atol=1e-5, what="the model's input")


@check(points=0.5, hint="One call for the whole batch, and t goes to the model as it came to you.", examples=50)
@given(x0=images(), eps=noise(), t=timesteps() | timesteps(batch=3), levels=alpha_bars())
def test_asked_once_at_its_level(submission, x0, eps, t, levels):
    """The model is called exactly once, and told each row's t."""
    spy = ModelSpy(shape=x0.shape)
    submission.eps_loss(spy, x0, t, eps, levels)
    assert_equal(len(spy.inputs), 1, what="the number of the model's calls", reveal=True)
    told = np.broadcast_to(spy.raw_timesteps[0], (3,))
    assert_equal(told, np.broadcast_to(t, (3,)), what="the t that the model got, a row", reveal=True)


@check(points=0.5, hint="(guess - eps) squared, and the mean over everything: no root, no sum, no factor.")
@given(x0=images(size=(2, 3)), eps=noise(size=(2, 3)), slip=noise(size=(2, 3)), t=timesteps(), levels=alpha_bars())
def test_mean_of_squared_errors(submission, x0, eps, slip, t, levels):
    """A model that is wrong by some amounts has the mean of their squares as its loss, at every level."""
    guess = eps + slip
    loss = as_float(submission.eps_loss(ModelSpy(lambda x, t: guess.copy()), x0, t, eps, levels), "the loss")
    assert_close(loss, spec_loss(guess, eps), rtol=1e-6, atol=1e-9, what="the loss")


@check(points=0.25, hint="A model that takes the signal off x_t, at the level it is told, finds eps. Nothing is left.")
@given(x0=images(), eps=noise(), t=timesteps(batch=3), levels=alpha_bars())
def test_perfect_model_at_every_level(submission, x0, eps, t, levels):
    """A model that knows x0 and solves x_t for eps has the loss 0, with one level a row."""

    def knows_x0(x, told):
        level = np.broadcast_to(np.take(levels, told, mode="clip"), (3,))[:, None]
        return (x - np.sqrt(level) * x0) / np.sqrt(1 - level)

    loss = as_float(submission.eps_loss(ModelSpy(knows_x0, x0.shape), x0, t, eps, levels), "the loss")
    assert_close(loss, 0.0, atol=1e-9, what="the loss", reveal=True)


@check(points=0.25, hint="np.mean of float32 numbers adds up in float32. Ask for float64.")
def test_adds_up_in_float64(submission):
    """With 200,000 float32 entries the loss is right to a billionth."""
    # Multiples of 1/64: their squares are exact in float32, so only the adding up can go wrong.
    steps = np.random.default_rng(9).integers(-192, 193, (200, 1000))
    eps = (steps / 64).astype(np.float32)
    exact = float(Fraction(int(np.sum(steps**2)), steps.size * 64**2))
    model = ModelSpy(lambda x, t: np.zeros(x.shape, np.float32), eps.shape)
    loss = submission.eps_loss(model, np.zeros_like(eps), 1, eps, np.array([0.9, 0.5]))
    # as_float gives a float64, so a float32 result is held to 1e-9 as well.
    assert_close(as_float(loss, "the loss"), exact, rtol=1e-9, float32=False, what="the loss")


@check(
    points=0.25,
    hint="Nothing is drawn here: the noise is eps. And build new arrays, do not edit x0 or eps.",
    examples=30,
)
@given(x0=images(), eps=noise(), t=timesteps(batch=3), levels=alpha_bars())
def test_leaves_the_world_as_it_was(submission, x0, eps, t, levels):
    """eps_loss edits none of its inputs, draws nothing, and asked twice gives the same loss, for whole numbers too."""
    losses = []
    for _ in range(2):
        model = ModelSpy(lambda x, t: x / 2)
        with unchanged(x0=x0, eps=eps, t=t, alpha_bars=levels), global_random_untouched():
            losses.append(as_float(submission.eps_loss(model, x0, t, eps, levels), "the loss"))
        if not model.inputs:
            raise CheckFailure("the model was never called")
    assert_close(losses[1], losses[0], what="the loss, asked again,", reveal=True)

    def loss_of(x):
        return submission.eps_loss(ModelSpy(lambda x, t: x / 2), x, t, eps, levels)

    assert_same_for_whole_numbers(loss_of, x0, what="the loss")
