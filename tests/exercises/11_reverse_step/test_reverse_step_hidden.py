"""Hidden checks of 11. The oracle: Ho et al. 2020, eq. 11 and 7, by entry, and Bayes' rule on a grid."""

from math import sqrt

import numpy as np
from hypothesis import given

from autograder.checks import (
    CheckFailure,
    as_array,
    as_tuple,
    assert_close,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.strategies import betas, images, noise, timesteps


def spec_level(t, betas):
    """beta_t, alpha_bar_t and alpha_bar one level cleaner, each product written out."""
    alpha_bar_prev = 1.0
    for s in range(t):
        alpha_bar_prev *= 1 - float(betas[s])
    return float(betas[t]), alpha_bar_prev * (1 - float(betas[t])), alpha_bar_prev


def spec_mean(x_t, eps, t, betas):
    """Eq. 11 with plain loops: each entry alone, each row at its own level."""
    out = np.empty(x_t.shape)
    for index in np.ndindex(x_t.shape):
        beta, alpha_bar, _ = spec_level(int(t if np.ndim(t) == 0 else t[index[0]]), betas)
        out[index] = (float(x_t[index]) - beta / sqrt(1 - alpha_bar) * float(eps[index])) / sqrt(1 - beta)
    return out


def spec_var(t, betas):
    """The variance at one level: precisions add, 1/var = (1 - beta)/beta + 1/(1 - alpha_bar_prev)."""
    beta, _, alpha_bar_prev = spec_level(t, betas)
    return 0.0 if t == 0 else 1 / ((1 - beta) / beta + 1 / (1 - alpha_bar_prev))


def spec_vars(shape, t, betas):
    """spec_var for every entry, in x_t's shape."""
    levels = np.broadcast_to(t, shape[:1])
    return np.stack([np.full(shape[1:], spec_var(int(level), betas)) for level in levels])


def step(submission, x_t, eps, t, betas):
    """The student's (mean, var), both as arrays in x_t's shape. var may be one number or one number a row."""
    mean, var = as_tuple(submission.reverse_mean_var(x_t, eps, t, betas), 2)
    mean, var = as_array(mean, "mean", x_t.shape), as_array(var, "var")
    if var.size == 1:
        return mean, np.broadcast_to(var.reshape(()), x_t.shape)
    by_row = [x_t.shape[:1] + (1,) * axes for axes in range(x_t.ndim)]
    if var.shape in by_row:
        return mean, np.broadcast_to(var.reshape(by_row[-1]), x_t.shape)
    if var.shape == x_t.shape:
        return mean, var
    raise CheckFailure(f"var has shape {var.shape}; with x_t of shape {x_t.shape} it should be one number or one a row")


def bayes_on_a_grid(x_t, x0, beta, alpha_bar_prev):
    """Mean and variance of x_prev given x_t and x0: likelihood times prior on a fine grid, summed up."""
    x_prev = np.linspace(-14, 14, 28_001)
    log_p = -((x_t - sqrt(1 - beta) * x_prev) ** 2) / (2 * beta)
    log_p -= (x_prev - sqrt(alpha_bar_prev) * x0) ** 2 / (2 * (1 - alpha_bar_prev))
    p = np.exp(log_p - log_p.max())
    mean = np.sum(p * x_prev) / np.sum(p)
    return mean, np.sum(p * (x_prev - mean) ** 2) / np.sum(p)


@check(points=0.75, hint="Which of beta_t, alpha_bar_t and 1 - beta_t stand under a root, and which do not?")
@given(x_t=images(), eps=noise(), t=timesteps(), betas=betas())
def test_mean_of_the_step(submission, x_t, eps, t, betas):
    """The mean is (x_t - beta_t / sqrt(1 - alpha_bar_t) · eps) / sqrt(1 - beta_t)."""
    mean, _ = step(submission, x_t, eps, t, betas)
    assert_close(mean, spec_mean(x_t, eps, t, betas), rtol=1e-7, atol=1e-9, what="mean")


@check(points=0.75, hint="A variance, not a standard deviation; and a smaller one than beta_t.")
@given(x_t=images(), t=timesteps(9).map(lambda t: t + 1), betas=betas())
def test_precisions_add(submission, x_t, t, betas):
    """From t = 1 on, 1/var = (1 - beta_t) / beta_t + 1 / (1 - alpha_bar_prev)."""
    _, var = step(submission, x_t, np.ones_like(x_t), t, betas)
    assert_close(var, np.full(x_t.shape, spec_var(t, betas)), rtol=1e-7, what="var")


@check(
    points=0.75,
    hint="At t = 0 the level before is the clean picture: alpha_bar is 1 there, not alpha_bars[-1].",
)
@given(x0=images(), eps=noise(), betas=betas())
def test_last_step_is_clean(submission, x0, eps, betas):
    """At t = 0 nothing stays open: the mean is the clean sample and the variance is 0."""
    x_t = sqrt(1 - betas[0]) * x0 + sqrt(betas[0]) * eps
    mean, var = step(submission, x_t, eps, 0, betas)
    assert_close(var, np.zeros(x0.shape), atol=1e-12, what="var at t = 0")
    assert_close(mean, x0, rtol=1e-7, atol=1e-9, what="mean at t = 0", reveal=True)


@check(points=0.5, hint="Give betas[t] and both alpha_bars one axis more for each axis of x_t after the first.")
@given(
    x_t=images(batch=3, size=(2, 3)),
    eps=noise(batch=3, size=(2, 3)),
    t=timesteps(batch=3),
    betas=betas(),
)
def test_rows_keep_their_own_level(submission, x_t, eps, t, betas):
    """Each row takes the step that it takes alone, at its own level, for images of any shape, also of whole numbers."""
    with unchanged(x_t=x_t, eps=eps, t=t, betas=betas), global_random_untouched():
        mean, var = step(submission, x_t, eps, t, betas)
    for row, level in enumerate(t):
        alone = step(submission, x_t[row : row + 1], eps[row : row + 1], int(level), betas)
        assert_close(mean[row], alone[0][0], rtol=1e-7, atol=1e-9, what=f"mean of row {row}, beside others")
        assert_close(var[row], alone[1][0], rtol=1e-7, atol=1e-12, what=f"var of row {row}, beside others")
    if not np.all(np.isfinite(mean) & np.isfinite(var)):
        raise CheckFailure("mean or var is not finite")
    assert_same_for_whole_numbers(lambda x: step(submission, x, eps, t, betas), x_t, what="mean or var")


@check(
    points=0.5,
    hint="Which x0 does your eps stand for? The step asks where x_prev lies, given x_t and that x0.",
    examples=25,
)
@given(x0=images(None, ()), eps=noise(None, ()), t=timesteps(3).map(lambda t: t + 1), betas=betas(4, low=0.05))
def test_step_is_bayes_rule(submission, x0, eps, t, betas):
    """The mean is that of Bayes' rule: of all x_prev that x0 may become, those that one more pinch turns into x_t."""
    beta, alpha_bar, alpha_bar_prev = spec_level(t, betas)
    x_t = sqrt(alpha_bar) * float(x0) + sqrt(1 - alpha_bar) * float(eps)
    mean, _ = step(submission, np.array([[x_t]]), np.array([[float(eps)]]), t, betas)
    want_mean, _ = bayes_on_a_grid(x_t, float(x0), beta, alpha_bar_prev)
    assert_close(mean, [[want_mean]], atol=1e-6, what="mean")


@check(
    points=0.25,
    hint="How far the answer is open depends on the level alone. Does your variance read x_t or eps?",
)
@given(x_t=images(), eps=noise(), t=timesteps(batch=3), betas=betas())
def test_variance_knows_the_level_only(submission, x_t, eps, t, betas):
    """The variance depends on the level, not on the picture: it is the same for x_t = 0 and eps = 0."""
    _, var = step(submission, x_t, eps, t, betas)
    _, blank = step(submission, np.zeros_like(x_t), np.zeros_like(eps), t, betas)
    assert_close(blank, var, rtol=1e-7, atol=1e-12, what="var for x_t = 0 and eps = 0")
    if not np.all((blank[t > 0] > 0) & np.isfinite(blank[t > 0])):
        raise CheckFailure("var is not above 0 though t is")


@check(
    points=0.5,
    hint="Look at both ends of the schedule: t = 0 and t = T-1 must work, and T may be 1000, or 1.",
)
def test_whole_schedules(submission):
    """Every level of DDPM's schedule (T = 1000), and the only level when T = 1, follow the equation of the mean."""
    for schedule in (np.linspace(1e-4, 0.02, 1000), np.array([0.3])):
        t = np.arange(len(schedule))
        x_t = np.stack([np.sin(t), np.cos(3 * t)], axis=1)
        eps = np.stack([np.cos(t), np.sin(2 * t)], axis=1)
        mean, _ = step(submission, x_t, eps, t, schedule)
        alpha_bars_prev = np.cumprod(np.concatenate([[1.0], 1 - schedule]))[:-1]
        alpha_bars = alpha_bars_prev * (1 - schedule)
        want = x_t - (schedule / np.sqrt(1 - alpha_bars))[:, None] * eps
        assert_close(mean, want / np.sqrt(1 - schedule)[:, None], rtol=1e-7, atol=1e-9, what="mean")
