"""Hidden checks of 03. The oracle takes one step after the other, in the mean and in the variance."""

from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import CheckFailure, as_array, as_tuple, assert_close, assert_raises, check

OPEN_DECAYS = st.integers(1, 63).map(lambda k: k / 64)
DECAYS = st.integers(0, 63).map(lambda k: k / 64)
SCALES = st.integers(0, 128).map(lambda k: k / 64)
MEANS = st.integers(-128, 128).map(lambda k: k / 64)
VARS = st.integers(0, 192).map(lambda k: k / 64)
STEPS = st.integers(0, 30)


def spec_chain(mean, var, decay, noise_scale, num_steps):
    """What one step does, num_steps times."""
    for _ in range(num_steps):
        mean = decay * mean
        var = decay * decay * var + noise_scale * noise_scale
    return mean, var


def number(got, what):
    """`got` as one number that keeps its dtype, so that float32 is held to float32's tolerance."""
    array = as_array(got, what)
    if array.size != 1:
        raise CheckFailure(f"{what} should be one number, it has shape {array.shape}")
    return array.reshape(())


def mean_var(submission, *args):
    """The student's chain as two numbers."""
    mean, var = as_tuple(submission.chain_mean_var(*args), 2, "(mean, var)")
    return number(mean, "the mean"), number(var, "the variance")


@check(
    points=0.75,
    hint="Do two steps by hand and compare: squares for variances, and num_steps steps.",
)
@given(mean0=MEANS, var0=VARS, decay=DECAYS, scale=SCALES, steps=STEPS)
def test_equals_the_steps(submission, mean0, var0, decay, scale, steps):
    """Mean and variance after k steps are those of k single steps, for any start, decay, scale and k."""
    mean, var = mean_var(submission, mean0, var0, decay, scale, steps)
    want_mean, want_var = spec_chain(mean0, var0, decay, scale, steps)
    assert_close(mean, want_mean, atol=1e-9, what="the mean")
    assert_close(var, want_var, atol=1e-9, what="the variance")


@check(points=0.25, hint="With decay 1 a closed formula may divide by 1 - 1. What does one step do then?")
@given(mean0=MEANS, var0=VARS, scale=SCALES, steps=STEPS)
def test_nothing_fades_with_decay_1(submission, mean0, var0, scale, steps):
    """With decay = 1 the mean stays, and each step adds noise_scale squared to the variance."""
    mean, var = mean_var(submission, mean0, var0, 1.0, scale, steps)
    assert_close(mean, mean0, atol=1e-9, what="the mean")
    assert_close(var, var0 + steps * scale**2, atol=1e-9, what="the variance")


@check(points=0.5, hint="decay ** n = 1/2: take logarithms of both sides and solve for n. Do not round.")
@given(decay=OPEN_DECAYS, steps=st.integers(1, 40))
def test_half_is_left(submission, decay, steps):
    """After half_life(decay) steps half of the mean is left; a decay of 0.5 ** (1/n) has half-life n."""
    n = number(submission.half_life(decay), f"half_life({decay})")
    assert_close(decay**n, 0.5, what=f"{decay} to the power of its half-life", reveal=True)
    name = f"half_life(0.5 ** (1/{steps}))"
    assert_close(number(submission.half_life(0.5 ** (1 / steps)), name), steps, what=name)


@check(points=0.25, hint="More decay means more is kept: the name says how much stays, not how much goes.")
@given(decay=st.integers(1, 62).map(lambda k: k / 64), steps=st.integers(1, 5))
def test_larger_decay_keeps_structure_longer(submission, decay, steps):
    """With a larger decay more of the mean is left after the same steps, and the half-life is longer."""
    less, more = (mean_var(submission, 1.0, 0.5, d, 0.2, steps)[0] for d in (decay, decay + 1 / 64))
    short, long = (number(submission.half_life(d), "the half-life") for d in (decay, decay + 1 / 64))
    if not (less < more and short < long):
        raise CheckFailure(f"decay {decay + 1 / 64} does not keep structure longer than {decay}")


@check(points=0.25, hint="Test decay first: 0 and 1 themselves are outside.")
def test_half_life_needs_a_decay_between_0_and_1(submission):
    """half_life raises ValueError for 0, 1, -0.5, 1.5 and 2; just inside it does not."""
    for bad in (0.0, 1.0, -0.5, 1.5, 0, 1, 2):
        assert_raises(ValueError, submission.half_life, bad, what=f"decay = {bad}")
    assert_close(number(submission.half_life(0.999), "half_life"), 692.8005491785, what="half_life(0.999)")
    assert_close(number(submission.half_life(0.001), "half_life"), 0.1003433319, what="half_life(0.001)")


@check(points=0.5, hint="At rest a step changes nothing: v = decay² · v + noise_scale².")
@given(decay=DECAYS, scale=SCALES, var0=VARS)
def test_where_chains_end(submission, decay, scale, var0):
    """A step leaves the stationary variance as it is, and a long chain ends there from any start."""
    end = number(submission.stationary_variance(decay, scale), "the stationary variance")
    assert_close(decay**2 * end + scale**2, end, atol=1e-9, what="the variance one step later", reveal=True)
    assert_close(end, spec_chain(0.0, var0, decay, scale, 1000)[1], atol=1e-9, what="the stationary variance")


@check(points=0.25, hint="Variance 1 before and after: decay² · 1 + noise_scale² = 1.")
@given(decay=st.integers(0, 64).map(lambda k: k / 64))
def test_squares_sum_to_1(submission, decay):
    """decay squared and the square of the preserving noise scale sum to 1, and the scale is not negative."""
    scale = number(submission.preserving_noise_scale(decay), "the preserving noise scale")
    assert_close(decay**2 + scale**2, 1.0, what="the sum of the squares", reveal=True)
    if not scale >= 0:
        raise CheckFailure(f"the preserving noise scale is {float(scale):.6g}; a standard deviation is not negative")


@check(
    points=0.25,
    hint="Which power of decay is left of the first variance, and which of each pinch?",
)
@given(decay=OPEN_DECAYS, var0=VARS, steps=STEPS)
def test_variance_goes_to_1_with_the_preserving_scale(submission, decay, var0, steps):
    """With the preserving scale, 1 - var_k is (1 - var_0) · decay^(2k): each step is nearer to variance 1."""
    scale = sqrt(1 - decay**2)
    one, two = (mean_var(submission, 0.5, var0, decay, scale, k)[1] for k in (steps, steps + 1))
    assert_close(one, 1 - (1 - var0) * decay ** (2 * steps), atol=1e-9, what=f"the variance after {steps} steps")
    if not abs(1 - two) <= abs(1 - one) + 1e-6:
        raise CheckFailure(f"the variance moves away from 1 between steps {steps} and {steps + 1}")
