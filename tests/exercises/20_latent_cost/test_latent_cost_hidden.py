"""Hidden checks of 20. The oracles: a product written out, and projections entry by entry.

PCA's signs, and its directions where the spread is equal, are free: what counts is what the directions lose.
"""

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
    unchanged,
)
from autograder.diffusion.digits import load_digits
from autograder.diffusion.strategies import images, seeds

COUNTS = st.integers(1, 300)
N, D = 9, 5


def fitted(submission, data, k):
    """pca_fit's mean and components as float64, their shapes tested."""
    mean, components = as_tuple(submission.pca_fit(data, k), 2, "pca_fit's result")
    mean = as_array(mean, "mean", data.shape[1:]).astype(float)
    return mean, as_array(components, "components", (k, data.shape[1])).astype(float)


def basis(seed, k):
    """Some mean and k orthonormal rows, not those of any data at hand."""
    rng = np.random.default_rng(seed)
    return 3 + rng.standard_normal(D), np.linalg.qr(rng.standard_normal((D, k)))[0].T.copy()


def spec_encode(x, mean, components):
    """Each latent alone: the dot product of x - mean with a component."""
    return np.array([[sum((row - mean) * part) for part in components] for row in x])


def spec_decode(z, mean, components):
    """Each picture alone: the mean, and every component times its latent."""
    return np.array([mean + sum(value * part for value, part in zip(row, components, strict=True)) for row in z])


def assert_best_loss(submission, data, k):
    """Rebuilding from k components loses the sum of the squared singular values from number k + 1 on."""
    mean, components = fitted(submission, data, k)
    rest = data - mean
    lost = np.sum((rest - rest @ components.T @ components) ** 2)
    least = np.sum(np.linalg.svd(data - data.mean(axis=0), compute_uv=False)[k:] ** 2)
    # 1e-5 of the whole: what float32 may add. An average over rows and pixels would hide a mistake; a sum does not.
    if not (abs(lost - least) <= 1e-5 * np.sum(data**2)):
        raise CheckFailure(f"with k = {k}, rebuilding loses {lost:.6g} (sum of squares)", f"{least:.6g}")


@check(points=0.25, hint="A picture has height · width pixels: its area, not its side.", examples=20)
@given(steps=COUNTS, height=COUNTS, width=COUNTS, channels=st.integers(1, 4), factor=st.integers(2, 8))
def test_cost_is_quadratic_in_side(submission, steps, height, width, channels, factor):
    """A picture with sides n times as long costs n² times as much; one side n times as long, n times."""
    cost = 7 * steps * height * width * channels
    got = submission.sampling_cost(steps, factor * height, factor * width, channels, 7)
    assert_close(as_float(got, "the cost"), factor**2 * cost, what=f"the cost with both sides {factor} times as long")
    tall = as_float(submission.sampling_cost(steps, factor * height, width, channels, 7), "the cost")
    assert_close(tall, factor * cost, what=f"the cost with the height {factor} times as long")


@check(points=0.25, hint="Every step calls the network once, on all values of all channels.", examples=20)
@given(steps=COUNTS, channels=st.integers(1, 16), flops=st.integers(1, 10_000), factor=st.integers(2, 8))
def test_cost_is_linear_in_the_rest(submission, steps, channels, flops, factor):
    """The cost is linear in the number of steps, in the channels and in the flops a value."""
    cost = steps * 6 * 5 * channels * flops
    for counts in ((factor, 1, 1), (1, factor, 1), (1, 1, factor)):
        a, b, c = counts
        got = submission.sampling_cost(a * steps, 6, 5, b * channels, c * flops)
        what = f"the cost with steps, channels, flops times {a}, {b}, {c}"
        assert_close(as_float(got, what), factor * cost, what=what)


@check(points=0.25, hint="How many times is the network called in one guided step?", examples=20)
@given(steps=COUNTS, height=COUNTS, width=COUNTS, channels=st.integers(1, 4))
def test_guidance_doubles(submission, steps, height, width, channels):
    """Guidance doubles the cost, and it is off unless asked for."""
    cost = steps * height * width * channels * 11
    sizes = (steps, height, width, channels, 11)
    assert_close(as_float(submission.sampling_cost(*sizes), "the cost"), cost, what="the cost by default")
    for guidance in (False, True):
        got = as_float(submission.sampling_cost(*sizes, guidance=guidance), "the cost")
        assert_close(got, cost * (1 + guidance), what=f"the cost with guidance={guidance}")


@check(points=0.25, hint="numpy's ints hold up to 9.2e18, and go wrong in silence above. Python's own do not.")
def test_large_costs_stay_right(submission):
    """The cost stays right where it is large: 1,000 steps on 4096×4096×3 at 2e8 flops a value, 1e19."""
    got = as_float(submission.sampling_cost(1000, 4096, 4096, 3, 2 * 10**8), "the cost")
    assert_close(got, 1000.0 * 4096**2 * 3 * 2e8, what="the cost")


@check(
    points=0.25,
    hint="Unit length, and at right angles to each other: what does components @ components.T give?",
    examples=20,
)
@given(data=images(batch=N, size=D) | images(batch=4, size=D), k=st.integers(1, D))
def test_components_are_orthonormal(submission, data, k):
    """components has k rows of D entries, of length 1 and at right angles, up to k = min(N, D); data stay as they
    were."""
    k = min(k, len(data))
    with unchanged(data=data), global_random_untouched():
        _, components = fitted(submission, data, k)
    assert_close(components @ components.T, np.eye(k), atol=1e-5, what="components @ components.T", reveal=True)


@check(
    points=0.5,
    hint="Which k directions carry most of the spread, and in which order does your routine give them?",
    examples=20,
)
@given(data=images(batch=N, size=D), k=st.integers(1, D))
def test_loss_is_the_least_possible(submission, data, k):
    """Rebuilding the data from k components loses the sum of the squared singular values from number k+1 on."""
    assert_best_loss(submission, data, k)


@check(
    points=0.25, hint="Directions are sought around the mean. Far from the origin, leaving it in shows.", examples=20
)
@given(data=images(batch=N, size=D), offset=images(batch=None, size=D), k=st.integers(1, 2))
def test_data_are_centred(submission, data, offset, k):
    """Moving all data moves only the mean: it is the mean row, and as little is lost as before."""
    moved = data + 20 * offset
    mean, _ = fitted(submission, moved, k)
    assert_close(mean, [sum(column) / N for column in moved.T], rtol=1e-5, atol=1e-5, what="mean")
    assert_best_loss(submission, moved, k)


@check(points=0.25, hint="Nothing here needs N > D or N < D: try 4 pictures of 6 pixels, and the digits.")
def test_pictures_of_any_number(submission):
    """The least possible loss is reached with fewer pictures than pixels, and on 1,437 digits with k = 16."""
    few = np.random.default_rng(18).standard_normal((4, 6))
    for k in (1, 2, 3):
        assert_best_loss(submission, few, k)
    assert_best_loss(submission, load_digits("train")[0], 16)


@check(
    points=0.25,
    hint="Subtract the mean you were given, then take dot products with the rows of components.",
    examples=20,
)
@given(x=images(size=D), seed=seeds(), k=st.integers(1, D))
def test_encode_measures_along_components(submission, x, seed, k):
    """encode gives, for each component, the dot product of x - mean with it."""
    mean, components = basis(seed, k)
    with unchanged(x=x, mean=mean, components=components), global_random_untouched():
        got = submission.encode(x, mean, components)
    assert_close(got, spec_encode(x, mean, components), atol=1e-5, what="encode")
    assert_same_for_whole_numbers(submission.encode, x, mean, components, what="encode")


@check(points=0.25, hint="Add up the components, each times its latent, and put the mean back.", examples=20)
@given(z=images(size=2), seed=seeds())
def test_decode_rebuilds(submission, z, seed):
    """decode gives the mean plus every component times its latent; latents that are 0 give the mean."""
    mean, components = basis(seed, 2)
    with global_random_untouched():
        got = submission.decode(z, mean, components)
    assert_close(got, spec_decode(z, mean, components), atol=1e-5, what="decode")
    assert_close(submission.decode(0 * z, mean, components), [mean] * len(z), atol=1e-5, what="decode of zeros")


@check(
    points=0.25, hint="Once squeezed, a picture should not change any more. Do both use mean the same way?", examples=20
)
@given(x=images(size=D), seed=seeds(), k=st.integers(1, D))
def test_projection_is_idempotent(submission, x, seed, k):
    """decode(encode(x)) is a projection: doing it twice gives what doing it once gives, and latents survive."""
    mean, components = basis(seed, k)
    z = as_array(submission.encode(x, mean, components), "encode", (len(x), k)).astype(float)
    with unchanged(z=z, mean=mean, components=components):
        once = as_array(submission.decode(z, mean, components), "decode", x.shape).astype(float)
    again = as_array(submission.encode(once, mean, components), "encode", z.shape)
    assert_close(again, z, rtol=1e-4, atol=1e-4, what="encode(decode(z))", reveal=True)
    lost = (x - once) @ components.T
    assert_close(lost, 0 * z, atol=1e-4, what="what is lost, measured along the components", reveal=True)
