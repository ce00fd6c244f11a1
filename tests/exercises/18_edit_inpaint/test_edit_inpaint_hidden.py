"""Hidden checks of 18. The oracle is one step of Ho et al. 2020 (eq. 4, 7, 11) with plain products and loops.

What the model was given is recorded and judged: exactly with noise that is always 0, by statistics with real
noise. Thus the order of draws, their blocks, and the known pixels at the first call stay free.
"""

from itertools import combinations
from math import prod, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.spies import ModelSpy, ScriptedNoise
from autograder.diffusion.strategies import betas, images

T = 6  # small: every call of the model crosses to the judge and back
SCHEDULE = betas(T, low=0.1)
#: strength · T is a multiple of 1/4, never an exact half.
STRENGTHS = st.integers(0, 4 * T).filter(lambda j: j % 4 != 2).map(lambda j: j / (4 * T))
#: Multiples of 1/4 with at least one step left.
POSITIVE_STRENGTHS = STRENGTHS.filter(lambda s: s * T > 0.5)
MASKS = st.lists(st.integers(0, 2), min_size=12, max_size=12).map(lambda m: np.array(m).reshape(3, 4))
#: Inputs may come through float32: a looser bound than assert_close's, far below any mistake's size.
FLOAT32 = {"rtol": 1e-4, "atol": 2e-5}


def answer(x, t):
    """A model that mixes the pixels of a row, and depends on t."""
    rows = x.reshape(len(x), -1)
    return 0.3 * x + np.reshape(0.2 * rows.mean(1) + 0.05 * np.max(t), (-1,) + (1,) * (x.ndim - 1))


def alpha_bar(t, schedule):
    """The product of 1 - beta_0 … 1 - beta_t; 1 for t = -1, the clean level."""
    return prod(1.0 - float(beta) for beta in schedule[: t + 1])


def step_mean(x_t, t, schedule):
    """Eq. 11 with `answer` for the model."""
    beta, level = float(schedule[t]), alpha_bar(t, schedule)
    return (x_t - beta / sqrt(1 - level) * answer(x_t, t)) / sqrt(1 - beta)


def step_std(t, schedule):
    """The root of eq. 7's variance."""
    return sqrt(float(schedule[t]) * (1 - alpha_bar(t - 1, schedule)) / (1 - alpha_bar(t, schedule)))


def spied(run, x, *args, calls):
    """Run a sampler with `answer` for the model, called at t = calls-1 … 0: its inputs by t, its result."""
    model = ModelSpy(answer, shape=x.shape, max_calls=2 * T + 2)
    got = as_array(run(model, x, *args), "the picture", x.shape).astype(float)
    assert_equal(model.timesteps, list(range(calls - 1, -1, -1)), what="the model's timesteps")
    return dict(zip(model.timesteps, model.inputs, strict=True)), got


def assert_fresh_noise(draws, what):
    """Fail unless the arrays `(200, K)`, K >= 50, hold independent standard normals: one array a step.

    Bounds are 8 sigma. n = 10,000 numbers an array; by Chernoff a sum of squares leaves its bound with
    probability below 2e-13, a sum of products below 3e-14, a mean below 2e-15; by Hoeffding the share within
    ±1 leaves ±0.05 with probability below 1e-21. Up to 5 arrays, 5 bounds each and 10 for their pairs: all
    together below 1e-11.
    """

    def near(numbers, expected, deviation, law):
        gap = abs(float(np.mean(numbers)) - expected)
        if not (gap <= 8 * deviation / sqrt(numbers.size)):
            raise CheckFailure(f"{what} {law}")

    for z in draws:
        near(z, 0.0, 1.0, "does not have mean 0 around the signal that belongs there")
        near(z**2, 1.0, sqrt(2), "does not have the variance that belongs there")
        near(z[0::2] * z[1::2], 0.0, 1.0, "is shared between rows")
        near(z[:, 0:-1:2] * z[:, 1::2], 0.0, 1.0, "is shared between pixels")
        if not (abs(np.mean(np.abs(z) < 1) - 0.6827) <= 0.05):
            raise CheckFailure(f"{what} is not Gaussian")
    for one, other in combinations(draws, 2):
        near(one * other, 0.0, 1.0, "is not fresh at each step")


BIG = np.linspace(-1.0, 1.0, 200 * 100).reshape(200, 100)
BIG_BETAS = np.array([0.1, 0.2, 0.3, 0.4, 0.5])


@check(points=0.25, hint="k = round(strength · T) steps: the first at t = k - 1, the last at t = 0.")
def test_edit_takes_k_steps(submission):
    """edit calls the model k = round(strength · T) times, once each at t = k-1 … 0 (tried: T = 1, 3, 10)."""
    x = np.array([[0.5, -0.25]])
    for num_timesteps in (1, 3, 10):
        schedule = np.full(num_timesteps, 0.2)
        for quarters in range(4 * num_timesteps + 1):
            if quarters % 4 != 2:  # never an exact half
                k = (quarters + 1) // 4
                spied(
                    submission.edit,
                    x,
                    quarters / (4 * num_timesteps),
                    schedule,
                    np.random.default_rng(5),
                    calls=k,
                )


@check(
    points=0.5,
    hint="t is 0-based: k pinches of dirt make level k - 1. Which root multiplies x there?",
    examples=12,
)
@given(x=images(), strength=POSITIVE_STRENGTHS, schedule=SCHEDULE)
def test_edit_starts_from_x(submission, x, strength, schedule):
    """Without noise, the model's first input is sqrt(alpha_bar) at level k-1 times x."""
    k = round(strength * T)
    inputs, _ = spied(submission.edit, x, strength, schedule, ScriptedNoise(), calls=k)
    assert_close(inputs[k - 1], sqrt(alpha_bar(k - 1, schedule)) * x, **FLOAT32, what="the model's first input")


@check(
    points=0.5,
    hint="Each step goes from x_t to the mean of 11. The result is the mean of the step at t = 0.",
    examples=12,
)
@given(x=images(), strength=POSITIVE_STRENGTHS, schedule=SCHEDULE)
def test_edit_follows_the_model(submission, x, strength, schedule):
    """Without noise, each input of the model is the step before's mean (eq. 11), and so is the result."""
    k = round(strength * T)
    inputs, got = spied(submission.edit, x, strength, schedule, ScriptedNoise(), calls=k)
    for t in range(k - 1, 0, -1):
        assert_close(inputs[t - 1], step_mean(inputs[t], t, schedule), **FLOAT32, what=f"the input at t = {t - 1}")
    assert_close(got, step_mean(inputs[0], 0, schedule), **FLOAT32, what="the edited picture")


@check(
    points=0.5,
    hint="Fresh noise for every pixel: 1 - alpha_bar is its variance at the start, 11 gives the steps'.",
)
def test_edit_draws_the_right_noise(submission):
    """The start and every step but the last get fresh Gaussian noise of the right variance.

    (A correct solution fails with probability below 1e-11: 8 sigma, fixed seed.)
    """
    inputs, got = spied(submission.edit, BIG, 0.8, BIG_BETAS, np.random.default_rng(15), calls=4)
    level = alpha_bar(3, BIG_BETAS)
    draws = [(inputs[3] - sqrt(level) * BIG) / sqrt(1 - level)]
    for t in (3, 2, 1):
        draws.append((inputs[t - 1] - step_mean(inputs[t], t, BIG_BETAS)) / step_std(t, BIG_BETAS))
    assert_fresh_noise(draws, "the noise in edit")
    assert_close(got, step_mean(inputs[0], 0, BIG_BETAS), **FLOAT32, what="the picture after the last step")


@check(
    points=0.25,
    hint="round(0.04 · 10) is 0: no step is left, and alpha_bars[-1] would be the dirtiest level.",
)
def test_strength_that_rounds_to_no_step(submission):
    """A strength that rounds to k = 0 gives a copy of x; the range is tested on strength, not on k."""
    x, schedule, model = np.array([[0.5, -0.25], [1.0, 0.0]]), np.full(10, 0.2), ModelSpy()
    for strength in (0.04, 0, 0.0):
        got = as_array(submission.edit(model, x, strength, schedule, np.random.default_rng(1)), "the picture", (2, 2))
        assert_equal(got, x, what=f"the picture at strength {strength}")
        if model.inputs or np.shares_memory(got, x):
            raise CheckFailure(f"strength {strength} should give a copy of x, without a call of the model")
    for bad in (-0.01, 1.01):
        rng = np.random.default_rng(1)
        assert_raises(ValueError, submission.edit, model, x, bad, schedule, rng, what=f"strength = {bad}")


@check(points=0.25, hint="Build new arrays (`x *= …` edits the caller's), and draw from rng only.", examples=12)
@given(x=images(batch=2, size=(2, 3)), strength=STRENGTHS, schedule=SCHEDULE)
def test_inputs_stay_as_they_were(submission, x, strength, schedule):
    """Both functions leave x, mask, betas and numpy's random state alone, for images of any shape, also of ints."""
    mask = x > 0

    def run(function, x, *given):
        model = ModelSpy(answer, shape=x.shape, max_calls=2 * T + 2)
        return as_array(function(model, x, *given, schedule, np.random.default_rng(2)), "the picture", x.shape)

    with unchanged(x=x, mask=mask, betas=schedule), global_random_untouched():
        run(submission.edit, x, strength)
        run(submission.inpaint, x, mask)
    assert_same_for_whole_numbers(lambda x: run(submission.edit, x, strength), x, what="the edited picture")
    assert_same_for_whole_numbers(lambda x: run(submission.inpaint, x, mask), x, what="the inpainted picture")


@check(
    points=0.5,
    hint="At the call with t the known pixels are x noised to level t: sqrt(alpha_bar_t) · x and noise.",
    examples=12,
)
@given(x=images(), mask=MASKS, schedule=SCHEDULE)
def test_known_pixels_are_at_level_t(submission, x, mask, schedule):
    """Without noise, the known pixels hold sqrt(alpha_bar_t) · x at every call with t < T-1."""
    inputs, _ = spied(submission.inpaint, x, mask > 0, schedule, ScriptedNoise(), calls=T)
    for t in range(T - 1):
        expected = sqrt(alpha_bar(t, schedule)) * x[mask > 0]
        assert_close(inputs[t][mask > 0], expected, **FLOAT32, what=f"the known pixels at t = {t}")


@check(points=0.5, hint="A new draw at each step, for every pixel of every row, with variance 1 - alpha_bar_t.")
def test_known_pixels_get_fresh_noise(submission):
    """At every call with t < T-1 the known pixels' noise is fresh, independent, of variance 1 - alpha_bar_t.

    (A correct solution fails with probability below 1e-11: 8 sigma, fixed seed.)
    """
    mask = np.tile([True, False], 5000).reshape(200, 50).repeat(2, axis=1)
    inputs, _ = spied(submission.inpaint, BIG, mask, BIG_BETAS, np.random.default_rng(16), calls=5)
    draws = []
    for t in (3, 2, 1, 0):
        level = alpha_bar(t, BIG_BETAS)
        draws.append(((inputs[t] - sqrt(level) * BIG) / sqrt(1 - level))[mask].reshape(200, 50))
    assert_fresh_noise(draws, "the noise on the known pixels")


@check(
    points=0.5,
    hint="The unknown pixels start as noise and take the ordinary step, from the model's whole input.",
    examples=12,
)
@given(x=images(), mask=MASKS, schedule=SCHEDULE)
def test_unknown_pixels_follow_the_model(submission, x, mask, schedule):
    """Without noise, the unknown pixels start at 0, and each step takes them to the mean of eq. 11."""
    free = mask == 0
    inputs, got = spied(submission.inpaint, x, ~free, schedule, ScriptedNoise(), calls=T)
    assert_close(inputs[T - 1][free], np.zeros(free.sum()), **FLOAT32, what="the unknown pixels at the start")
    for t in range(T - 1, 0, -1):
        expected = step_mean(inputs[t], t, schedule)[free]
        assert_close(inputs[t - 1][free], expected, **FLOAT32, what=f"the unknown pixels at t = {t - 1}")
    assert_close(got[free], step_mean(inputs[0], 0, schedule)[free], **FLOAT32, what="the unknown pixels at the end")


@check(points=0.25, hint="Pure noise at the start; then each step but the last adds noise of 11's variance.")
def test_unknown_pixels_get_the_right_noise(submission):
    """The unknown pixels start as standard normal noise, and every step but the last adds fresh noise.

    (A correct solution fails with probability below 1e-11: 8 sigma, fixed seed.)
    """
    free = np.tile([True, False], 5000).reshape(200, 50).repeat(2, axis=1)
    inputs, got = spied(submission.inpaint, BIG, ~free, BIG_BETAS, np.random.default_rng(17), calls=5)
    draws = [inputs[4]]
    for t in (4, 3, 2, 1):
        draws.append((inputs[t - 1] - step_mean(inputs[t], t, BIG_BETAS)) / step_std(t, BIG_BETAS))
    assert_fresh_noise([z[free].reshape(200, 50) for z in draws], "the noise on the unknown pixels")
    assert_close(got[free], step_mean(inputs[0], 0, BIG_BETAS)[free], **FLOAT32, what="the unknown pixels at the end")


@check(
    points=0.25,
    hint="`~mask` and `x[mask]` mean something else for ints: make mask a bool array first.",
    examples=12,
)
@given(x=images(), mask=MASKS, schedule=SCHEDULE)
def test_known_pixels_are_exact_at_the_end(submission, x, mask, schedule):
    """At the end the known pixels equal x exactly, be it some, none or all; a mask of ints counts as bool."""
    for ints in (mask, np.zeros_like(mask), np.ones_like(mask)):
        model = ModelSpy(answer, shape=x.shape)
        got = as_array(submission.inpaint(model, x, ints, schedule, np.random.default_rng(3)), "the picture", x.shape)
        assert_equal(got[ints > 0], x[ints > 0], what="the known pixels")
        if not np.all(np.isfinite(got)):
            raise CheckFailure("the unknown pixels hold no numbers")


@check(
    points=0.25,
    hint="What x holds at the unknown pixels is no part of the task: start from noise there.",
    examples=12,
)
@given(x=images(), mask=MASKS, schedule=SCHEDULE)
def test_unknown_pixels_of_x_do_not_matter(submission, x, mask, schedule):
    """What x holds where mask is False changes neither what the model sees nor the result."""
    other = np.where(mask > 0, x, x + 2.0)
    one, got = spied(submission.inpaint, x, mask > 0, schedule, ScriptedNoise(), calls=T)
    two, got_other = spied(submission.inpaint, other, mask > 0, schedule, ScriptedNoise(), calls=T)
    for t in range(T):
        assert_close(
            two[t],
            one[t],
            **FLOAT32,
            what=f"the model's input at t = {t}, with other unknown pixels",
            reveal=True,
        )
    assert_close(got_other, got, **FLOAT32, what="the picture, with other unknown pixels", reveal=True)
