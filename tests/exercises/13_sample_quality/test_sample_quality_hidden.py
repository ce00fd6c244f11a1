"""Hidden checks of 13. Oracles: sorting by hand, and the Fréchet distance of 2×2 covariances in closed form."""

from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import CheckFailure, as_float, assert_close, check, global_random_untouched, unchanged
from autograder.diffusion.strategies import images, seeds

ROWS, DIM = 5, 3
#: Directions that cannot be 0: the columns of a fixed set, stretched by each example.
DIRECTIONS = np.array([[1.0, 0.0, 0.5, -1.0], [0.0, 1.0, -0.5, 2.0], [0.0, 1.0, 0.75, 0.5]])


def spec_sliced_w2(a, b, directions):
    """One direction and one pair of the sorted projections at a time."""
    squares = []
    for column in directions.T:
        length = sqrt(sum(float(entry) ** 2 for entry in column))
        left, right = (sorted(float(np.dot(row, column)) / length for row in rows) for rows in (a, b))
        squares += [(p - q) ** 2 for p, q in zip(left, right, strict=True)]
    return sqrt(sum(squares) / len(squares))


def spec_cov(rows):
    """The covariance over n - 1, as a sum of outer products."""
    mean = sum(rows) / len(rows)
    return sum(np.outer(row - mean, row - mean) for row in rows) / (len(rows) - 1)


def spec_frechet_2d(a, b):
    """For 2×2 the trace of the root of M is sqrt(trace M + 2 sqrt(det M))."""
    cov_a, cov_b = spec_cov(a), spec_cov(b)
    det = max(np.linalg.det(cov_a), 0.0) * max(np.linalg.det(cov_b), 0.0)
    cross = sqrt(max(np.trace(cov_a @ cov_b) + 2 * sqrt(det), 0.0))
    gap = sum(a) / len(a) - sum(b) / len(b)
    return float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def cloud(seed, rows=40, dim=DIM):
    """A set whose columns are correlated and not centred."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((rows, dim)) @ rng.uniform(-1, 1, (dim, dim)) + rng.uniform(-2, 2, dim)


def two_clouds(seed):
    """Two sets with one mean: what only looks at means takes them for equal."""
    a, b = cloud(seed), cloud(seed + 1)
    return a, b - b.mean(axis=0) + a.mean(axis=0)


@check(
    points=0.5, examples=50, hint="Project, sort along the rows, subtract, square, take one mean of all, then the root."
)
@given(a=images(ROWS, DIM), b=images(ROWS, DIM), stretch=st.tuples(*[st.integers(1, 8)] * 4))
def test_sliced_by_hand(submission, a, b, stretch):
    """sliced_w2 is the root of the mean squared gap between sorted projections on unit directions."""
    directions = DIRECTIONS * np.array(stretch)
    with unchanged(a=a, b=b, directions=directions), global_random_untouched():
        got = as_float(submission.sliced_w2(a, b, directions), "sliced_w2")
    assert_close(got, spec_sliced_w2(a, b, directions), atol=1e-7, what="sliced_w2")


@check(points=0.25, examples=50, hint="Move every row of a by the same shift: how far does each projection move?")
@given(a=images(ROWS, DIM), shift=images(None, DIM))
def test_shift_law(submission, a, shift):
    """A set moved by s is sqrt(mean (s · unit direction)²) away by sliced_w2, and |s|² by Fréchet."""
    units = DIRECTIONS / np.linalg.norm(DIRECTIONS, axis=0)
    moved = a[::-1] + shift
    got = submission.sliced_w2(a, moved, DIRECTIONS)
    assert_close(got, float(np.sqrt(np.mean((shift @ units) ** 2))), atol=1e-7, what="sliced_w2")
    got = submission.frechet_distance(a, moved)
    assert_close(got, float(shift @ shift), atol=1e-5, what="frechet_distance")


@check(
    points=0.25,
    examples=30,
    hint="A set is a set: neither which of the two comes first nor the order of rows may matter.",
)
@given(seed=seeds())
def test_sets_have_no_order(submission, seed):
    """Both are symmetric, do not see the order of rows, and are 0 between a set and itself."""
    a, b = two_clouds(seed)
    shuffled = np.random.default_rng(seed).permutation(a)
    metrics = {
        "sliced_w2": lambda x, y: submission.sliced_w2(x, y, DIRECTIONS),
        "frechet_distance": submission.frechet_distance,
    }
    for name, metric in metrics.items():
        there = as_float(metric(a, b), name)
        assert_close(metric(b, a), there, rtol=1e-5, what=f"{name} of (b, a)")
        assert_close(metric(shuffled, b), there, rtol=1e-5, what=f"{name} with the rows shuffled")
        assert_close(metric(a, shuffled), 0.0, atol=1e-5, what=f"{name} of a set and itself, shuffled")
        if not there > 1e-3:
            raise CheckFailure(f"{name} of two different sets is {there:.6g}")


@check(points=0.25, examples=30, hint="Is the root taken at the end? A squared distance breaks the triangle law.")
@given(seed=seeds(), middle=st.integers(1, 7))
def test_triangle(submission, seed, middle):
    """sliced_w2 is a distance: no way round is shorter, and half way lies half the distance."""
    a, c = two_clouds(seed)
    shift = np.array([4.0, -3.0, 5.0])
    b = a + shift * middle / 8
    legs = [as_float(submission.sliced_w2(*pair, DIRECTIONS), "sliced_w2") for pair in ((a, c), (a, b), (b, c))]
    if not legs[0] > 1e-3:
        raise CheckFailure(f"two different sets with the same mean are {legs[0]:.6g} apart")
    if not legs[0] <= legs[1] + legs[2] + 1e-6:
        raise CheckFailure(f"a to c is {legs[0]:.6g}, but by way of b it is {legs[1]:.6g} + {legs[2]:.6g}")
    whole = as_float(submission.sliced_w2(a, a + shift, DIRECTIONS), "sliced_w2")
    assert_close(legs[1] * 8 / middle, whole, rtol=1e-4, atol=1e-9, what="the way to b, stretched to the whole shift,")


@check(points=0.75, examples=50, hint="The root of a matrix is not the root of its entries, nor of its diagonal.")
@given(seed=seeds(), rows=st.integers(3, 30))
def test_frechet_closed_form(submission, seed, rows):
    """In two dimensions, with covariances that do not commute, Fréchet equals its closed form."""
    a, b = cloud(seed, rows, 2), cloud(seed + 1, rows + 7, 2)
    with unchanged(a=a, b=b), global_random_untouched():
        got = as_float(submission.frechet_distance(a, b), "frechet_distance")
    assert_close(got, spec_frechet_2d(a, b), rtol=1e-5, atol=1e-6, what="frechet_distance")


@check(
    points=0.25, examples=50, hint="np.cov of one column is a single number, not a matrix. And is n - 1 the divisor?"
)
@given(a=images(4, 1), b=images(6, 1))
def test_one_dimension(submission, a, b):
    """With D = 1 Fréchet is the squared gap of the means plus the squared gap of the standard deviations."""
    spread = [sqrt(sum((float(x) - rows.mean()) ** 2 for x in rows[:, 0]) / (len(rows) - 1)) for rows in (a, b)]
    want = (a.mean() - b.mean()) ** 2 + (spread[0] - spread[1]) ** 2
    assert_close(submission.frechet_distance(a, b), float(want), atol=1e-5, what="frechet_distance")


@check(
    points=0.5,
    examples=30,
    hint="Rounding leaves eigenvalues like -1e-17, whose root is NaN. What is the least they can be?",
)
@given(seed=seeds())
def test_flat_sets(submission, seed):
    """Sets without extent in most directions work: in 8 dimensions, two lines at an angle have their closed form."""
    rng = np.random.default_rng(seed)
    u, v = (w / np.linalg.norm(w) for w in rng.standard_normal((2, 8)))
    s, t = rng.standard_normal(6), 2 * rng.standard_normal(6)
    s_var, t_var = s.var(ddof=1), t.var(ddof=1)
    # The root of (s_var u uᵀ)(t_var v vᵀ) has the trace sqrt(s_var t_var) |u · v|.
    gap = s.mean() * u - t.mean() * v
    want = gap @ gap + s_var + t_var - 2 * sqrt(s_var * t_var) * abs(u @ v)
    got = submission.frechet_distance(np.outer(s, u), np.outer(t, v))
    assert_close(got, float(want), rtol=1e-5, atol=1e-5, what="frechet_distance")


@check(points=0.25, examples=30, hint="Double all numbers: a length doubles, a squared length grows by four.")
@given(seed=seeds(), factor=st.sampled_from([0.25, 0.5, 2.0, 3.0]))
def test_scaling(submission, seed, factor):
    """Stretching both sets by c stretches sliced_w2 by c and Fréchet, the squared form, by c²."""
    a, equal_mean = two_clouds(seed)
    for b in (cloud(seed + 1), equal_mean):
        sliced = as_float(submission.sliced_w2(a, b, DIRECTIONS), "sliced_w2")
        got = submission.sliced_w2(factor * a, factor * b, DIRECTIONS)
        assert_close(got, factor * sliced, rtol=1e-5, what="sliced_w2")
        frechet = as_float(submission.frechet_distance(a, b), "frechet_distance")
        got = submission.frechet_distance(factor * a, factor * b)
        assert_close(got, factor**2 * frechet, rtol=1e-5, what="frechet_distance")
        if not (sliced > 1e-3 and frechet > 1e-3):
            raise CheckFailure(f"two different sets are {sliced:.6g} (sliced_w2) and {frechet:.6g} (Fréchet) apart")
