"""Hidden checks of 26. The oracle knows x0 and eps, and makes the rest of them by the definitions, a row at a time."""

from math import exp, log, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    as_array,
    assert_close,
    assert_raises,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.strategies import images

NAMES = ("eps", "x0", "v", "score")
names = st.sampled_from(NAMES)
#: Levels by their log-SNR, in 1/8, from all but noise to all but clean.
logs = st.integers(-48, 48).map(lambda eighths: eighths / 8)
levels = st.lists(logs.map(lambda ratio: 1 / (1 + exp(-ratio))), min_size=3, max_size=3, unique=True).map(np.array)


def spec_targets(x0, eps, alpha_bars):
    """x_t and the four targets, each row at a level of its own."""
    rows = [(sqrt(a) * x + sqrt(1 - a) * e, sqrt(a) * e - sqrt(1 - a) * x, -e / sqrt(1 - a)) for x, e, a in
            zip(x0, eps, alpha_bars, strict=True)]  # fmt: skip
    x_t, v, score = map(np.array, zip(*rows, strict=True))
    return x_t, {"eps": eps, "x0": x0, "v": v, "score": score}


@check(points=0.25, examples=40, hint="ln(alpha_bar) - ln(1 - alpha_bar): natural logarithms of the two variances.")
@given(alpha_bars=levels)
def test_log_snr_is_that_of_variances(submission, alpha_bars):
    """The log-SNR is ln(alpha_bar / (1 - alpha_bar)), for one level and for several."""
    want = [log(a / (1 - a)) for a in alpha_bars]
    assert_close(submission.log_snr(alpha_bars), want, atol=1e-6, what="the log-SNR")
    assert_close(submission.log_snr(float(alpha_bars[0])), want[0], atol=1e-6, what="the log-SNR of one level")


@check(points=0.25, hint="exp(20) is large and 1 / exp(20) small, but neither overflows. Which form loses no digits?")
def test_there_and_back_to_twenty(submission):
    """From a log-SNR to alpha_bar and back again is where one started, from -20 to 20."""
    ratios = np.linspace(-20, 20, 33)
    alpha_bars = as_array(submission.alpha_bar_from(ratios), "alpha_bar", (33,)).astype(float)
    want = [1 / (1 + exp(-ratio)) for ratio in ratios]
    assert_close(alpha_bars, want, rtol=1e-6, what="alpha_bar", reveal=True)
    assert_close(submission.log_snr(np.array(want)), ratios, atol=1e-5, what="the log-SNR of that", float32=False)


@check(
    points=0.75, examples=80, hint="To eps first, then to x0 by x_t, then to what is wanted. Is each row at its level?"
)
@given(x0=images(3, 4), eps=images(3, 4), alpha_bars=levels, source=names, to=names)
def test_any_target_from_any_other(submission, x0, eps, alpha_bars, source, to):
    """From any target to any other, each row at its own level."""
    x_t, targets = spec_targets(x0, eps, alpha_bars)
    got = submission.convert(targets[source], x_t, alpha_bars, source, to)
    scale = max(1.0, float(np.max(np.abs(targets[source]))))
    assert_close(got, targets[to], rtol=1e-5, atol=1e-4 * scale, what=f"{to} from {source}")


@check(
    points=0.5, examples=40, hint="Whatever the way, the last step leads back. Which one of the four has no way back?"
)
@given(pred=images(3, 4), x_t=images(3, 4), way=st.permutations(NAMES))
def test_every_round_trip_leads_back(submission, pred, x_t, way):
    """From one target over the three others and back is where one started, also where pred and x_t are any numbers."""
    got = pred
    for source, to in zip(way, [*way[1:], way[0]], strict=True):
        got = as_array(submission.convert(got, x_t, 0.7, source, to), f"{to} from {source}", (3, 4)).astype(float)
    assert_close(got, pred, atol=1e-5, what=f"{way[0]} after {' → '.join([*way, way[0]])}", reveal=True)


@check(
    points=0.25, examples=40, hint="sqrt(alpha_bar) · v + sqrt(1 - alpha_bar) · x_t: check the sign of each part of v."
)
@given(v=images(3, 4), x_t=images(3, 4), ratio=logs)
def test_v_is_the_skip_form(submission, v, x_t, ratio):
    """What the skip form of train_denoiser predicts is v: sqrt(alpha_bar)·v + sqrt(1 - alpha_bar)·x_t is eps."""
    level = 1 / (1 + exp(-ratio))
    skip = sqrt(level) * v + sqrt(1 - level) * x_t
    assert_close(submission.convert(v, x_t, level, "v", "eps"), skip, atol=1e-5, what="eps from v", reveal=True)


@check(points=0.25, examples=30, hint="One axis is appended to alpha_bar for each axis of x_t after the first.")
@given(x0=images(3, (2, 3)), eps=images(3, (2, 3)), alpha_bars=levels)
def test_pictures_keep_their_rows(submission, x0, eps, alpha_bars):
    """Pictures `(B, H, W)` are converted row by row too, at one level a row and at one for all."""
    x_t, targets = spec_targets(x0, eps, alpha_bars)
    got = submission.convert(targets["v"], x_t, alpha_bars, "v", "x0")
    assert_close(got, x0, rtol=1e-5, atol=1e-3, what="x0 from v, a level a row")
    x_t, targets = spec_targets(x0, eps, np.full(3, 0.3))
    assert_close(submission.convert(targets["eps"], x_t, 0.3, "eps", "v"), targets["v"], atol=1e-5, what="v from eps")


@check(points=0.75, examples=80, hint="With x_t fixed: by what does an error of 1 on x0 move this target?")
@given(ratio=logs, source=names, to=names)
def test_weights_are_ratios_of_errors(submission, ratio, source, to):
    """The weight is the ratio of the squared errors of one wrong prediction, with x_t as it is."""
    level = 1 / (1 + exp(-ratio))
    rows = []
    for x0 in (0.5, 0.75):  # the truth, and a guess
        eps = (0.25 - sqrt(level) * x0) / sqrt(1 - level)
        rows.append(spec_targets(np.array([x0]), np.array([eps]), [level])[1])
    errors = {name: float((rows[0][name] - rows[1][name])[0] ** 2) for name in NAMES}
    got = submission.loss_weight(level, source, to)
    assert_close(got, errors[source] / errors[to], rtol=1e-4, what=f"the weight of {source} by {to}")


@check(points=0.25, hint="Weights are arrays as alpha_bar is: one for each level.")
def test_a_weight_a_level(submission):
    """Several levels give a weight each, and there and back they multiply to 1."""
    alpha_bars = np.array([0.1, 0.5, 0.8])
    there = as_array(submission.loss_weight(alpha_bars, "v", "eps"), "the weights", (3,)).astype(float)
    back = as_array(submission.loss_weight(alpha_bars, "eps", "v"), "the weights", (3,)).astype(float)
    assert_close(there, 1 / alpha_bars, what="the weights of v by eps")
    assert_close(there * back, np.ones(3), what="a weight times the one of the way back", reveal=True)
    same = submission.loss_weight(alpha_bars, "score", "score")
    assert_close(same, np.ones(3), what="the weights of a target by itself", reveal=True)


@check(points=0.25, hint="Compare every entry of alpha_bar with 0 and with 1, and look both names up.")
def test_levels_and_names_that_are_none(submission):
    """alpha_bar of 0, 1, below or above raises ValueError, also as one entry of several; so do names that are none."""
    x = np.ones((3, 2))
    for bad in (0.0, 1.0, -0.25, 1.5, np.array([0.5, 1.0, 0.25])):
        assert_raises(ValueError, submission.log_snr, bad, what=f"log_snr with alpha_bar = {bad}")
        assert_raises(ValueError, submission.convert, x, x, bad, "eps", "x0", what=f"convert with alpha_bar = {bad}")
        assert_raises(ValueError, submission.loss_weight, bad, "eps", "x0", what=f"loss_weight with alpha_bar = {bad}")
    for source, to in (("eps", "noise"), ("x_0", "v"), ("score", "")):
        told = f"{source!r} and {to!r}"
        assert_raises(ValueError, submission.convert, x, x, 0.5, source, to, what=f"convert with {told}")
        assert_raises(ValueError, submission.loss_weight, 0.5, source, to, what=f"loss_weight with {told}")


@check(points=0.25, examples=30, hint="`*=`, `x[...] =` and `out=` edit the caller's array. Build a new one.")
@given(pred=images(3, 4), x_t=images(3, 4), alpha_bars=levels, source=names, to=names)
def test_nothing_is_edited(submission, pred, x_t, alpha_bars, source, to):
    """Predictions, samples and levels stay as they are, and no randomness is used."""
    ratios = np.array([-1.0, 0.0, 2.0])
    with unchanged(pred=pred, x_t=x_t, alpha_bar=alpha_bars, log_snr=ratios), global_random_untouched():
        submission.log_snr(alpha_bars)
        submission.alpha_bar_from(ratios)
        as_array(submission.convert(pred, x_t, alpha_bars, source, to), "the other target", (3, 4))
        submission.loss_weight(alpha_bars, source, to)
