"""Hidden checks of 06. The oracle is eq. 4 of Ho et al. 2020, entry by entry, and the record of the draws."""

from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    as_tuple,
    assert_close,
    assert_dtype,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.spies import CoinNoise, NoiseSpy, RecordingNoise, ScriptedNoise
from autograder.diffusion.strategies import alpha_bars, images, noise, seeds, timesteps


def spec_x_t(x0, eps, t, levels):
    """Eq. 4 with plain loops: each entry alone, each row at its own level."""
    out = np.empty(x0.shape)
    for index in np.ndindex(x0.shape):
        level = float(levels[t if np.ndim(t) == 0 else t[index[0]]])
        out[index] = sqrt(level) * float(x0[index]) + sqrt(1 - level) * float(eps[index])
    return out


def example(submission, x0, t, levels, rng):
    """The student's pair as two arrays shaped as x0."""
    x_t, eps = as_tuple(submission.make_example(x0, t, levels, rng), 2, "make_example's result")
    return as_array(x_t, "x_t", x0.shape), as_array(eps, "eps", x0.shape)


@check(
    points=0.25,
    hint="keep weighs the clean sample only, and it is an argument: use it, not 0.9.",
    examples=50,
)
@given(x=images(), e=noise(), keep=st.integers(0, 64).map(lambda k: k / 64))
def test_keep_weighs_the_clean_sample(submission, x, e, keep):
    """lesson_example is keep times the clean sample plus the noise, in float32, for every keep and shape."""
    expected = np.array([[keep * x[i, j] + e[i, j] for j in range(x.shape[1])] for i in range(x.shape[0])])
    for dtype in (np.float64, np.float32):  # what is float32 already may be edited by whoever converts it
        clean, dirt = x.astype(dtype), e.astype(dtype)
        with unchanged(x_clean=clean, noise=dirt), global_random_untouched():
            got = submission.lesson_example(clean, dirt, keep)
        assert_dtype(got, np.float32, "x_noisy")
        assert_close(got, expected, atol=1e-6, what="x_noisy")
    assert_same_for_whole_numbers(submission.lesson_example, x, e, keep, what="x_noisy")


@check(
    points=0.75,
    hint="Is the eps that you return the very noise that you mixed into x_t, with its weight taken off?",
)
@given(x0=images(), t=timesteps(), levels=alpha_bars(), seed=seeds())
def test_answer_fits_question(submission, x0, t, levels, seed):
    """x_t is made of x0 and the returned eps: sqrt(alpha_bar_t)·x0 + sqrt(1 - alpha_bar_t)·eps."""
    x_t, eps = example(submission, x0, t, levels, RecordingNoise(seed))
    if not np.any(np.abs(eps) > 1e-9):
        raise CheckFailure("eps is 0 everywhere, though the generator gave other numbers")
    assert_close(x_t, spec_x_t(x0, eps, t, levels), atol=1e-6, what="x_t, made again from x0 and your eps,")


@check(
    points=0.5,
    hint="rng.standard_normal(x0.shape) is eps: not scaled, not shared between rows, not drawn again.",
)
@given(x0=images(), t=timesteps(), levels=alpha_bars(), seed=seeds())
def test_eps_is_what_was_drawn(submission, x0, t, levels, seed):
    """The entries of eps are the normals that rng gave, each in one place, at every level."""
    rng = RecordingNoise(seed)
    _, eps = example(submission, x0, t, levels, rng)
    if rng.count != x0.size:
        raise CheckFailure(f"{rng.count} normals were drawn for {x0.size} entries")
    # Sorted: in which order and in which blocks they were drawn is the student's choice.
    assert_close(np.sort(eps, axis=None), np.sort(rng.draws), atol=1e-6, what="eps, sorted,", reveal=True)


@check(points=0.25, hint="Draw once for each entry, in every call, and keep nothing from the last call.")
@given(x0=images(batch=2, size=(2, 2)), t=timesteps(), levels=alpha_bars(), seed=seeds())
def test_every_call_draws_afresh(submission, x0, t, levels, seed):
    """Two calls take two times x0.size normals from rng, and their eps have no entry in common."""
    rng = NoiseSpy(seed)
    _, first = example(submission, x0, t, levels, rng)
    _, second = example(submission, x0, t, levels, rng)
    if rng.count != 2 * x0.size:
        raise CheckFailure(f"two calls drew {rng.count} normals", f"{2 * x0.size}", reveal=True)
    if not np.all(np.abs(np.subtract.outer(first.ravel(), second.ravel())) > 0):
        raise CheckFailure("the second call's eps holds entries of the first call's")


@check(
    points=0.25,
    hint="alpha_bars[t] has shape (B,): give it one axis more for each axis of x0 after the first.",
)
@given(x0=images(size=(2, 3)), t=timesteps(batch=3), levels=alpha_bars())
def test_rows_keep_their_own_level(submission, x0, t, levels):
    """With one t a row, each row is noised as it is alone, at its own level, for images of any shape."""
    for rng in (ScriptedNoise, lambda: CoinNoise(heads=1.0)):  # all draws are 0, or 1
        x_t, _ = example(submission, x0, t, levels, rng())
        for row, level in enumerate(t):
            alone, _ = example(submission, x0[row : row + 1], int(level), levels, rng())
            assert_close(x_t[row], alone[0].astype(float), atol=1e-6, what=f"row {row} of x_t, beside others,")


@check(points=0.25, hint="Draw from rng only, and build new arrays: `x0 *= …` edits the caller's.", examples=30)
@given(x0=images(), t=timesteps(batch=3), levels=alpha_bars(), seed=seeds())
def test_leaves_the_world_as_it_was(submission, x0, t, levels, seed):
    """make_example edits no input, leaves numpy's random state alone, and takes whole numbers as any other."""
    with unchanged(x0=x0, t=t, alpha_bars=levels), global_random_untouched():
        example(submission, x0, t, levels, np.random.default_rng(seed))

    def with_new_rng(x):
        return example(submission, x, t, levels, np.random.default_rng(seed))

    assert_same_for_whole_numbers(with_new_rng, x0, what="make_example's result")
