"""Hidden checks of 08. The oracle is the score: log p_t written with loops, and its central difference."""

from math import exp, log, pi, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    as_array,
    assert_close,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.strategies import alpha_bars, images, noise, timesteps

STEP = 1e-5
#: Levels with at least a tenth of noise, so that the difference quotient is good to 1e-7.
noisy_levels = alpha_bars(low=0.1)
some_var = images(batch=None, size=2, low=1 / 16, high=4.0)
some_mean = images(batch=None, size=2)


def log_normal(x, mean, var):
    return -0.5 * (x - mean) ** 2 / var - 0.5 * log(2 * pi * var)


def log_p_gaussian(x, level, mean, var):
    """log p_t of one noisy sample when x0 ~ N(mean, var): its entries are independent."""
    return sum(
        log_normal(float(x[i]), sqrt(level) * float(mean[i]), level * float(var[i]) + 1 - level)
        for i in np.ndindex(x.shape)
    )


def log_p_heap(x, level, data):
    """log p_t of one noisy sample when x0 is one of the data: a mixture of N narrow Gaussians."""
    logs = [sum(log_normal(x[i], sqrt(level) * d[i], 1 - level) for i in np.ndindex(x.shape)) for d in data]
    return max(logs) + log(sum(exp(one - max(logs)) for one in logs) / len(data))


def spec_eps(log_p, x_t, t, levels, *model):
    """-sqrt(1 - alpha_bar_t) times the gradient of log p_t, one entry after the other."""
    out = np.empty(x_t.shape)
    for b, *inner in np.ndindex(x_t.shape):
        level = float(levels[t if np.ndim(t) == 0 else t[b]])
        above, below = x_t[b].copy(), x_t[b].copy()
        above[tuple(inner)] += STEP
        below[tuple(inner)] -= STEP
        slope = (log_p(above, level, *model) - log_p(below, level, *model)) / (2 * STEP)
        out[(b, *inner)] = -sqrt(1 - level) * slope
    return out


def near(got, want, tolerance, what):
    """assert_close on the scale of the largest entry; float32, whose exponents lose digits, at 1e-4."""
    want = np.asarray(want, dtype=float)
    array = as_array(got, what, want.shape)
    scale = max(1.0, float(np.max(np.abs(want))))
    slack = 1e-4 if array.dtype == np.float32 else tolerance
    assert_close(array, want, rtol=0.0, atol=slack * scale, what=what)


@check(
    points=0.5,
    hint="Which part of x_t's variance is noise, and which is data? And eps is not yet the score.",
    examples=50,
)
@given(x_t=noise(size=2), t=timesteps(), levels=noisy_levels, mean=some_mean, var=some_var)
def test_gaussian_is_the_score(submission, x_t, t, levels, mean, var):
    """gaussian_eps is -sqrt(1 - alpha_bar_t) times the slope of log p_t, for Gaussian data."""
    got = submission.gaussian_eps(x_t, t, levels, mean, var)
    near(got, spec_eps(log_p_gaussian, x_t, t, levels, mean, var), 1e-5, "gaussian_eps")


@check(
    points=0.5,
    hint="Weigh the data's mean by 1/var and what x_t says about x0 by alpha_bar_t/(1 - alpha_bar_t).",
)
@given(x_t=noise(), t=timesteps(), levels=alpha_bars(), mean=st.integers(-64, 64), var=st.integers(1, 256))
def test_gaussian_posterior_mean(submission, x_t, t, levels, mean, var):
    """The clean sample that gaussian_eps implies is the conjugate posterior mean; mean and var are numbers."""
    mean, var = mean / 64, var / 64
    level = float(levels[t])
    precision = 1 / var + level / (1 - level)
    x0 = (mean / var + sqrt(level) * x_t / (1 - level)) / precision
    got = submission.gaussian_eps(x_t, t, levels, mean, var)
    near(got, (x_t - sqrt(level) * x0) / sqrt(1 - level), 1e-7, "gaussian_eps")


@check(
    points=0.25,
    hint="An entry of variance 0 is known: all that differs from it in x_t is noise.",
    examples=50,
)
@given(x_t=noise(size=2), t=timesteps(), levels=alpha_bars(), mean=some_mean)
def test_known_entries(submission, x_t, t, levels, mean):
    """Where var is 0 the clean entry is mean, and eps is exactly the noise that leads from it to x_t."""
    want = spec_eps(log_p_gaussian, x_t, t, levels, mean, np.array([0.0, 1.0]))
    level = float(levels[t])
    want[:, 0] = (x_t[:, 0] - sqrt(level) * mean[0]) / sqrt(1 - level)
    near(submission.gaussian_eps(x_t, t, levels, mean, np.array([0.0, 1.0])), want, 1e-5, "gaussian_eps")


@check(
    points=0.75,
    hint="Weights as in 07, then the weighted mean of the data, then eq. 4 solved for eps.",
    examples=50,
)
@given(x_t=noise(size=2), t=timesteps(), levels=noisy_levels, data=images(batch=4, size=2))
def test_empirical_is_the_score(submission, x_t, t, levels, data):
    """empirical_eps is -sqrt(1 - alpha_bar_t) times the slope of log p_t, for data that are N points."""
    got = submission.empirical_eps(x_t, t, levels, data)
    near(got, spec_eps(log_p_heap, x_t, t, levels, data), 1e-5, "empirical_eps")


@check(
    points=0.25,
    hint="With one point there is no doubt about x0. Do the weights of its copies sum to 1?",
    examples=50,
)
@given(x_t=noise(), t=timesteps(), levels=alpha_bars(), point=images(batch=1), copies=st.integers(1, 3))
def test_one_point(submission, x_t, t, levels, point, copies):
    """When all data are one point, eps is the noise that leads from that point to x_t."""
    level = float(levels[t])
    got = submission.empirical_eps(x_t, t, levels, np.repeat(point, copies, axis=0))
    near(got, (x_t - sqrt(level) * point) / sqrt(1 - level), 1e-6, "empirical_eps")


@check(points=0.25, hint="Subtract each row's own largest exponent before exp, as in 07.", examples=30)
@given(t=timesteps(), levels=alpha_bars(), side=st.integers(100, 5000))
def test_far_from_all_data(submission, t, levels, side):
    """Far from all data eps is still a number: away from the middle of two points, or from the nearer one."""
    level = float(levels[t])
    data = np.array([[float(side), 0.0], [-float(side), 0.0]])
    x_t = np.array([[0.0, 1.5], [3.0 * side, 0.0], [-sqrt(level) * side, -0.5]])
    x0 = np.array([[0.0, 0.0], [float(side), 0.0], [-float(side), 0.0]])
    got = as_array(submission.empirical_eps(x_t, t, levels, data), "empirical_eps", (3, 2))
    want = (x_t - sqrt(level) * x0) / sqrt(1 - level)
    near(got, want, 1e-6, "empirical_eps")
    near(got[0], want[0], 1e-6, "empirical_eps in the middle")


@check(
    points=0.25,
    hint="One level a row: (B, 1, …) where it fades the data, (B, 1) where it divides squared distances.",
)
@given(
    x_t=noise(size=(1, 2)),
    t=timesteps(batch=3),
    levels=noisy_levels,
    data=images(batch=3, size=(1, 2)),
    var=images(batch=None, size=(1, 2), low=1 / 16, high=4.0),
)
def test_rows_keep_their_own_level(submission, x_t, t, levels, data, var):
    """Both functions take one level a row and images of any shape, also when B equals N."""
    got = submission.empirical_eps(x_t, t, levels, data)
    near(got, spec_eps(log_p_heap, x_t, t, levels, data), 1e-5, "empirical_eps")
    got = submission.gaussian_eps(x_t, t, levels, data[0], var)
    near(got, spec_eps(log_p_gaussian, x_t, t, levels, data[0], var), 1e-5, "gaussian_eps")


@check(
    points=0.25,
    hint="Build new arrays: `x_t -= …` edits the caller's. Nothing is drawn here, either.",
    examples=30,
)
@given(x_t=noise(size=2), t=timesteps(batch=3), levels=noisy_levels, data=images(size=2))
def test_leaves_the_world_as_it_was(submission, x_t, t, levels, data):
    """Neither function edits its inputs or draws random numbers; asked twice they answer the same, and for ints too."""
    known = {"gaussian_eps": {"mean": data[0].copy(), "var": np.array([0.5, 2.0])}, "empirical_eps": {"data": data}}
    for name, model in known.items():
        function, answers = getattr(submission, name), []
        for _ in range(2):
            with unchanged(x_t=x_t, t=t, alpha_bars=levels, **model), global_random_untouched():
                answers.append(as_array(function(x_t, t, levels, **model), name, x_t.shape).astype(float))
        near(answers[1], answers[0], 1e-9, f"{name}, asked again,")
        assert_same_for_whole_numbers(function, x_t, t, levels, *model.values(), what=name)
