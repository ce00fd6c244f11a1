"""Hidden checks of 17. The oracle is Ho & Salimans 2022, eq. 6 with w counted from 0, entry by entry."""

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
from autograder.diffusion.strategies import noise

#: Guidance scales in quarters: negative ones push away from the condition, large ones overdo it.
scales = st.integers(-8, 40).map(lambda k: k / 4)


def spec_guided(eps_uncond, eps_cond, w):
    """Eq. 6 as a weighted sum, one entry at a time."""
    out = np.empty(eps_uncond.shape)
    for index in np.ndindex(out.shape):
        out[index] = (1 - w) * float(eps_uncond[index]) + w * float(eps_cond[index])
    return out


@check(points=0.25, hint="w = 0 ignores the condition.", examples=50)
@given(eps_uncond=noise(), eps_cond=noise())
def test_zero_is_unconditional(submission, eps_uncond, eps_cond):
    """w = 0 gives eps_uncond."""
    guided = submission.guided_eps(eps_uncond, eps_cond, 0.0)
    assert_close(guided, eps_uncond, atol=1e-12, what="guided at w = 0", reveal=True)


@check(
    points=0.25, hint="w = 1 is the model's own answer to the condition. The paper counts from one less.", examples=50
)
@given(eps_uncond=noise(), eps_cond=noise())
def test_one_is_conditional(submission, eps_uncond, eps_cond):
    """w = 1 gives eps_cond."""
    guided = submission.guided_eps(eps_uncond, eps_cond, 1.0)
    assert_close(guided, eps_cond, atol=1e-12, what="guided at w = 1", reveal=True)


@check(
    points=0.5, hint="All answers for one pair lie on one line, and w says how far along it, also below 0 and above 1."
)
@given(eps_uncond=noise(), eps_cond=noise(), w=scales)
def test_affine_in_w(submission, eps_uncond, eps_cond, w):
    """Any w, below 0 and above 1 too, goes w times the way from eps_uncond to eps_cond."""
    guided = submission.guided_eps(eps_uncond, eps_cond, w)
    assert_close(guided, spec_guided(eps_uncond, eps_cond, w), atol=1e-9, what=f"guided at w = {w}")


@check(points=0.25, hint="When both answers are the same there is no direction to go along.", examples=50)
@given(eps=noise(batch=2, size=(2, 3)), w=scales)
def test_agreement_is_a_fixed_point(submission, eps, w):
    """Where both answers agree, guidance changes nothing, whatever w is; images of any shape."""
    guided = submission.guided_eps(eps, eps.copy(), w)
    assert_close(guided, eps, atol=1e-9, what=f"guided at w = {w}", reveal=True)


@check(points=0.25, hint="`+=`, `*=` and `out=` edit the caller's arrays. Build a new one.", examples=50)
@given(eps_uncond=noise(batch=2, size=(2, 3)), eps_cond=noise(batch=2, size=(2, 3)), w=scales)
def test_answers_stay_as_they_are(submission, eps_uncond, eps_cond, w):
    """Both answers stay as they are, no randomness is used, and ints count as the same numbers."""
    with unchanged(eps_uncond=eps_uncond, eps_cond=eps_cond), global_random_untouched():
        as_array(submission.guided_eps(eps_uncond, eps_cond, w), "guided", eps_cond.shape)
        of_int = submission.guided_eps(eps_uncond, eps_cond, 3)
    of_float = as_array(submission.guided_eps(eps_uncond, eps_cond, 3.0), "guided", eps_cond.shape).astype(float)
    assert_close(of_int, of_float, atol=1e-9, what="guided at the int w = 3", reveal=True)
    assert_same_for_whole_numbers(submission.guided_eps, eps_uncond, eps_cond, w, what="guided")
