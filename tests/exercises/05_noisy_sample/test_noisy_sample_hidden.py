"""Hidden checks of 05. The oracle is the scalar formula of Ho et al. 2020, eq. 4, entry by entry."""

from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    assert_raises,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.strategies import alpha_bars, betas, images, noise, timesteps


def spec_add_noise(x0, eps, t, levels):
    """Eq. 4 with plain loops: each entry alone, each row at its own level."""
    out = np.empty(x0.shape)
    for index in np.ndindex(x0.shape):
        level = float(levels[t if np.ndim(t) == 0 else t[index[0]]])
        out[index] = sqrt(level) * float(x0[index]) + sqrt(1 - level) * float(eps[index])
    return out


@check(points=0.5, hint="Is it the square root of alpha_bar_t that multiplies x0?")
@given(x0=images(), t=timesteps(), levels=alpha_bars())
def test_signal_is_scaled(submission, x0, t, levels):
    """Without noise, x_t is sqrt(alpha_bar_t) times x0."""
    x_t = submission.add_noise(x0, np.zeros_like(x0), t, levels)
    assert_close(x_t, spec_add_noise(x0, np.zeros_like(x0), t, levels), atol=1e-12, what="x_t")


@check(points=0.5, hint="Is it the square root of 1 - alpha_bar_t that multiplies eps?")
@given(eps=noise(), t=timesteps(), levels=alpha_bars())
def test_noise_is_scaled(submission, eps, t, levels):
    """With x0 = 0, x_t is sqrt(1 - alpha_bar_t) times eps."""
    x_t = submission.add_noise(np.zeros_like(eps), eps, t, levels)
    assert_close(x_t, spec_add_noise(np.zeros_like(eps), eps, t, levels), atol=1e-12, what="x_t")


@check(points=0.5, hint="alpha_bars[t] has shape (B,): give it one axis more for each axis of x0 after the first.")
@given(
    x0=images(batch=3, size=(2, 3)),
    eps=noise(batch=3, size=(2, 3)),
    t=timesteps(batch=3),
    levels=alpha_bars(),
)
def test_rows_keep_their_own_level(submission, x0, eps, t, levels):
    """Each row is noised to its own level, for images of any shape, also of ints, and also when B equals the width."""
    with unchanged(x0=x0, eps=eps, t=t, alpha_bars=levels), global_random_untouched():
        x_t = submission.add_noise(x0, eps, t, levels)
    assert_close(x_t, spec_add_noise(x0, eps, t, levels), atol=1e-12, what="x_t")
    assert_same_for_whole_numbers(submission.add_noise, x0, eps, t, levels, what="x_t")


@check(points=0.25, hint="The equation has no constant term: doubling both inputs doubles x_t.")
@given(x0=images(), eps=noise(), t=timesteps(batch=3), levels=alpha_bars())
def test_homogeneous(submission, x0, eps, t, levels):
    """Scaling x0 and eps by 3 scales x_t by 3."""
    once = as_array(submission.add_noise(x0, eps, t, levels), "x_t", x0.shape).astype(float)
    thrice = submission.add_noise(3 * x0, 3 * eps, t, levels)
    assert_close(thrice, 3 * once, atol=1e-9, what="x_t of 3·x0, 3·eps")
    if np.array_equal(submission.add_noise(x0 + 1, eps + 1, t, levels), once):
        raise CheckFailure("x_t is the same for other x0 and eps")


@check(points=0.25, hint="Solve the equation for x0: take the noise off, then divide by the weight of the signal.")
@given(x0=images(low=-4, high=4), eps=noise(), t=timesteps(batch=3), levels=alpha_bars())
def test_x0_comes_back(submission, x0, eps, t, levels):
    """predict_x0 undoes the noise: from x_t and its eps it gives x0 back."""
    x_t = spec_add_noise(x0, eps, t, levels)
    with unchanged(x_t=x_t, eps=eps, t=t, alpha_bars=levels), global_random_untouched():
        got = submission.predict_x0(x_t, eps, t, levels)
    assert_close(got, x0, atol=1e-6, what="predict_x0", reveal=True)
    assert_same_for_whole_numbers(submission.predict_x0, x_t, eps, t, levels, what="predict_x0")


@check(points=0.25, hint="Solve the equation for eps: take the signal off, then divide by the weight of the noise.")
@given(x0=images(), eps=noise(), t=timesteps(batch=3), levels=alpha_bars())
def test_eps_comes_back(submission, x0, eps, t, levels):
    """predict_eps finds the noise: from x_t and x0 it gives eps back."""
    x_t = spec_add_noise(x0, eps, t, levels)
    with unchanged(x_t=x_t, x0=x0, t=t, alpha_bars=levels), global_random_untouched():
        got = submission.predict_eps(x_t, x0, t, levels)
    assert_close(got, eps, atol=1e-6, what="predict_eps", reveal=True)
    assert_same_for_whole_numbers(submission.predict_eps, x_t, x0, t, levels, what="predict_eps")


@check(points=0.75, hint="Is t = 0 the first entry of alpha_bars? It is one pinch of dirt, not none.")
@given(x0=images(), pinches=noise(batch=4), schedule=betas(num_timesteps=4))
def test_one_jump_equals_single_steps(submission, x0, pinches, schedule):
    """Four single steps x ← sqrt(1 - beta)·x + sqrt(beta)·pinch equal one jump to t = 3 with their summed noise."""
    x = x0.copy()
    levels = np.cumprod(1 - schedule)
    for pinch, beta in zip(pinches, schedule, strict=True):
        x = sqrt(1 - beta) * x + sqrt(beta) * pinch
    # The pinches' share of x, rescaled to one eps of the jump.
    eps = (x - sqrt(levels[3]) * x0) / sqrt(1 - levels[3])
    assert_close(submission.add_noise(x0, eps, 3, levels), x, atol=1e-9, what="x_3")
    first = sqrt(1 - schedule[0]) * x0 + sqrt(schedule[0]) * pinches[0]
    jump = submission.add_noise(x0, np.broadcast_to(pinches[0], x0.shape).copy(), 0, levels)
    assert_close(jump, first, atol=1e-9, what="x_0, the sample after one step")


@check(
    points=0.5,
    examples=15,
    hint="Python takes index -1 as the last entry. Look at t before you index, in all three functions.",
)
@given(x=images(size=2), t=timesteps(batch=3), levels=alpha_bars(), beyond=st.integers(0, 3), row=st.integers(0, 2))
def test_no_level_outside(submission, x, t, levels, beyond, row):
    """All three raise IndexError for t below 0, for t = T and above, and for one bad row among good ones; else not."""
    for name in ("add_noise", "predict_x0", "predict_eps"):
        function = getattr(submission, name)
        for bad in (-1 - beyond, len(levels) + beyond):
            rows = np.where(np.arange(3) == row, bad, t)
            for wrong in (bad, rows):
                assert_raises(IndexError, function, x, x, wrong, levels, what=f"t = {wrong} in {name} with T = 10")
        assert_close(as_array(function(x, x, t, levels), name).shape, x.shape, what=f"{name}'s shape")
