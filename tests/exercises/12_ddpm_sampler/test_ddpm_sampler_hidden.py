"""Hidden checks of 12. The oracle is Ho et al. 2020, Algorithm 2, with eq. 7's variance, one step at a time.

No check knows in which order a student draws, or whether a draw is added or subtracted: only the sizes of the
normals count, in any order.
"""

import itertools
from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    assert_equal,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.spies import ModelSpy, NoiseSpy, RecordingNoise, ScriptedNoise
from autograder.diffusion.strategies import betas, images, seeds


def spec_step(x_t, eps, t, betas):
    """Mean and variance of x_prev: Ho et al. 2020, eq. 11 and eq. 7, with the products written out."""
    alpha_bar_prev = 1.0
    for s in range(t):
        alpha_bar_prev *= 1 - float(betas[s])
    beta = float(betas[t])
    alpha_bar = alpha_bar_prev * (1 - beta)
    mean = (x_t - beta / sqrt(1 - alpha_bar) * eps) / sqrt(1 - beta)
    return mean, beta * (1 - alpha_bar_prev) / (1 - alpha_bar)


def spec_path(answer, start, noise, betas):
    """Every sample of Algorithm 2, x_T first and x0 last; noise[t] is the z of step t, noise[0] is unused."""
    path = [start]
    for t in range(len(betas) - 1, -1, -1):
        mean, var = spec_step(path[-1], answer(path[-1], t), t, betas)
        path.append(mean + sqrt(var) * noise[t] if t > 0 else mean)
    return path


def spy(answer, shape, num_timesteps):
    """A model that answers for the levels 0 … T-1 only, and not much more often than T times."""

    def guarded(x, t):
        if np.ndim(t) or not 0 <= t < num_timesteps:
            raise CheckFailure(f"the model got t = {t}; the levels are 0 … {num_timesteps - 1}")
        return answer(x, t)

    return ModelSpy(guarded, shape=shape, max_calls=num_timesteps + 5)


def affine(slopes, offsets):
    """A model that is different at each level and affine in x: eps = slopes[t]·x + offsets[t]."""
    return lambda x, t: slopes[t] * x + offsets[t]


def exact_eps(data_mean, data_var, betas):
    """The denoiser that is exact for Gaussian data: the mean of eps given x_t, affine in x_t."""

    def answer(x, t):
        alpha_bar = float(np.prod(1 - betas[: t + 1]))
        var = alpha_bar * data_var + 1 - alpha_bar
        return sqrt(1 - alpha_bar) * (x - sqrt(alpha_bar) * data_mean) / var

    return answer


def spec_moments(answer, betas):
    """Mean and variance of Algorithm 2's samples under an affine model, step by step from x_T's 0 and 1."""
    mean, var = 0.0, 1.0
    for t in range(len(betas) - 1, -1, -1):
        shift, step_var = spec_step(0.0, answer(0.0, t), t, betas)
        slope = spec_step(1.0, answer(1.0, t), t, betas)[0] - shift
        mean, var = slope * mean + shift, slope**2 * var + step_var
    return mean, var


def schedules(num_timesteps=4):
    """(betas, slopes, offsets) of one length."""
    entries = images(None, num_timesteps)
    return st.tuples(betas(num_timesteps, low=0.05), entries, entries)


def sampled(submission, model, *rest):
    """The samples, each step of which does something: an idle loop keeps no law of a sampler."""
    x0 = as_array(submission.ddpm_sample(model, *rest), "x0")
    seen = [*model.inputs, x0]
    changes = sum(not np.array_equal(before, after) for before, after in itertools.pairwise(seen))
    if changes < (levels := len(set(model.timesteps))):
        raise CheckFailure(f"the sample changes {changes} times, in {levels} steps")
    return x0


def moving(shape, max_calls=20):
    """A model that always finds some noise, so that every step moves the sample, by a wrong formula too."""
    return ModelSpy(lambda x, t: 0.25 * x + 0.125, shape, max_calls)


@check(points=0.5, hint="The levels run from T-1 down to 0, both included, whatever T is.")
def test_each_level_once(submission):
    """The model is called once a level, from T-1 down to 0, also when T is 1 or 50."""
    for num_timesteps in (1, 2, 7, 50):
        model = moving((3, 2), 2 * num_timesteps + 5)
        sampled(submission, model, np.full(num_timesteps, 0.1), (3, 2), NoiseSpy(1))
        want = list(range(num_timesteps - 1, -1, -1))
        assert_equal(model.timesteps, want, what=f"the list of t for T = {num_timesteps}")


@check(
    points=0.5,
    hint="One normal an entry for the start, one an entry for each step but the last: T·size in all.",
)
def test_number_of_draws(submission):
    """Exactly T·size normals are drawn, in any blocks, all from rng: the last step draws none."""
    for num_timesteps, shape in ((1, (2, 3)), (2, (1, 1)), (5, (3, 2)), (6, (2, 2, 3))):
        rng, schedule = NoiseSpy(num_timesteps), np.linspace(0.1, 0.3, num_timesteps)
        with global_random_untouched():
            x0 = sampled(submission, moving(shape), schedule, shape, rng)
        as_array(x0, "x0", shape)
        want = num_timesteps * int(np.prod(shape))
        assert_equal(rng.count, want, what=f"the number of normals drawn for T = {num_timesteps}, shape {shape}")


@check(
    points=0.5,
    hint="Each step starts where the one before ended, and asks the model about that very sample.",
)
@given(schedule=schedules())
def test_path_without_noise(submission, schedule):
    """With all noise 0, the path is the one of the means: x ← mean, step by step."""
    betas, slopes, offsets = schedule
    answer = affine(slopes, offsets)
    model = spy(answer, (2, 3), 4)
    with unchanged(betas=betas):
        x0 = submission.ddpm_sample(model, betas, (2, 3), ScriptedNoise())
    path = spec_path(answer, np.zeros((2, 3)), np.zeros((4, 2, 3)), betas)
    assert_equal(len(model.inputs), 4, what="the number of calls of the model")
    for t, got, want in zip((3, 2, 1, 0), model.inputs, path, strict=False):
        assert_close(got, want, rtol=1e-4, atol=1e-5, what=f"the sample that the model sees at t = {t}")
    assert_close(x0, path[-1], atol=2e-6, what="x0")  # float32 of the terms, which may cancel


@check(points=0.5, hint="At the start nothing is known of the picture: every entry is a fresh standard normal.")
def test_starts_from_pure_noise(submission):
    """The first sample that the model sees is standard normal noise, as rng gave it, each entry its own."""
    for num_timesteps, shape in ((1, (4, 3)), (5, (3, 2, 2))):
        rng, model = RecordingNoise(5), moving(shape)
        sampled(submission, model, np.full(num_timesteps, 0.2), shape, rng)
        if not model.inputs:
            raise CheckFailure("the model was never called")
        start = np.abs(model.inputs[0]).ravel()
        gaps = np.abs(start[:, None] - np.abs(rng.draws)[None, :])
        if rng.count == 0 or not (np.max(np.min(gaps, axis=1)) <= 1e-5):
            raise CheckFailure("the sample that the model sees first is not made of the normals drawn from rng")
        assert_equal(len(np.unique(np.argmin(gaps, axis=1))), start.size, what="the number of normals in the start")


@check(
    points=0.5,
    hint="Is sqrt(var) the factor of the noise, with var from 11, and is the noise new at each step?",
)
@given(schedule=schedules(), seed=seeds())
def test_every_normal_is_used_once(submission, schedule, seed):
    """Each step leaves the mean by sqrt(var) times fresh noise, and the last step stays on it."""
    betas, slopes, offsets = schedule
    answer, rng = affine(slopes, offsets), RecordingNoise(seed)
    model = spy(answer, (2, 3), 4)
    x0 = as_array(submission.ddpm_sample(model, betas, (2, 3), rng), "x0", (2, 3)).astype(float)
    assert_equal(model.timesteps, [3, 2, 1, 0], what="the list of t")
    used = [model.inputs[0]]
    for t, x_t, x_prev in zip((3, 2, 1), model.inputs, model.inputs[1:], strict=False):
        mean, var = spec_step(x_t, answer(x_t, t), t, betas)
        used.append((x_prev - mean) / sqrt(var))
    # 1e-4: a sampler in float32 is right to about 1e-6, and the smallest sqrt(var) is about 0.15.
    same_size = np.sort(np.abs(rng.draws))
    assert_close(
        np.sort(np.abs(np.ravel(used))),
        same_size,
        rtol=1e-4,
        atol=1e-4,
        what="the noise of all steps, sorted",
    )
    last_mean, _ = spec_step(model.inputs[3], answer(model.inputs[3], 0), 0, betas)
    assert_close(x0, last_mean, rtol=1e-4, atol=1e-4, what="x0, which is the mean of the step from t = 0")


@check(points=0.5, hint="One number drawn moves one entry of one sample, and no other.", examples=15)
@given(schedule=schedules(3))
def test_impulse(submission, schedule):
    """A single 1 among zeros moves a single entry of x0, by what the steps after it make of it."""
    betas, slopes, offsets = schedule
    answer, shape = affine(slopes, offsets), (2, 1)

    def run(rng):
        model = spy(answer, shape, 3)
        return as_array(submission.ddpm_sample(model, betas, shape, rng), "x0", shape).astype(float).ravel()

    moved = np.array([run(ScriptedNoise(i)) for i in range(6)]) - run(ScriptedNoise())
    zero = spec_path(answer, 0.0, np.zeros(3), betas)[-1]
    want = [spec_path(answer, 1.0, np.zeros(3), betas)[-1] - zero]
    want += [spec_path(answer, 0.0, np.eye(3)[t], betas)[-1] - zero for t in (1, 2)]
    if not np.all(np.min(np.abs(moved), axis=1) <= 2e-5):
        raise CheckFailure("one number drawn moved two samples")
    for entry in (0, 1):
        sizes = np.sort(np.abs(moved[:, entry]))
        expected = np.sort(np.abs([0.0, 0.0, 0.0, *want]))
        assert_close(sizes, expected, rtol=1e-4, atol=2e-5, what=f"what each of 6 impulses does to sample {entry}")


@check(
    points=0.5,
    hint="Is the noise of each step as large as var says, neither var itself nor beta_t nor none at all?",
)
def test_gaussian_data(submission):
    """With the exact denoiser of Gaussian data, 40,000 samples have the mean and variance of Algorithm 2
    (a correct solution fails with probability below 1e-10: 7 sigma)."""
    # The bound: 2 columns. A mean is 7 sigma off with probability 2.6e-12. A sample variance is chi-square,
    # 39,999 degrees of freedom, tails beyond 1 ± 7·sqrt(2/39999) sum to 3.4e-12. Together 1.2e-11.
    # A plain Generator draws in the student's own process, so a solution that draws number by number is not slow.
    count, schedule = 40_000, np.linspace(0.05, 0.4, 12)
    answer = exact_eps(np.array([1.0, -0.5]), np.array([0.25, 2.0]), schedule)
    model = spy(answer, (count, 2), 12)
    got = submission.ddpm_sample(model, schedule, (count, 2), np.random.default_rng(12))
    x0 = as_array(got, "x0", (count, 2)).astype(float)
    mean, var = spec_moments(answer, schedule)
    if not np.all(np.abs(x0.mean(axis=0) - mean) <= 7 * np.sqrt(var / count)):
        raise CheckFailure(f"the mean of 40,000 samples is {x0.mean(axis=0)}", f"{mean} ± 7 sigma")
    found = x0.var(axis=0, ddof=1)
    if not np.all(np.abs(found - var) <= 7 * var * sqrt(2 / (count - 1))):
        raise CheckFailure(f"the variance of 40,000 samples is {found}", f"{var} ± 7 sigma")


@check(points=0.25, hint="Draw from the rng that you were given, and make no generator of your own.")
def test_rng_decides(submission):
    """Equal seeds give equal samples; another seed, or the same rng used on, gives others."""
    schedule, shape = np.array([0.1, 0.3, 0.2]), (2, 3)

    def run(rng):
        x0 = sampled(submission, moving(shape), schedule, shape, rng)
        return as_array(x0, "x0", shape).astype(float)

    rng = np.random.default_rng(3)
    first, after = run(rng), run(rng)
    assert_close(run(np.random.default_rng(3)), first, what="x0 of the same seed", reveal=True)
    for other, name in (
        (after, "of the same rng used on"),
        (run(np.random.default_rng(4)), "of another seed"),
    ):
        if not (np.min(np.abs(other - first)) > 1e-9):
            raise CheckFailure(f"x0 {name} has entries equal to those of the first run")
