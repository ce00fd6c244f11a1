"""Hidden checks of 01. The oracles count with exact ints and measure one pair of pictures at a time."""

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    as_float,
    assert_close,
    assert_equal,
    assert_raises,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.digits import load_digits
from autograder.diffusion.strategies import images, noise

SIZES = st.integers(1, 12)


def spec_distance(a, b):
    """Euclidean distance of two pictures, number by number."""
    return math.sqrt(sum((float(p) - float(q)) ** 2 for p, q in zip(a.flat, b.flat, strict=True)))


def spec_nearest(x, data):
    """The smallest distance from each picture of x to one of data."""
    return [min(spec_distance(row, known) for known in data) for row in x]


def spec_fast_nearest(x, data):
    """spec_nearest for flat rows, a row at a time."""
    return [np.linalg.norm(data - row, axis=1).min() for row in x]


def spec_classify(x, centroids):
    """The nearest centroid of each picture; examples in which two are almost equally near are left out."""
    distances = np.array([[spec_distance(row, centroid) for centroid in centroids] for row in x])
    nearest = np.sort(distances, axis=1)
    assume(np.all(nearest[:, 1] - nearest[:, 0] > 1e-3))
    return distances.argmin(axis=1)


def as_classes(got, count):
    """`got` as ints, one a picture."""
    classes = as_array(got, "the classes", (count,))
    if classes.dtype.kind not in "iu":
        raise CheckFailure(f"the classes should be ints, they are {classes.dtype}")
    return classes


@check(points=0.25, hint="levels to the power of all numbers of one picture: every pixel, every channel.")
@given(height=SIZES, width=SIZES, channels=st.integers(1, 4), levels=st.integers(1, 300))
def test_count(submission, height, width, channels, levels):
    """10 to the power of log10_image_count is levels ** (height · width · channels), exactly counted."""
    got = as_float(submission.log10_image_count(height, width, channels, levels), "log10_image_count")
    assert_close(got, math.log10(levels ** (height * width * channels)), rtol=1e-9, what="log10_image_count")


@check(points=0.25, hint="The count itself does not fit into a float. Take the logarithm before you multiply up.")
def test_large_pictures_stay_finite(submission):
    """A 256 × 256 photo stays finite: 10^157826 in grey, and three times that exponent in colour."""
    grey = as_float(submission.log10_image_count(256, 256), "log10_image_count(256, 256)")
    assert_close(grey, 65536 * math.log10(256), rtol=1e-9, what="log10_image_count(256, 256)")
    colour = as_float(submission.log10_image_count(256, 256, 3), "log10_image_count(256, 256, 3)")
    assert_close(colour, 3 * grey, rtol=1e-9, what="log10_image_count(256, 256, 3)", reveal=True)


@check(points=0.25, hint="Test all four, before you compute. 1 is allowed, 0 is not.")
def test_empty_sizes_are_refused(submission):
    """Height, width, channels or levels below 1 raise ValueError; 1 each makes one picture, 10^0."""
    for place, name in enumerate(("height", "width", "channels", "levels")):
        for bad in (0, -2):
            sizes = [8, 8, 3, 256]
            sizes[place] = bad
            assert_raises(ValueError, submission.log10_image_count, *sizes, what=f"{name} = {bad}")
    assert_raises(ValueError, submission.log10_image_count, -8, -8, what="height = width = -8")
    one = as_float(submission.log10_image_count(1, 1, 1, 1), "log10_image_count(1, 1, 1, 1)")
    assert_close(one, 0.0, atol=1e-12, what="log10_image_count(1, 1, 1, 1)")


@check(points=0.25, hint="Flatten each picture, then: differences, squares, sum, root, smallest. In that order.")
@given(x=images(batch=2, size=(2, 3)), data=images(batch=4, size=(2, 3)))
def test_nearest_is_euclidean(submission, x, data):
    """nearest_distance is the Euclidean distance to the nearest picture of data, for images of any shape."""
    with unchanged(x=x, data=data), global_random_untouched():
        got = submission.nearest_distance(x, data)
    assert_close(got, spec_nearest(x, data), atol=1e-5, what="nearest_distance")


@check(points=0.25, hint="Is a picture that is in data at distance 0? Where do you take the smallest, and over what?")
@given(data=noise(batch=4), steps=images(batch=4, size=4))
def test_moving_changes_no_more_than_the_move(submission, data, steps):
    """A picture of data is at distance 0; moved by some length, it is at most that length away from data."""
    still = as_array(submission.nearest_distance(data, data), "nearest_distance", (4,))
    assert_close(still, np.zeros(4), atol=1e-5, what="the distance of data to itself", reveal=True)
    lengths = np.sqrt((steps**2).sum(axis=1))
    moved = as_array(submission.nearest_distance(data + steps, data), "nearest_distance", (4,))
    if not np.all((moved >= 0) & (moved <= lengths + 1e-5)):
        raise CheckFailure(f"pictures moved by {np.round(lengths, 4)} are {np.round(moved, 4)} away from data")


@check(points=0.25, hint="Every held-out digit should be nearer to the training digits than every random picture.")
def test_random_pixels_are_far_from_digits(submission):
    """Pictures of random pixels all lie farther from the digits than digits that were held out."""
    train, held_out = load_digits("train")[0][:700], load_digits("held_out")[0][:20]
    chance = np.random.default_rng(1).uniform(-1, 1, (20, 64))
    real = as_array(submission.nearest_distance(held_out, train), "distances of held-out digits", (20,))
    random = as_array(submission.nearest_distance(chance, train), "distances of random pixels", (20,))
    if not np.max(real) < np.min(random):
        raise CheckFailure(f"held-out digits: up to {np.max(real):.3g}; random pixels: from {np.min(random):.3g}")
    assert_close(random, spec_fast_nearest(chance, train), atol=1e-4, what="distances of random pixels")


@check(points=0.25, hint="The smallest distance wins, and its index is the class. Flatten each picture first.")
@given(x=images(batch=3, size=(2, 2)), centroids=images(batch=4, size=(2, 2)))
def test_nearest_centroid_wins(submission, x, centroids):
    """classify gives each picture the index of its nearest centroid, as ints."""
    want = spec_classify(x, centroids)
    with unchanged(x=x, centroids=centroids), global_random_untouched():
        got = submission.classify(x, centroids)
    assert_equal(as_classes(got, 3), want, what="the classes")


@check(points=0.5, hint="Only differences count. A product of picture and centroid changes with the light.")
@given(x=images(batch=3, size=4), centroids=images(batch=4, size=4), shift=images(batch=None, size=4))
def test_common_shift_changes_nothing(submission, x, centroids, shift):
    """Adding one and the same picture to x and to all centroids changes no class."""
    want = spec_classify(x, centroids)
    got = as_classes(submission.classify(x + 8 * shift, centroids + 8 * shift), 3)
    assert_equal(got, want, what="the classes after a common shift")
