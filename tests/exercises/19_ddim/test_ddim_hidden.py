"""Hidden checks of 19. The oracle is Song et al. 2021, eq. 12 and eq. 16, and the exact flow of Gaussian data."""

from math import sqrt

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
    show,
    unchanged,
)
from autograder.diffusion.spies import ModelSpy
from autograder.diffusion.strategies import alpha_bars, betas, images, noise

#: Two levels of 0 … 9 as (t, t_prev), t_prev < t; -1 is the clean picture.
jumps = st.integers(0, 9).flatmap(lambda t: st.tuples(st.just(t), st.integers(-1, t - 1)))
dirty_jumps = st.integers(1, 9).flatmap(lambda t: st.tuples(st.just(t), st.integers(0, t - 1)))
etas = st.integers(1, 16).map(lambda k: k / 16)
#: (num_timesteps, num_steps), every pair allowed but for a single step, which has a check of its own.
counts = st.integers(2, 60).flatmap(lambda total: st.tuples(st.just(total), st.integers(2, total)))


def level_of(t, levels):
    """alpha_bar at level t; 1 at the clean picture, t = -1."""
    return 1.0 if t == -1 else float(levels[t])


def spec_sigma(t, t_prev, levels, eta):
    """Eq. 16, one number at a time."""
    now, prev = level_of(t, levels), level_of(t_prev, levels)
    return eta * sqrt((1 - prev) / (1 - now)) * sqrt(1 - now / prev)


def spec_step(x_t, eps, t, t_prev, levels):
    """Eq. 12 with sigma = 0: the same x0 and the same eps, mixed for level t_prev."""
    now, prev = level_of(t, levels), level_of(t_prev, levels)
    return sqrt(prev) * (x_t - sqrt(1 - now) * eps) / sqrt(now) + sqrt(1 - prev) * eps


def the_levels(got, num_timesteps, num_steps):
    """The levels as ints, or a failure: right number, from T-1, strictly descending, none below 0."""
    levels = as_array(got, "the levels", (num_steps,))
    if levels.dtype.kind not in "iu":
        raise CheckFailure(f"the levels are {levels.dtype}, expected ints")
    levels = levels.astype(np.int64)
    assert_equal(levels[0], num_timesteps - 1, what="the first level", reveal=True)
    if not (np.all(np.diff(levels) < 0) and levels[-1] >= 0):
        raise CheckFailure(f"the levels are {show(levels)}; they should fall, and none lies below 0")
    return levels


@check(points=0.5, hint="Count your entries, look at the first one, and look for two that are equal.")
@given(count=counts)
def test_levels_descend(submission, count):
    """num_steps levels come back: ints, the first is T-1, each smaller than the one before, none below 0."""
    num_timesteps, num_steps = count
    the_levels(submission.ddim_timesteps(num_timesteps, num_steps), num_timesteps, num_steps)


@check(points=0.25, hint="Spread the levels over the whole range, not only over its dirty end.")
@given(count=counts)
def test_levels_are_spread(submission, count):
    """The levels are spread over the whole range: no jump, the last one included, is above 3·T/num_steps + 1."""
    num_timesteps, num_steps = count
    levels = the_levels(submission.ddim_timesteps(num_timesteps, num_steps), num_timesteps, num_steps)
    longest = int(np.max(-np.diff([*levels, -1])))
    if not (longest <= 3 * num_timesteps / num_steps + 1):
        raise CheckFailure(f"with T = {num_timesteps} and {num_steps} steps, one jump is {longest} levels long")


@check(points=0.25, hint="Compare num_steps with 1 and with num_timesteps; both of these are still allowed.")
def test_number_of_steps_must_fit(submission):
    """ValueError for fewer than 1 step and for more steps than levels; 1 and T steps are fine."""
    for bad in (0, -1, 11, 100):
        assert_raises(ValueError, submission.ddim_timesteps, 10, bad, what=f"num_steps = {bad} with T = 10")
    for good in (1, 10):
        the_levels(submission.ddim_timesteps(10, good), 10, good)


@check(points=0.75, hint="Do x0 and eps stay the same in a step with eta = 0, and only their weights change?")
@given(x0=images(size=(2, 2)), eps=noise(size=(2, 2)), jump=jumps, levels=alpha_bars())
def test_stays_on_the_ray(submission, x0, eps, jump, levels):
    """With eta = 0 the sample made of x0 and eps at level t becomes the one made of the same x0 and eps at t_prev."""
    t, t_prev = jump
    x_t = sqrt(levels[t]) * x0 + sqrt(1 - levels[t]) * eps
    x_prev = submission.ddim_step(x_t, eps, t, t_prev, levels)
    prev = level_of(t_prev, levels)
    assert_close(x_prev, sqrt(prev) * x0 + sqrt(1 - prev) * eps, rtol=1e-7, atol=1e-9, what="x_prev")


@check(
    points=0.75, hint="All noise at t_prev has variance 1 - alpha_bar_prev. What fresh noise takes, eps must give up."
)
@given(jump=dirty_jumps, levels=alpha_bars(), eta=etas, fresh=noise())
def test_variance_budget(submission, jump, levels, eta, fresh):
    """Fresh noise comes in times sigma of eq. 16, and the weight of eps makes weight² + sigma² = 1 - alpha_bar_prev."""
    t, t_prev = jump
    sigma, ones, zeros = spec_sigma(t, t_prev, levels, eta), np.ones_like(fresh), np.zeros_like(fresh)
    only_fresh = submission.ddim_step(zeros, zeros, t, t_prev, levels, eta, fresh)
    assert_close(only_fresh, sigma * fresh, rtol=1e-7, atol=1e-9, what="x_prev for x_t = 0 and eps = 0")
    # All of x_t is noise here, so x0 is 0 and what comes back is the weight of eps.
    x_t = sqrt(1 - levels[t]) * ones
    weight = as_array(submission.ddim_step(x_t, ones, t, t_prev, levels, eta, zeros), "x_prev", ones.shape)
    left = sqrt(1 - levels[t_prev] - sigma**2) * ones
    assert_close(weight, left, rtol=1e-7, atol=1e-9, what="the weight of eps")


@check(points=0.5, hint="Between neighbours, sigma² of eta = 1 is the variance of 11.")
@given(x_t=images(), eps=noise(), fresh=noise(), t=st.integers(0, 9), betas=betas())
def test_eta_one_is_ddpm(submission, x_t, eps, fresh, t, betas):
    """From t to t-1 with eta = 1, the step is DDPM's: the mean of 11, and noise of 11's variance."""
    levels = np.cumprod(1 - betas)
    prev = level_of(t - 1, levels)
    mean = (x_t - betas[t] / sqrt(1 - levels[t]) * eps) / sqrt(1 - betas[t])
    std = sqrt(betas[t] * (1 - prev) / (1 - levels[t]))
    got = submission.ddim_step(x_t, eps, t, t - 1, levels, eta=1.0, noise=fresh)
    assert_close(got, mean + std * fresh, rtol=1e-7, atol=1e-7, what="x_prev")


@check(
    points=0.25, hint="At the clean picture there is no budget for noise, so sigma is 0 whatever eta is.", examples=50
)
@given(x0=images(), eps=noise(), t=st.integers(0, 9), levels=alpha_bars(), eta=st.sampled_from([0.0, 0.5, 1.0]))
def test_last_jump_is_clean(submission, x0, eps, t, levels, eta):
    """The jump to t_prev = -1 gives x0, from any level, with any eta, with noise and without."""
    x_t = sqrt(levels[t]) * x0 + sqrt(1 - levels[t]) * eps
    for fresh in (None, np.ones_like(eps)):
        got = submission.ddim_step(x_t, eps, t, -1, levels, eta=eta, noise=fresh)
        assert_close(got, x0, rtol=1e-7, atol=1e-7, what="x_prev at t_prev = -1", reveal=True)


@check(points=0.25, hint="Raise for sigma > 0 without noise, and only then.", examples=50)
@given(x_t=images(), eps=noise(), jump=dirty_jumps, levels=alpha_bars(), eta=etas)
def test_noise_only_where_it_is_needed(submission, x_t, eps, jump, levels, eta):
    """Without noise any eta above 0 raises ValueError; with eta = 0 none is needed and none is used. Nothing else, no
    argument and no random state, is touched, and whole numbers are numbers like others."""
    t, t_prev = jump
    fresh = np.ones_like(eps)
    assert_raises(ValueError, submission.ddim_step, x_t, eps, t, t_prev, levels, eta=eta, what=f"eta = {eta}")
    without = as_array(submission.ddim_step(x_t, eps, t, t_prev, levels, eta=0.0), "x_prev", x_t.shape).astype(float)
    given = submission.ddim_step(x_t, eps, t, t_prev, levels, eta=0.0, noise=fresh)
    assert_close(given, without, rtol=1e-7, atol=1e-9, what="x_prev with eta = 0 and noise", reveal=True)
    with unchanged(x_t=x_t, eps=eps, noise=fresh, alpha_bars=levels), global_random_untouched():
        submission.ddim_step(x_t, eps, t, t_prev, levels, eta, fresh)
    assert_same_for_whole_numbers(submission.ddim_step, x_t, eps, t, t_prev, levels, what="x_prev")


def spy(answer, shape, num_timesteps):
    """A model that answers for the levels 0 … T-1 only."""

    def guarded(x, t):
        if np.ndim(t) or not 0 <= t < num_timesteps:
            raise CheckFailure(f"the model got t = {t}; the levels are 0 … {num_timesteps - 1}")
        return answer(x, t)

    return ModelSpy(guarded, shape=shape, max_calls=num_timesteps)


@check(points=0.25, hint="Each step starts where the last one ended; the step after the last level goes to -1.")
@given(x_T=noise(), levels=alpha_bars(), slopes=images(None, 10), num_steps=st.integers(2, 10))
def test_path_of_the_sampler(submission, x_T, levels, slopes, num_steps):
    """The model is called at the levels of ddim_timesteps, in their order, and each jump goes to the next one's."""
    model = spy(lambda x, t: slopes[t] * x + 0.5, x_T.shape, 10)
    with unchanged(x_T=x_T, alpha_bars=levels), global_random_untouched():
        x0 = submission.ddim_sample(model, levels, num_steps, x_T)
    visited = the_levels(model.timesteps, 10, num_steps).tolist()
    own = as_array(submission.ddim_timesteps(10, num_steps), "the levels of ddim_timesteps").tolist()
    if visited != own:
        raise CheckFailure(f"the model is called at t = {show(visited)}, ddim_timesteps says {show(own)}")
    x = x_T
    for t, t_prev, seen in zip(visited, [*visited[1:], -1], model.inputs, strict=True):
        size = max(1.0, float(np.max(np.abs(x))))
        assert_close(seen, x, rtol=1e-4, atol=1e-4 * size, what=f"the sample that the model sees at t = {t}")
        x = spec_step(x, slopes[t] * x + 0.5, t, t_prev, levels)
    assert_close(x0, x, rtol=1e-6, atol=1e-9 * float(np.max(np.abs(x))), what="x0")


@check(points=0.5, hint="With more steps the sampler must come nearer to where infinitely many steps end.")
def test_error_falls_with_steps(submission):
    """For Gaussian data the error to the exact flow falls over 5, 20, 80 and 320 steps, and ends below 0.02."""
    levels = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    mean, var = np.array([0.5, -0.5]), np.array([0.25, 0.5])

    def eps_of(x, t):
        return sqrt(1 - levels[t]) * (x - sqrt(levels[t]) * mean) / (levels[t] * var + 1 - levels[t])

    x_T = np.stack([np.linspace(-2, 2, 9)] * 2, axis=1)
    exact = mean + np.sqrt(var / (levels[-1] * var + 1 - levels[-1])) * (x_T - sqrt(levels[-1]) * mean)
    before = np.inf
    for num_steps in (5, 20, 80, 320):
        x0 = as_array(submission.ddim_sample(spy(eps_of, x_T.shape, 1000), levels, num_steps, x_T), "x0", x_T.shape)
        error = float(np.max(np.abs(x0 - exact)))
        if not (error < before):
            raise CheckFailure(f"the error with {num_steps} steps is {error:.4g}, before it was {before:.4g}")
        before = error
    if not (before < 0.02):
        raise CheckFailure(f"the error with 320 steps is {before:.4g}", "below 0.02", reveal=True)
