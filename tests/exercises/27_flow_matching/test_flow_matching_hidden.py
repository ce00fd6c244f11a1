"""Hidden checks of 27. The oracles are averages of lines, and the exact denoiser of 08 on the same sample."""

from itertools import pairwise
from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    as_float,
    assert_close,
    assert_raises,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.strategies import images

times = st.integers(0, 16).map(lambda sixteenths: sixteenths / 16)
inner = st.integers(1, 15).map(lambda sixteenths: sixteenths / 16)
a_row = st.lists(times, min_size=3, max_size=3, unique=True).map(np.array)
means = st.integers(-8, 8).map(lambda quarters: quarters / 4)
variances = st.integers(1, 16).map(lambda quarters: quarters / 4)


def spec_velocity(x, t, mean, var):
    """By 08: at alpha_bar = (1-t)²/c² of x/c the average noise, then x0 on the line, then their difference."""
    c = sqrt((1 - t) ** 2 + t**2)
    level = ((1 - t) / c) ** 2
    eps = sqrt(1 - level) * (x / c - sqrt(level) * mean) / (level * var + 1 - level)
    return eps - (x - t * eps) / (1 - t)


@check(points=0.5, examples=60, hint="Each row at its own time: (1 - t)·x0 + t·eps. Is t lined up with the rows?")
@given(x0=images(3, (2, 3)), eps=images(3, (2, 3)), t=a_row)
def test_each_row_at_its_own_time(submission, x0, eps, t):
    """x_t lies on the straight line, each row at its own time, at one time for all, and at both ends."""
    want = [(1 - time) * x + time * e for x, e, time in zip(x0, eps, t, strict=True)]
    assert_close(submission.interpolate(x0, eps, t), want, atol=1e-9, what="x_t")
    assert_close(submission.interpolate(x0, eps, 0.0), x0, atol=1e-9, what="x_t at t = 0", reveal=True)
    assert_close(submission.interpolate(x0, eps, 1), eps, atol=1e-9, what="x_t at t = 1", reveal=True)


@check(points=0.5, examples=40, hint="Between two times on one line: difference of place over difference of time.")
@given(x0=images(3, 4), eps=images(3, 4), start=times, end=times)
def test_velocity_is_constant_on_a_line(submission, x0, eps, start, end):
    """On a line the velocity times the time between two moments is the way between them."""
    one, other = (as_array(submission.interpolate(x0, eps, t), "x_t", (3, 4)).astype(float) for t in (start, end))
    speed = as_array(submission.velocity(x0, eps), "the velocity", (3, 4)).astype(float)
    assert_close(speed, eps - x0, atol=1e-9, what="the velocity")
    assert_close((end - start) * speed, other - one, atol=1e-5, what="the way between two times", reveal=True)


@check(points=0.75, examples=80, hint="Surprise times (t - (1 - t)·var) / variance, less the mean. Is var a variance?")
@given(x=images(3, 4), t=inner, mean=means, var=variances)
def test_average_velocity_is_that_of_the_exact_denoiser(submission, x, t, mean, var):
    """The average velocity is what the exact denoiser of 08 says of the same sample, in other words."""
    got = submission.gaussian_velocity(x, t, mean, var)
    assert_close(got, spec_velocity(x, t, mean, var), rtol=1e-6, atol=1e-4, what="the average velocity")


@check(points=0.5, examples=40, hint="t lines up with the rows, mean and var with one sample.")
@given(x=images(3, 4), t=st.lists(inner, min_size=3, max_size=3, unique=True).map(np.array))
def test_rows_and_columns_of_their_own(submission, x, t):
    """Each row has its own time, and each column its own mean and variance."""
    mean, var = np.array([-1.0, 0.0, 0.5, 2.0]), np.array([0.25, 1.0, 2.0, 4.0])
    want = np.array([[spec_velocity(x[i, j], t[i], mean[j], var[j]) for j in range(4)] for i in range(3)])
    assert_close(submission.gaussian_velocity(x, t, mean, var), want, atol=1e-4, what="the average velocity")


@check(points=0.25, hint="At t = 1 nothing is known of x0 but its mean; at t = 0 all of x is x0.")
def test_average_velocity_at_both_ends(submission):
    """At t = 1 the average velocity is x - mean, at t = 0 it is -x; for one point of data it leads straight there."""
    x = np.array([[-1.0, 0.5, 2.0]])
    assert_close(
        submission.gaussian_velocity(x, 1.0, 0.5, 2.0), x - 0.5, atol=1e-9, what="the average velocity at t = 1"
    )
    assert_close(submission.gaussian_velocity(x, 0.0, 0.5, 2.0), -x, atol=1e-9, what="the average velocity at t = 0")
    straight = submission.gaussian_velocity(x, 0.25, 0.5, 0.0)
    assert_close(straight, (x - 0.5) / 0.25, atol=1e-6, what="the average velocity with var = 0", reveal=True)


@check(points=0.5, hint="range(n, 0, -1): t = n/n first, 1/n last. How often is v asked in between?")
def test_v_is_asked_once_a_step(submission):
    """v is asked num_steps times, at t = 1, …, 2/n, 1/n, each time where the last step led."""
    for steps in (1, 3, 7):
        asked, places = [], []

        def v(x, t, asked=asked, places=places):
            asked.append(as_float(t, "the t that v is asked for"))
            places.append(np.array(x, dtype=float))
            return np.full(np.shape(x), 1.0 + t)

        x = as_array(submission.euler(v, np.zeros((2, 3)), steps), "x at t = 0", (2, 3)).astype(float)
        want = np.arange(steps, 0, -1) / steps
        assert_close(asked, want, what="the times that v is asked for", reveal=True)
        trail = -np.cumsum(1 + want) / steps
        assert_close([place[0, 0] for place in places], [0.0, *trail[:-1]], atol=1e-6, what="where v is asked")
        assert_close(x, np.full((2, 3), trail[-1]), what="x at t = 0")


@check(points=0.5, examples=30, hint="Each step is x - v/n. A single point of data is reached exactly, in any number.")
@given(point=images(1, 4), x1=images(3, 4), steps=st.integers(1, 9))
def test_a_single_point_is_reached_in_any_number_of_steps(submission, point, x1, steps):
    """If the data is one point, euler ends there, whatever the number of steps."""
    x = submission.euler(lambda x, t: (x - point) / t, x1, steps)
    assert_close(x, np.repeat(point, 3, axis=0), atol=1e-4, what="x at t = 0", reveal=True)


@check(points=0.5, hint="One question a step, at its beginning: then twice the steps halve the error.")
def test_error_falls_as_one_over_n(submission):
    """On Gaussian data, with the check's own v, twice the steps halve the distance to where the path leads."""
    x1 = np.array([[-1.5, -0.5, 1.0, 2.0]])
    mean, var = 0.5, 4.0
    exact = mean + sqrt(var) * x1  # the path keeps the number of standard deviations

    def v(x, t):
        total = (1 - t) ** 2 * var + t * t
        return (t - (1 - t) * var) / total * (x - (1 - t) * mean) - mean

    errors = []
    for steps in (20, 40, 80, 160):
        x = as_array(submission.euler(v, x1, steps), "x at t = 0", x1.shape).astype(float)
        errors.append(float(np.max(np.abs(x - exact))))
    ratios = [before / after if after > 0 else 0.0 for before, after in pairwise(errors)]
    if not all(1.8 < ratio < 2.2 for ratio in ratios):  # measured 1.94 to 2.00
        raise CheckFailure(f"from 20 to 160 steps the errors are {[float(f'{e:.3g}') for e in errors]}")


@check(points=0.25, hint="Every entry of t lies in 0 … 1, and there is at least one step.")
def test_times_and_steps_that_are_none(submission):
    """t below 0 or above 1 raises ValueError, also as one entry of several; so does num_steps below 1."""
    x = np.ones((3, 2))
    for bad in (-0.125, 1.25, np.array([0.5, 1.5, 0.25]), np.array([-0.5, 0.0, 1.0])):
        assert_raises(ValueError, submission.interpolate, x, x, bad, what=f"interpolate with t = {bad}")
        assert_raises(ValueError, submission.gaussian_velocity, x, bad, 0.0, 1.0, what=f"gaussian_velocity, t = {bad}")
    for bad in (0, -1):
        assert_raises(ValueError, submission.euler, lambda x, t: x, x, bad, what=f"num_steps = {bad}")


@check(points=0.25, examples=30, hint="`*=`, `x[...] =` and `out=` edit the caller's array. Build a new one.")
@given(x0=images(3, 4), eps=images(3, 4), t=a_row)
def test_nothing_is_edited(submission, x0, eps, t):
    """Samples, noise, times, mean and var stay as they are, and no randomness is used."""
    mean, var = np.array([-1.0, 0.0, 0.5, 2.0]), np.array([0.25, 1.0, 2.0, 4.0])
    with unchanged(x0=x0, eps=eps, t=t, mean=mean, var=var), global_random_untouched():
        submission.interpolate(x0, eps, t)
        as_array(submission.velocity(x0, eps), "the velocity", (3, 4))
        submission.gaussian_velocity(x0, t, mean, var)
        submission.euler(lambda x, t: x, eps, 3)
