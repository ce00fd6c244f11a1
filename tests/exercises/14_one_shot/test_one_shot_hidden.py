"""Hidden checks of 14. The oracle is Ho et al. 2020, eq. 15, entry by entry, and exact denoisers (08)."""

from math import sqrt

import numpy as np
from hypothesis import given

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    assert_equal,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.spies import ModelSpy
from autograder.diffusion.strategies import alpha_bars, noise

#: The linear schedule of Ho et al. with T = 1000; its last entry is 4.04e-5.
LEVELS = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))


def spec_leap(x_T, eps, alpha_bar):
    """Eq. 15, each entry alone."""
    guess = np.empty(x_T.shape)
    for index in np.ndindex(x_T.shape):
        guess[index] = (float(x_T[index]) - sqrt(1 - alpha_bar) * float(eps[index])) / sqrt(alpha_bar)
    return guess


def level_of(t):
    """alpha_bar for the t that the model was asked at, which must exist."""
    if not (isinstance(t, int) and 0 <= t < len(LEVELS)):
        raise CheckFailure(f"the model was asked at t = {t}; the levels are 0 … {len(LEVELS) - 1}")
    return float(LEVELS[t])


def exact_denoiser(data):
    """The exact denoiser of a few pictures (08): the noise on the way to their weighted average."""

    def model(x_t, t):
        level = level_of(t)
        squares = np.array([[np.sum((x - sqrt(level) * picture) ** 2) for picture in data] for x in x_t])
        log_weights = -squares / (2 * (1 - level))
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return (x_t - sqrt(level) * np.tensordot(weights, data, axes=1)) / sqrt(1 - level)

    return model


@check(points=0.5, examples=50, hint="Bring the noise to the other side of x_T = signal + noise, then undo the weight.")
@given(x_T=noise(size=(2, 2)), eps=noise(size=(2, 2)), levels=alpha_bars(high=0.3))
def test_leap(submission, x_T, eps, levels):
    """The guess is x_T without the model's noise at the last level, over the weight of the signal there."""
    guess = submission.one_shot(ModelSpy(lambda x, t: eps.copy(), shape=x_T.shape), x_T.copy(), levels)
    # 1e-5: float32 loses this much when it subtracts two numbers near 3 and divides by 0.17.
    assert_close(guess, spec_leap(x_T, eps, float(levels[-1])), atol=1e-5, what="the guess")


@check(points=0.25, hint="How often is the model asked, and at which level? x_T itself should stay as it was.")
@given(x_T=noise(size=3), levels=alpha_bars(num_timesteps=7))
def test_one_question(submission, x_T, levels):
    """One call at t = T-1, on x_T as it came; x_T and alpha_bars stay as they were, and nothing is drawn."""
    model = ModelSpy(lambda x, t: 0.5 * x, shape=x_T.shape)
    before = x_T.copy()
    with unchanged(x_T=x_T, alpha_bars=levels), global_random_untouched():
        submission.one_shot(model, x_T, levels)
    assert_equal(model.timesteps, [6], what="the model's timesteps, with T = 7")
    assert_close(model.inputs[0], before, what="what the model saw")


@check(points=0.5, hint="With the exact denoiser the guess is the data's average. Is the weight of the signal undone?")
def test_every_start_lands_at_the_mean(submission):
    """With the exact denoiser of five pictures and T = 1000, every start lands at their average, to 0.05."""
    # Exact, not statistical: in each of 4 pixels the pictures differ by at most 0.5, the starts lie within 4 of 0:
    # log-weights differ by less than 0.00635 · 4 · 0.5 · 4 + 0.001 < 0.06, so the average moves by less than 0.03.
    rng = np.random.default_rng(13)
    pictures = 2.0 + rng.uniform(0, 0.5, (5, 2, 2))
    starts = np.clip(rng.standard_normal((40, 2, 2)), -4, 4)
    guess = as_array(
        submission.one_shot(ModelSpy(exact_denoiser(pictures), starts.shape), starts, LEVELS), "guess", starts.shape
    )
    gap = np.max(np.abs(guess - pictures.mean(axis=0)))
    if not gap < 0.05:
        raise CheckFailure(f"a start lands {gap:.3f} away from the average of all pictures")


@check(points=0.25, hint="Each row has its own start and its own guess. Nothing is clipped, averaged or drawn anew.")
def test_start_has_a_say_left(submission):
    """For a Gaussian of mean 3 and variance 0.25 the guess is the mean, moved a little by the row's own start."""
    starts = np.linspace(-3, 3, 7)[:, None]
    level = LEVELS[-1]

    def model(x_t, t):
        here = level_of(t)
        return sqrt(1 - here) * (x_t - sqrt(here) * 3) / (0.25 * here + 1 - here)

    moved = sqrt(level) * 0.25 * (starts - sqrt(level) * 3) / (0.25 * level + 1 - level)
    guess = submission.one_shot(ModelSpy(model, starts.shape), starts, LEVELS)
    # 2e-4: float32 loses this much when it divides by sqrt(4e-5); the starts move the guess by 5e-3.
    assert_close(guess, 3 + moved, rtol=1e-9, atol=2e-4, what="the guess")
