"""Hidden checks of 07. The oracle is Bayes' rule as odds between two candidates, in closed form."""

from math import exp, log, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.strategies import images, noise

#: Priors without and with zeros, in sixteenths; levels on a grid.
priors = st.sampled_from([(4, 8, 4), (1, 13, 2), (8, 7, 1), (14, 1, 1)]).map(lambda k: np.array(k) / 16)
some_zero = st.sampled_from([(0, 8, 8), (15, 0, 1), (3, 13, 0), (0, 16, 0)]).map(lambda k: np.array(k) / 16)
levels = st.integers(5, 90).map(lambda k: k / 100)


def dot(a, b):
    return sum(float(p) * float(q) for p, q in zip(a.ravel(), b.ravel(), strict=True))


def spec_log_odds(x, c, other, prior_c, prior_other, level):
    """log p(c | x) / p(other | x): the terms in |x|² cancel, and this is left."""
    pull = sqrt(level) * dot(x, c - other) - level * (dot(c, c) - dot(other, other)) / 2
    return log(prior_c / prior_other) + pull / (1 - level)


def spec_posterior(x_t, candidates, prior, level):
    """1 / (the sum of all odds against k), for priors above 0; a prior of 0 is probability 0."""
    out = np.zeros((len(x_t), len(candidates)))
    possible = [k for k in range(len(prior)) if prior[k] > 0]
    for b, x in enumerate(x_t):
        for k in possible:
            c, p = candidates[k], prior[k]
            odds = [spec_log_odds(x, candidates[j], c, prior[j], p, level) for j in possible]
            out[b, k] = 1 / sum(exp(min(o, 700)) for o in odds)
    return out


@check(
    points=0.75,
    hint="Squared distance over 2 times the variance 1 - alpha_bar_t; and the candidate fades by a root.",
)
@given(x_t=noise(size=2), candidates=images(size=2), prior=priors, level=levels)
def test_log_odds(submission, x_t, candidates, prior, level):
    """The log-odds between any two candidates are those of Bayes' rule, in closed form."""
    got = as_array(submission.posterior(x_t, candidates, prior, level), "posterior", (3, 3)).astype(float)
    if not np.all(got > 0):
        raise CheckFailure("the posterior has an entry that is not above 0, though no prior is 0")
    for b, x in enumerate(x_t):
        for k in (1, 2):
            want = spec_log_odds(x, candidates[k], candidates[0], prior[k], prior[0], level)
            # 1e-3 leaves room for float32; the usual slips are off by far more.
            assert_close(np.log(got[b, k] / got[b, 0]), want, atol=1e-3, what=f"row {b}: log-odds of {k} against 0")


@check(
    points=0.5,
    hint="Is the prior a factor of each weight, its logarithm a term of each exponent? Is a row's sum 1?",
)
@given(x_t=noise(), candidates=images(), prior=priors | some_zero, level=levels)
def test_bayes_rule(submission, x_t, candidates, prior, level):
    """Each row is Bayes' rule for its own sample: right entries, sum 1, and 0 where the prior is 0."""
    with unchanged(x_t=x_t, candidates=candidates, prior=prior), global_random_untouched():
        got = submission.posterior(x_t, candidates, prior, level)
    got = as_array(got, "posterior", (3, 3)).astype(float)
    assert_close(got.sum(axis=1), np.ones(3), what="the sum of each row", reveal=True)
    assert_close(got, spec_posterior(x_t, candidates, prior, level), atol=1e-4, what="posterior")
    if not np.all(got[:, prior == 0] == 0):
        raise CheckFailure("a candidate of prior 0 has a probability above 0")


@check(
    points=0.25,
    hint="Nothing may depend on a candidate's place: not its prior, not what you subtract.",
    examples=50,
)
@given(x_t=noise(batch=2), candidates=images(batch=4), level=levels, order=st.permutations(range(4)))
def test_order_of_candidates(submission, x_t, candidates, level, order):
    """Candidates and their priors in another order give the same probabilities in that order."""
    prior = np.array([0.1, 0.2, 0.3, 0.4])
    want = spec_posterior(x_t, candidates, prior, level)
    order = np.array(order)
    got = submission.posterior(x_t, candidates[order], prior[order], level)
    assert_close(got, want[:, order], atol=1e-4, what=f"posterior with the candidates in order {order}")


@check(
    points=0.5,
    hint="Subtract each row's largest exponent before exp: it divides out, and exp(0) = 1 stays.",
    examples=50,
)
@given(c=images(batch=None), x=noise(batch=2, size=3), level=levels)
def test_far_candidates_share(submission, c, x, level):
    """Two candidates 1000 away on either side of x_t are equally probable: 0.5 each, not 0 / 0."""
    c = 1000.0 * np.where(np.abs(c) < 0.25, 0.25, c)
    c[1:] = 0.0
    # Equal in all but the first entry, where x_t is 0 and they are opposite: equally far, to the last bit.
    x_t = np.concatenate([np.zeros((2, 1)), x], axis=1)
    got = submission.posterior(x_t, np.stack([c, -c]), np.array([0.5, 0.5]), level)
    assert_close(got, np.full((2, 2), 0.5), atol=1e-5, what="posterior", reveal=True)


@check(points=0.25, hint="Each row has a largest exponent of its own. Which axis did you take the maximum over?")
def test_near_and_far_rows_together(submission):
    """A sample far from all possible candidates gets its probabilities in the same batch as a sample that is near."""
    x_t = np.array([[0.1, 0.0], [500.0, 0.0], [0.0, -4000.0]])
    # The third is impossible, and much nearer to the second sample than the others.
    candidates, prior = np.array([[1.0, 0.0], [-1.0, 0.0], [600.0, 0.0]]), np.array([0.25, 0.75, 0.0])
    for level in (0.5, 0.3):
        near = 1 / (1 + exp(spec_log_odds(x_t[0], candidates[1], candidates[0], 0.75, 0.25, level)))
        want = [[near, 1 - near, 0.0], [1.0, 0.0, 0.0], [0.25, 0.75, 0.0]]
        assert_close(submission.posterior(x_t, candidates, prior, level), want, atol=1e-4, what="posterior")


@check(points=0.25, hint="Where nothing of the signal is left, only what you knew before remains.", examples=50)
@given(x_t=noise(), candidates=images(), prior=priors)
def test_all_noise_leaves_the_prior(submission, x_t, candidates, prior):
    """As alpha_bar_t goes to 0 the posterior goes to the prior."""
    got = submission.posterior(x_t, candidates, prior, 1e-12)
    assert_close(got, np.tile(prior, (3, 1)), atol=1e-4, what="posterior at alpha_bar_t = 1e-12", reveal=True)


@check(
    points=0.25,
    hint="With next to no noise, which candidate is x_t? Are the candidates faded by the root?",
    examples=30,
)
@given(candidates=images(batch=3), pick=st.integers(0, 2))
def test_no_noise_leaves_no_doubt(submission, candidates, pick):
    """As alpha_bar_t goes to 1, the candidate that x_t came from has probability 1."""
    candidates = candidates + 3.0 * np.arange(3)[:, None]  # no two alike
    x_t = sqrt(0.9999) * candidates[[pick, 0]]
    got = submission.posterior(x_t, candidates, np.array([0.2, 0.3, 0.5]), 0.9999)
    assert_close(got, np.eye(3)[[pick, 0]], atol=1e-5, what="posterior at alpha_bar_t = 0.9999", reveal=True)


@check(
    points=0.25,
    hint="The squared distance sums over all entries of an image: reshape the differences to (B, K, -1).",
)
@given(x_t=noise(batch=2, size=(2, 3)), candidates=images(batch=4, size=(2, 3)), level=levels)
def test_images_of_any_shape(submission, x_t, candidates, level):
    """Images count as a whole: samples (B, H, W) against candidates (K, H, W) give (B, K)."""
    prior = np.array([0.1, 0.2, 0.3, 0.4])
    got = submission.posterior(x_t, candidates, prior, level)
    assert_close(got, spec_posterior(x_t, candidates, prior, level), atol=1e-4, what="posterior")
