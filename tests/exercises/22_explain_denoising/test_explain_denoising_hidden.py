"""Hidden checks of 22: claims that are measured again. EXPLANATION is read by a person and scored by no check."""

from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    as_float,
    as_tuple,
    assert_close,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    show,
    unchanged,
)
from autograder.diffusion.spies import CoinNoise
from autograder.diffusion.strategies import images, noise

LEVELS = st.integers(5, 95).map(lambda k: k / 100)
#: 1 - E(√ᾱ x_t - x0)² / E(x_t/√ᾱ - x0)² with ᾱ = 0.8: the errors are 0.2 and 0.25.
TRUE_GAIN = 0.2


def spec_noisy(x0, eps, level):
    """Ho et al. 2020, eq. 4, entry by entry."""
    pairs = zip(x0.ravel(), eps.ravel(), strict=True)
    return np.array([sqrt(level) * x + sqrt(1 - level) * e for x, e in pairs]).reshape(x0.shape)


def spec_target(name, x0, eps, level):
    """The three targets, as the stub defines them."""
    return {"eps": eps, "x0": x0, "v": sqrt(level) * eps - sqrt(1 - level) * x0}[name]


def stated_target(submission):
    """TARGET, one of the three words."""
    name = getattr(submission, "TARGET", None)
    if not isinstance(name, str) or name not in ("eps", "x0", "v"):
        raise CheckFailure(f'TARGET is {show(name)}, expected "eps", "x0" or "v"')
    return name


def example(submission, x0, eps, level, t):
    """(noisy, others, target): the inputs split into the first and the rest."""
    inputs, target = as_tuple(submission.training_example(x0, eps, level, t), 2, "training_example's result")
    if not isinstance(inputs, tuple | list) or len(inputs) == 0:
        raise CheckFailure(f"inputs should be a tuple that begins with the noisy sample, it is {show(inputs, 80)}")
    noisy = as_array(inputs[0], "the first input", x0.shape).astype(float)
    return noisy, list(inputs[1:]), as_array(target, "the target", x0.shape).astype(float)


def is_plain(value):
    """Whether a value hides nothing: a function or a generator may hold the clean sample, whatever it looks like."""
    if isinstance(value, dict):
        return all(map(is_plain, [*value.keys(), *value.values()]))
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(is_plain, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufc"
    return value is None or isinstance(value, bool | int | float | complex | str | bytes | np.number | np.bool_)


def same(one, other):
    """Whether two inputs agree: numbers within what float32 may add, anything else by what it shows."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    try:
        a, b = as_array(one).astype(float), as_array(other).astype(float)
    except CheckFailure:
        if isinstance(one, tuple | list) and isinstance(other, tuple | list):
            return len(one) == len(other) and all(map(same, one, other))
        return repr(one) == repr(other)
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-4, atol=1e-5, equal_nan=True))


@check(points=0.5, hint="The first input is x_t of 05: both parts, each with its root.", examples=40)
@given(x0=images(), eps=noise(), level=LEVELS, t=st.integers(0, 99))
def test_first_input_is_the_noisy_sample(submission, x0, eps, level, t):
    """The first input is sqrt(alpha_bar_t) · x0 + sqrt(1 - alpha_bar_t) · eps; x0 and eps stay as they were."""
    with unchanged(x0=x0, eps=eps), global_random_untouched():
        noisy, _, _ = example(submission, x0, eps, level, t)
    assert_close(noisy, spec_noisy(x0, eps, level), rtol=1e-4, atol=1e-5, what="the first input")

    def first_input(x):
        return example(submission, x, eps, level, t)[0]

    assert_same_for_whole_numbers(first_input, x0, what="the first input")


@check(points=0.5, hint="Read TARGET again, then the last line of training_example.", examples=40)
@given(x0=images(batch=None, size=6), eps=noise(batch=None, size=6), level=LEVELS, t=st.integers(0, 99))
def test_target_is_what_it_says(submission, x0, eps, level, t):
    """The target is what TARGET says: eps, x0, or v = sqrt(alpha_bar_t) · eps - sqrt(1 - alpha_bar_t) · x0."""
    name = stated_target(submission)
    _, _, target = example(submission, x0, eps, level, t)
    assert_close(target, spec_target(name, x0, eps, level), rtol=1e-4, atol=1e-5, what=f"the target ({name})")


@check(points=0.5, hint="If the network is handed x0 or eps, there is nothing left to learn.", examples=40)
@given(x0=images(), other_x0=images(low=1.5, high=4.0), eps=noise(), level=LEVELS, t=st.integers(0, 99))
def test_nothing_leaks(submission, x0, other_x0, eps, level, t):
    """Another clean sample that gives the same noisy sample gives the same inputs, all of them."""
    other_eps = (spec_noisy(x0, eps, level) - sqrt(level) * other_x0) / sqrt(1 - level)
    noisy, others, _ = example(submission, x0, eps, level, t)
    other_noisy, other_others, _ = example(submission, other_x0, other_eps, level, t)
    if not is_plain(others):
        raise CheckFailure("an input is a function, a generator or the like; give numbers, arrays and text only")
    if len(others) != len(other_others) or not all(map(same, [noisy, *others], [other_noisy, *other_others])):
        raise CheckFailure("with x_t, alpha_bar_t and t kept and x0 changed, the inputs change")


@check(
    points=0.25,
    hint="The network sees x_t only. How is it to know whether that is a little dirty or very?",
    examples=40,
)
@given(x0=images(), eps=noise(), level=LEVELS, t=st.integers(0, 99))
def test_the_level_is_told(submission, x0, eps, level, t):
    """The same noisy sample at another level comes with other inputs beside it: the network is told the level."""
    other_level, other_t = (level + 0.5) % 1.0, 99 - t
    if other_level < 0.05:
        other_level = 0.05
    other_x0 = (spec_noisy(x0, eps, level) - sqrt(1 - other_level) * eps) / sqrt(other_level)
    _, others, _ = example(submission, x0, eps, level, t)
    _, other_others, _ = example(submission, other_x0, eps, other_level, other_t)
    if len(others) == len(other_others) and all(map(same, others, other_others)):
        raise CheckFailure(f"at alpha_bar_t = {level:.2f} and {other_level:.2f} the inputs beside x_t are the same")


@check(points=0.5, hint="Make the generator from the seed once, and measure with what it draws. Is x0 noised by eps?")
def test_gain_is_measured(submission):
    """denoise_gain is within 0.03 of the true gain, for each of three seeds, and for draws that are 1 or -1 by a coin.

    (A correct solution fails with probability below 1e-18: at 50,000 draws 0.03 is 9 sigma.)
    """
    # Coins: eps² = x0² = 1, and the mean m of x0 · eps is (2 · heads - 1)², whatever is drawn first. The errors are
    # 0.25 and 0.04 + 0.16 - 0.16 · m; 0.64 · m spreads by 0.64 / sqrt(50,000) = 0.003 at most.
    for heads in (0.85, 1.0, 0.7):
        rng = CoinNoise(heads, seed=3)
        gain = as_float(submission.denoise_gain(rng), "denoise_gain(rng)")
        if rng.count < 100_000:
            raise CheckFailure(f"denoise_gain(rng) draws {rng.count} normals, 50,000 pairs are 100,000")
        if not (abs(gain - TRUE_GAIN - 0.64 * (2 * heads - 1) ** 2) <= 0.03):
            raise CheckFailure(f"with draws that are 1 or -1, denoise_gain(rng) is {show(gain)}: is it measured?")
    for seed in (20, 21, 2**31):
        with global_random_untouched():
            gain = as_float(submission.denoise_gain(seed), f"denoise_gain({seed})")
        if not (abs(gain - TRUE_GAIN) <= 0.03):
            raise CheckFailure(
                f"denoise_gain({seed}) is {show(gain)}, more than 0.03 from the ratio of the true errors"
            )


@check(
    points=0.25,
    needs="test_gain_is_measured",
    hint="Every seed gives its own draws, at least 50,000 pairs; the same seed gives the same ones.",
)
def test_gain_depends_on_the_draws(submission):
    """Gains of eight seeds scatter as means over 50,000 draws or more do; a seed's gain comes back the same.

    (A correct solution fails with probability below 1e-11: 0.0095 is three deviations of 50,000 draws; eight squares
    reach it with probability 4e-12 (chi-square, 8 degrees, 70.5), and stay below 1e-6, for up to 20 million draws
    a gain, with 3e-17.)
    """
    gains = np.array([as_float(submission.denoise_gain(seed), f"denoise_gain({seed})") for seed in range(8)])
    again = as_float(submission.denoise_gain(7), "denoise_gain(7)")
    if not (again == gains[7]):
        raise CheckFailure(f"denoise_gain(7) is {show(gains[7])}, and {show(again)} when called again")
    scatter = sqrt(np.mean((gains - TRUE_GAIN) ** 2))
    if not (1e-6 <= scatter <= 0.0095 and len(set(gains.tolist())) == 8):
        raise CheckFailure("the gains of eight seeds are too far apart, or too close, for 50,000 draws or more each")
