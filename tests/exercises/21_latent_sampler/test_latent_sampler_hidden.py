"""Hidden checks of 21. Oracles: projections by the singular value decomposition, and one step of Ho et al. 2020."""

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
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.digits import load_digits
from autograder.diffusion.spies import ModelSpy, NoiseSpy, ScriptedNoise
from autograder.diffusion.strategies import betas, images, seeds


def pictures(seed, rows=600, pixels=6, rank=6):
    """Rows that spread differently along different directions, far from the origin."""
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.standard_normal((pixels, pixels)))[0][:rank]
    return 3.0 + (rng.standard_normal((rows, rank)) * np.geomspace(4.0, 0.25, rank)) @ directions


def arrays_of(space):
    """The arrays that a space is made of, by some name, to see whether they stay as they are."""
    entries = space.items() if isinstance(space, dict) else enumerate(space) if isinstance(space, list | tuple) else []
    return {f"space_{name}": value for name, value in entries if isinstance(value, np.ndarray)}


def space_of(submission, data, k):
    """What fit_space returns, its numbers as arrays, in whatever form they came."""
    return as_arrays(submission.fit_space(data, k))


def as_arrays(space):
    if isinstance(space, dict):
        return {name: as_arrays(entry) for name, entry in space.items()}
    try:
        return np.asarray(space, dtype=float)
    except (TypeError, ValueError):  # a list or tuple of arrays of several shapes
        return tuple(as_arrays(entry) for entry in space) if isinstance(space, list | tuple) else space


def spec_projection(data, x, k):
    """x, as the k widest directions of data can tell it."""
    mean = data.mean(axis=0)
    rows = np.linalg.svd(data - mean, full_matrices=False)[2][:k]
    back = np.array(np.broadcast_to(mean, x.shape), dtype=float)
    for direction in rows:
        back += ((x - mean) @ direction)[:, None] * direction
    return back


def spec_step(z, eps, t, schedule):
    """Mean of z_prev: Ho et al. 2020, eq. 11, with the product written out."""
    alpha_bar = float(np.prod([1 - float(beta) for beta in schedule[: t + 1]]))
    beta = float(schedule[t])
    return (z - beta / sqrt(1 - alpha_bar) * eps) / sqrt(1 - beta)


@check(
    points=0.5,
    hint="Divide each latent by its own standard deviation over the data.",
)
def test_latents_are_standard(submission):
    """On the pictures that the space was fitted to, every latent has mean 0 and variance 1, to 2 in 1,000."""
    for data, k in ((pictures(1), 4), (load_digits("train")[0], 16), (load_digits("train")[0], 61)):
        kept = data.copy()
        with unchanged(data=data), global_random_untouched():
            space = space_of(submission, data, k)
        with unchanged(x=kept, **arrays_of(space)), global_random_untouched():
            z = as_array(submission.to_latent(kept, space), "the latents", (len(data), k)).astype(float)
        assert_close(z.mean(axis=0), np.zeros(k), atol=2e-5, what="the means of the latents")
        assert_close(z.var(axis=0), np.ones(k), rtol=2e-3, what="the variances of the latents")


@check(points=0.25, hint="Mean, directions and scales are those of the data that were fitted, whoever comes later.")
@given(seed=seeds(), first=st.integers(0, 500), count=st.integers(1, 5))
def test_each_picture_has_latents_of_its_own(submission, seed, first, count):
    """The latents of some pictures do not depend on which others are squeezed along with them."""
    data = pictures(seed % 1000)
    space = space_of(submission, data, 3)
    all_of_them = as_array(submission.to_latent(data, space), "the latents", (600, 3))
    some = submission.to_latent(data[first : first + count], space)
    assert_close(some, all_of_them[first : first + count], atol=1e-9, what="the latents of some pictures")


@check(points=0.5, hint="There and back is what 20's encode and decode do: the scale goes out again.")
@given(x=images(size=6, low=-4, high=8), seed=seeds(), k=st.integers(1, 6))
def test_there_and_back_is_the_projection(submission, x, seed, k):
    """Squeezed and rebuilt, any picture is its projection on the k widest directions, through the mean."""
    data = pictures(seed % 1000)
    space = space_of(submission, data, k)
    back = submission.to_picture(as_array(submission.to_latent(x, space), "the latents", (3, k)), space)
    assert_close(back, spec_projection(data, x, k), rtol=1e-6, atol=1e-6, what="what comes back")


@check(points=0.25, examples=20, hint="z times the scales, along the directions, the mean on top: read it backwards.")
@given(z=images(size=3, low=-3, high=3), seed=seeds())
def test_latents_come_back(submission, z, seed):
    """Latents that become pictures and latents again are the same latents."""
    space = space_of(submission, pictures(seed % 1000), 3)
    with unchanged(z=z, **arrays_of(space)), global_random_untouched():
        x = as_array(submission.to_picture(z, space), "the pictures", (3, 6))
    assert_close(submission.to_latent(x, space), z, rtol=1e-6, atol=1e-6, what="the latents")


@check(points=0.25, hint="How many directions do the data vary along? Dividing by a spread of 0 is no answer.")
def test_no_direction_without_spread(submission):
    """fit_space raises ValueError for k below 1, or above the rank of the data less their mean; up to it, not."""
    flat = pictures(5, rank=4)
    for k in (0, -1, 5, 6, 7):
        assert_raises(ValueError, submission.fit_space, flat, k, what=f"k = {k} with data of rank 4")
    for k in (1, 4):
        space = space_of(submission, flat, k)
        as_array(submission.to_latent(flat, space), "the latents", (600, k))
    assert_raises(ValueError, submission.fit_space, pictures(5, rows=3), 3, what="k = 3 with three pictures")


@check(points=0.25, hint="The levels run from T-1 down to 0; the model is asked once at each, about (num_samples, k).")
def test_each_level_once_in_latents(submission):
    """The model sees latents alone, once a level, from T-1 down to 0, also when T is 1."""
    data = pictures(2)
    for k, count, num_timesteps in ((2, 3, 1), (3, 5, 4), (6, 1, 12)):
        space, model = space_of(submission, data, k), ModelSpy(shape=(count, k), max_calls=num_timesteps + 5)
        x0 = submission.sample(model, space, count, np.full(num_timesteps, 0.1), NoiseSpy(1))
        as_array(x0, "the samples", (count, 6))
        want = list(range(num_timesteps - 1, -1, -1))
        assert_equal(model.timesteps, want, what=f"the list of t for T = {num_timesteps}")


@check(points=0.5, hint="Each step starts where the one before ended; only the last latents become pictures.")
@given(schedule=betas(num_timesteps=4, low=0.05), slopes=images(None, 4), offsets=images(None, 4))
def test_path_without_noise(submission, schedule, slopes, offsets):
    """With all noise 0, the latents follow Ho et al.'s eq. 11, and the end of their path is what comes out."""
    data = pictures(3)
    space, model = space_of(submission, data, 2), ModelSpy(lambda z, t: slopes[t] * z + offsets[t], (3, 2), 9)
    with unchanged(betas=schedule, **arrays_of(space)):
        x0 = as_array(submission.sample(model, space, 3, schedule, ScriptedNoise()), "the samples", (3, 6))
    z = np.zeros((3, 2))
    for t in range(3, -1, -1):
        z = spec_step(z, slopes[t] * z + offsets[t], t, schedule)
    got = as_array(submission.to_latent(x0, space), "the latents of the samples", (3, 2))
    assert_close(got, z, rtol=1e-5, atol=1e-5, what="the latents of the samples")
    assert_close(x0, spec_projection(data, x0, 2), rtol=1e-6, atol=1e-6, what="the samples, projected")


@check(points=0.25, hint="One normal a latent for the start, one a latent for each step but the last; none for pixels.")
def test_noise_is_for_latents(submission):
    """Exactly T · num_samples · k normals are drawn, all from rng, and they decide what comes out."""
    data = pictures(4)
    for k, count, num_timesteps in ((2, 3, 1), (3, 2, 5)):
        space, rng = space_of(submission, data, k), NoiseSpy(num_timesteps)
        with global_random_untouched():
            first = submission.sample(ModelSpy(shape=(count, k)), space, count, np.full(num_timesteps, 0.2), rng)
        want = num_timesteps * count * k
        assert_equal(rng.count, want, what=f"the number of normals drawn for T = {num_timesteps}, k = {k}")
        again = submission.sample(ModelSpy(shape=(count, k)), space, count, np.full(num_timesteps, 0.2), rng)
        if np.allclose(as_array(first, "the samples"), as_array(again, "the samples")):
            raise CheckFailure("the same rng used on gives the same samples again")


@check(points=0.25, hint="The noise of a step has the variance of reverse_mean_var: its root is the factor.")
def test_variance_of_a_world_of_gaussians(submission):
    """With the exact model of standard latents, those of the samples have the variance that eq. 7 adds up to."""
    # A correct solution fails with probability below 1e-10: 20,000 samples, 3 latents, 7 sigma each.
    schedule, count = np.linspace(0.05, 0.4, 8), 20_000
    levels, var = np.cumprod(1 - schedule), 1.0
    for t in range(7, -1, -1):
        before = levels[t - 1] if t else 1.0
        slope = spec_step(1.0, sqrt(1 - levels[t]), t, schedule)
        var = slope**2 * var + schedule[t] * (1 - before) / (1 - levels[t])
    space = space_of(submission, pictures(6), 3)
    model = ModelSpy(lambda z, t: sqrt(1 - levels[t]) * z, (count, 3), 20)
    x0 = as_array(submission.sample(model, space, count, schedule, np.random.default_rng(7)), "the samples")
    z = as_array(submission.to_latent(x0, space), "the latents of the samples", (count, 3))
    found = z.var(axis=0)
    if not np.all(np.abs(found - var) <= 7 * var * sqrt(2 / count)):
        raise CheckFailure(f"the variances of 20,000 samples' latents are {found}", f"{var:.4f} ± 7 sigma")
