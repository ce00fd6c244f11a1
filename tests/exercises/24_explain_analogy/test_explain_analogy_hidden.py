"""Hidden checks of 24. The oracle: the dictionary of the analogy, a correlation, and the spies' notes."""

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
from autograder.diffusion.spies import ModelSpy, RecordingNoise
from autograder.diffusion.strategies import seeds

PAIRS = {
    "clean photo": "x0",
    "the dirt on it": "eps",
    "how dirty": "t",
    "dirtying": "forward",
    "cleaning one bit": "network step",
    "all dirt": "pure noise",
    "new picture": "sample",
}


def photo(shape, seed):
    """Values spread evenly over -1 … 1, in an order that the seed decides."""
    values = np.linspace(-1, 1, int(np.prod(shape)))
    return np.random.default_rng(seed).permutation(values).reshape(shape)


def dirty_once(submission, x, rng):
    with unchanged(x=x), global_random_untouched():
        y = submission.dirty(x, rng)
    y = as_array(y, "dirty(x, rng)", x.shape).astype(np.float64)
    if not np.all(np.isfinite(y)):
        raise CheckFailure("dirty(x, rng) holds a value that is not finite")
    return y


def correlation(a, b):
    """How far two pictures agree, from 0 to 1, spelled out; NaN where one of them is all of one value."""
    a, b = a.ravel() - a.mean(), b.ravel() - b.mean()
    with np.errstate(invalid="ignore"):
        return abs(float(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))))


def run(submission, answer, num_timesteps, rng):
    """generate's picture (64 values or more), and what its network was asked and answered."""
    spy = ModelSpy(answer, max_calls=10_000)
    with global_random_untouched():
        picture = submission.generate(spy, num_timesteps, rng)
    if not spy.inputs:
        raise CheckFailure(f"generate with {num_timesteps} steps never called the network")
    if spy.inputs[0].size < 64:
        raise CheckFailure(f"the picture has {spy.inputs[0].size} values, it needs at least 64")
    picture = as_array(picture, "the new picture", spy.inputs[0].shape).astype(np.float64)
    for k, left in enumerate([*spy.inputs[1:], picture]):
        if np.array_equal(left, spy.inputs[k]) and np.any(spy.answers[k]):
            raise CheckFailure(f"call {k + 1} changes nothing: an idle loop cleans no picture")
    return picture, spy, spy.answers


@check(points=0.5, hint="Who does what? One is done to a photo, one is done by the network; one is a number.")
def test_map(submission):
    """Every everyday word stands for the right word of the model."""
    got = submission.analogy_map()
    if not isinstance(got, dict):
        raise CheckFailure(f"analogy_map() should be a dict, it is a {type(got).__name__}")
    right = sum(1 for word, role in PAIRS.items() if isinstance(got.get(word), str) and got[word] == role)
    if right < len(PAIRS) or len(got) != len(PAIRS):
        raise CheckFailure(f"{right} of the {len(PAIRS)} pairs are right")


# With n = 20,000 values the measured correlation spreads by at most 1/sqrt(n) = 0.0071 around the truth, so
# the 0.05 of the task is 7 sigma: P(|z| > 7) = 2.6e-12 for each of the two seeds.
@check(
    points=0.25,
    hint="A weaker pinch. How much of the photo's weight is left after one, and how much is dirt?",
)
def test_one_pinch_leaves_the_photo(submission):
    """After one pinch the photo is dirtier, but easy to know: correlation above 0.8.

    (A correct solution fails with probability below 1e-11: 7 sigma.)
    """
    for seed, shape in ((1, (20_000,)), (2, (4, 50, 100))):
        x = photo(shape, seed)
        agreement = correlation(x, dirty_once(submission, x, np.random.default_rng(seed)))
        if not 0.8 < agreement < 1 - 1e-9:
            raise CheckFailure(f"after one pinch the correlation with the photo is {agreement:.3f}")


@check(points=0.25, hint="Fade the photo in every pinch, or make the pinch stronger: sixty have to bury it.")
def test_sixty_pinches_bury_it(submission):
    """After sixty pinches the photo is gone: correlation below 0.35.

    (A correct solution fails with probability below 1e-11: 7 sigma.)
    """
    for seed, shape in ((3, (200, 100)), (4, (2, 100, 100))):
        x = photo(shape, seed)
        y, rng = x, np.random.default_rng(seed)
        for _ in range(60):
            y = dirty_once(submission, y, rng)
        if not correlation(x, y) < 0.35:
            raise CheckFailure(f"after 60 pinches the correlation with the photo is {correlation(x, y):.3f}")


@check(
    points=0.25,
    examples=20,
    hint="Draw the dirt from the rng that you were given, in every call, for every value.",
)
@given(seed=seeds())
def test_pinches_are_new(submission, seed):
    """Every pinch is new dirt out of rng, an equal rng gives an equal pinch, and x itself stays clean."""
    x, rng = np.zeros((8, 8)), np.random.default_rng(seed)
    first, second = dirty_once(submission, x, rng), dirty_once(submission, x, rng)
    again = dirty_once(submission, x, np.random.default_rng(seed))
    if np.array_equal(first, second):
        raise CheckFailure("two pinches out of one rng are the same dirt")
    if not np.array_equal(first, again):
        raise CheckFailure("two generators with the same seed give different pinches")


@check(points=0.25, examples=20, hint="No photo is at hand when you make a new one. What is pure noise made of?")
@given(seed=seeds(), num_timesteps=st.integers(1, 4))
def test_starts_from_noise(submission, seed, num_timesteps):
    """The network's first input is nothing but standard normals out of rng, a draw for each of its values."""
    rng = RecordingNoise(seed, most=1_000_000)
    _, spy, _ = run(submission, lambda x, t: 0.5 * x, num_timesteps, rng)
    start, draws = np.float32(spy.inputs[0].ravel()), np.float32(rng.draws)
    # In float32, so that either precision will do; equal values by chance are rare, tiled noise is not.
    if not np.all(np.isin(start, draws)) or np.unique(start).size < 0.9 * start.size:
        raise CheckFailure("the first input is not made of standard normals from rng, one for each value")


@check(points=0.25, examples=25, hint="t = T-1, …, 1, 0: one question at each level, neither more nor fewer.")
@given(num_timesteps=st.integers(1, 60))
def test_one_call_a_step(submission, num_timesteps):
    """The network is asked once at each level, from T-1 down to 0."""
    _, spy, _ = run(submission, lambda x, t: 0.1 * x, num_timesteps, np.random.default_rng(5))
    assert_equal(spy.timesteps, list(range(num_timesteps))[::-1], what=f"the levels asked, with T = {num_timesteps}")


@check(
    points=0.25,
    examples=30,
    hint="x minus the answer is what the network sees next. Nothing else is added or left.",
)
@given(num_timesteps=st.integers(1, 12), seed=seeds(), share=st.integers(-8, 8), lift=st.integers(1, 16))
def test_many_small_cleans(submission, num_timesteps, seed, share, lift):
    """Each step takes off exactly what the network answered, and the next step works on what is left."""
    picture, spy, answers = run(
        submission,
        lambda x, t: share / 32 * x + lift / 16 * (t + 1),
        num_timesteps,
        np.random.default_rng(seed),
    )
    assert_equal(len(answers), num_timesteps, what="the number of calls", reveal=True)
    for k, seen in enumerate([*spy.inputs[1:], picture]):
        what = "the new picture" if k == num_timesteps - 1 else f"the input of call {k + 2}"
        assert_close(seen, spy.inputs[k] - answers[k], rtol=1e-5, atol=1e-4, what=what, reveal=True)


@check(points=0.25, examples=20, hint="Where does your first noise come from? It should be the rng of this call.")
@given(seed=seeds())
def test_new_noise_new_picture(submission, seed):
    """Another rng makes another picture; an equal rng makes the same one again."""

    def make(s):
        return run(submission, lambda x, t: 0.3 * x - 0.1, 5, np.random.default_rng(s))[0]

    one, again, other = make(seed), make(seed), make(seed + 1)
    if not np.array_equal(one, again):
        raise CheckFailure("two generators with the same seed make different pictures")
    if np.shape(other) != np.shape(one) or not np.mean(np.abs(one - other) > 1e-6) > 0.9:
        raise CheckFailure("two generators with different seeds make the same picture, or much the same")
