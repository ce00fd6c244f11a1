"""Public checks of 26: signal-to-noise ratio and targets."""

import numpy as np

from autograder.checks import assert_close, assert_raises, check

#: The sample worked by hand, as x_t and its four targets.
X_T, LEVEL = np.array([[-0.2]]), 0.64
TARGETS = {"eps": -1.0, "x0": 0.5, "v": -1.1, "score": 1 / 0.6}


@check(points=0.25, hint="0.8 / 0.2, then the natural logarithm. No root: both are variances.")
def test_log_snr_by_hand(submission):
    """For alpha_bar = 0.8 the log-SNR is ln 4, and for 0.5 it is 0."""
    assert_close(submission.log_snr(np.array([0.8, 0.5])), [np.log(4), 0.0], atol=1e-9, what="the log-SNR")


@check(points=0.25, hint="With SNR = 4: 4 / (1 + 4).")
def test_back_by_hand(submission):
    """Where the log-SNR is ln 4, alpha_bar is 0.8."""
    assert_close(submission.alpha_bar_from(np.log(4)), 0.8, what="alpha_bar")


@check(
    points=0.25,
    hint="-0.2 = 0.8 · 0.5 + 0.6 · (-1). So x0 is (-0.2 + 0.6) / 0.8, v is 0.8 · (-1) - 0.6 · 0.5, the score 1 / 0.6.",
)
def test_targets_by_hand(submission):
    """The sample worked by hand: from eps = -1 to x0 = 0.5, v = -1.1 and the score 1.667, and from each back to eps."""
    eps = np.array([[TARGETS["eps"]]])
    for name, value in TARGETS.items():
        assert_close(submission.convert(eps, X_T, LEVEL, "eps", name), [[value]], what=f"{name} from eps")
        back = submission.convert(np.array([[value]]), X_T, LEVEL, name, "eps")
        assert_close(back, eps, what=f"eps from {name}")


@check(points=0.25, hint="With x_t fixed, an error e on x0 is an error of -e · sqrt(0.8 / 0.2) on eps.")
def test_weight_by_hand(submission):
    """At alpha_bar = 0.8 a squared error on eps is 4 times that on x0."""
    assert_close(submission.loss_weight(0.8, "eps", "x0"), 4.0, what="the weight")


@check(points=0.25, hint="Look at alpha_bar and at both names before you compute.")
def test_what_cannot_be_is_refused(submission):
    """alpha_bar = 1 and a target called "noise" raise ValueError."""
    assert_raises(ValueError, submission.log_snr, 1.0, what="alpha_bar = 1")
    assert_raises(ValueError, submission.convert, X_T, X_T, LEVEL, "noise", "x0", what='source = "noise"')
