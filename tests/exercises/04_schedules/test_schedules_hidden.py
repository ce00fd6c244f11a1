"""Hidden checks of 04. The oracle is the papers' formulas, one level at a time."""

from math import cos, pi

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    assert_dtype,
    assert_raises,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.strategies import betas

SIZES = st.integers(1, 40)
ENDS = st.integers(1, 99).map(lambda k: k / 100)


def spec_f(u, num_timesteps, s):
    """Nichol & Dhariwal's f, with u = 0 for clean."""
    return cos((u / num_timesteps + s) / (1 + s) * pi / 2) ** 2


def spec_cosine(num_timesteps, s, max_beta):
    """Eq. 17, one level at a time."""
    f = [spec_f(u, num_timesteps, s) for u in range(num_timesteps + 1)]
    return [min(1 - f[t + 1] / f[t], max_beta) for t in range(num_timesteps)]


def spec_alpha_bars(schedule):
    """What is left of the variance after each step."""
    left, out = 1.0, []
    for beta in schedule:
        left *= 1 - float(beta)
        out.append(left)
    return out


@check(points=0.25, hint="beta_start first, beta_end last, equal steps between; num_timesteps of them.")
@given(size=SIZES, start=ENDS, end=ENDS)
def test_linear_is_even(submission, size, start, end):
    """linear_betas goes from beta_start to beta_end in equal steps, up or down; one timestep gives beta_start."""
    want = [start + (end - start) * t / max(size - 1, 1) for t in range(size)]
    assert_close(submission.linear_betas(size, start, end), want, atol=1e-12, what=f"linear_betas of {size}")


@check(points=0.25, hint="The defaults are 0.0001 and 0.02, over 1000 timesteps.")
def test_linear_ends_almost_without_signal(submission):
    """With the defaults and T = 1000, the last alpha_bar is 4.0358e-5, within 1e-8."""
    schedule = as_array(submission.linear_betas(1000), "linear_betas(1000)", (1000,)).astype(np.float64)
    levels = as_array(submission.alpha_bars(schedule), "alpha_bars", (1000,))
    assert_close(levels[-1], 4.0358e-5, rtol=0, atol=1e-8, float32=False, what="the last alpha_bar")


@check(points=0.5, hint="What survives a step is 1 - beta. Level 0 has one step behind it already, level t has t + 1.")
@given(schedule=betas(low=0.0, high=0.9))
def test_running_product(submission, schedule):
    """alpha_bar_0 is 1 - beta_0, and each alpha_bar is 1 - beta_t times the one before, in any order of betas."""
    with unchanged(betas=schedule), global_random_untouched():
        levels = submission.alpha_bars(schedule)
    assert_close(levels, spec_alpha_bars(schedule), what="alpha_bars")


@check(points=0.25, hint="A step can take signal away but never bring it back.")
@given(size=st.integers(2, 60))
def test_alpha_bars_fall(submission, size):
    """For both schedules alpha_bar falls at every step, and stays above 0 and below 1."""
    for name in ("linear_betas", "cosine_betas"):
        schedule = as_array(getattr(submission, name)(size), name, (size,)).astype(np.float64)
        levels = as_array(submission.alpha_bars(schedule), f"alpha_bars of {name}", (size,))
        if not (np.all(np.diff(levels) < 0) and levels[0] < 1 and levels[-1] > 0):
            raise CheckFailure(f"alpha_bars of {name}({size}) do not fall from below 1 to above 0: {levels}")


@check(
    points=0.25, hint="Compare your f with the page: s twice, half of pi, the square; and which two f's make beta_0?"
)
@given(size=SIZES, s=st.integers(0, 64).map(lambda k: k / 1000), cap=st.sampled_from([0.999, 0.9, 0.5]))
def test_cosine_formula(submission, size, s, cap):
    """beta_t is 1 - f(t + 1)/f(t) with the squared cosine f, at most max_beta, for any T, s and max_beta."""
    want = spec_cosine(size, s, cap)
    assert_close(submission.cosine_betas(size, s, cap), want, atol=1e-9, what=f"cosine_betas({size}, {s}, {cap})")


@check(points=0.25, hint="Multiplied up, the f's of neighbouring levels cancel, and only the first and last are left.")
def test_cosine_levels_in_closed_form(submission):
    """With T = 1000, the betas multiply up to alpha_bar_t = f(t + 1)/f(0) wherever the cap is not at work."""
    schedule = as_array(submission.cosine_betas(1000), "cosine_betas(1000)", (1000,)).astype(np.float64)
    want = [spec_f(t + 1, 1000, 0.008) / spec_f(0, 1000, 0.008) for t in range(999)]
    assert_close(np.cumprod(1 - schedule)[:-1], want, rtol=1e-5, what="alpha_bars of the cosine schedule")


@check(points=0.25, hint="The last step would add all the dirt there is. What does max_beta do about that?")
@given(size=SIZES)
def test_cosine_is_capped(submission, size):
    """The last cosine beta is 0.999, and no other comes near it; with max_beta = 0.3 none exceeds 0.3."""
    schedule = as_array(submission.cosine_betas(size), "cosine_betas", (size,))
    assert_close(schedule[-1], 0.999, what="the last cosine beta", reveal=True)
    if not np.all(schedule[:-1] < 0.9):
        raise CheckFailure("a cosine beta before the last is above 0.9")
    low = as_array(submission.cosine_betas(size, max_beta=0.3), "cosine_betas with max_beta = 0.3", (size,))
    if not np.all(low <= 0.3 + 1e-7):
        raise CheckFailure(f"max_beta is 0.3, and the largest beta is {np.max(low):.6g}")


@check(points=0.5, hint="Both ends of both ranges, in every entry: 0 and 1 themselves need a thought each.")
def test_bad_betas_are_refused(submission):
    """ValueError for num_timesteps < 1, for beta_start or beta_end outside (0, 1), for any beta outside [0, 1)."""
    for name in ("linear_betas", "cosine_betas"):
        for size in (0, -3):
            assert_raises(ValueError, getattr(submission, name), size, what=f"num_timesteps = {size} in {name}")
    for bad in (0.0, 1.0, -0.1, 1.5):
        assert_raises(ValueError, submission.linear_betas, 5, bad, 0.5, what=f"beta_start = {bad}")
        assert_raises(ValueError, submission.linear_betas, 5, 0.5, bad, what=f"beta_end = {bad}")
    for bad in ([-0.01, 0.5], [0.5, -0.01], [0.5, 1.0, 0.5], [1.5, 0.1]):
        assert_raises(ValueError, submission.alpha_bars, np.array(bad), what=f"betas = {bad}")
    assert_close(submission.alpha_bars(np.array([0.0, 0.5])), [1.0, 0.5], what="alpha_bars of [0, 0.5]", reveal=True)


@check(points=0.25, hint="Leave dtype and length as numpy gives them: float64, one entry a level.")
def test_float64_levels(submission):
    """All three return float64 arrays of shape (T,), also for T = 1."""
    for size in (1, 7):
        schedules = {name: getattr(submission, name)(size) for name in ("linear_betas", "cosine_betas")}
        schedules["alpha_bars"] = submission.alpha_bars(np.full(size, 0.25))
        for name, values in schedules.items():
            assert_dtype(values, np.float64, f"{name}, T = {size},")
            as_array(values, f"{name}, T = {size},", (size,))
