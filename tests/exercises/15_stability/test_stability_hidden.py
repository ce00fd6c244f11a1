"""Hidden checks of 15. The oracle is the slope of each loss by a central difference, entry by entry."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import CheckFailure, as_array, as_tuple, assert_close, check, global_random_untouched, unchanged
from autograder.diffusion.strategies import noise

rates = st.integers(1, 64).map(lambda k: k / 128)


def slope(loss, at):
    """The central difference of a loss of one number; exact for squares and products."""
    return (loss(at + 0.5) - loss(at - 0.5)) / 1.0


@check(points=0.5, hint="x goes down its slope, y goes up its own, and both slopes are taken where the step began.")
@given(x=noise(), y=noise(), lr=rates)
def test_both_at_once(submission, x, y, lr):
    """Each entry of x moves by -lr times the slope of x·y by x, each entry of y by +lr times the slope by y."""
    with unchanged(x=x, y=y), global_random_untouched():
        new_x, new_y = as_tuple(submission.gan_step(x, y, lr), 2, "gan_step")
    want_x, want_y = np.empty(x.shape), np.empty(y.shape)
    for i in np.ndindex(x.shape):
        want_x[i] = x[i] - lr * slope(lambda v, i=i: v * y[i], x[i])
        want_y[i] = y[i] + lr * slope(lambda v, i=i: x[i] * v, y[i])
    assert_close(new_x, want_x, atol=1e-9, what="x")
    assert_close(new_y, want_y, atol=1e-9, what="y")


@check(points=0.25, hint="Square both results and add. By how much has x² + y² grown?")
@given(x=noise(), y=noise(), lr=rates)
def test_radius_grows(submission, x, y, lr):
    """x² + y² grows by exactly 1 + lr² in a step, however small lr is, and so by its power in ten."""
    want, steps = x**2 + y**2, 10
    for _ in range(steps):
        x, y = (as_array(z, "gan_step", x.shape) for z in as_tuple(submission.gan_step(x, y, lr), 2, "gan_step"))
        x, y = x.astype(np.float64), y.astype(np.float64)
    assert_close(x**2 + y**2, want * (1 + lr**2) ** steps, rtol=1e-4, atol=1e-6, what="x² + y² after ten steps")


@check(points=0.25, hint="How does the error x - target change in a step? The slope of a square has a 2.")
@given(x=noise(), target=noise(), lr=rates)
def test_error_shrinks(submission, x, target, lr):
    """The error x - target shrinks by exactly 1 - 2·lr in a step, each entry by itself."""
    with unchanged(x=x, target=target), global_random_untouched():
        got = submission.regress_step(x, target, lr)
    want = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        want[i] = x[i] - lr * slope(lambda v, i=i: (v - target[i]) ** 2, x[i])
    assert_close(got, want, atol=1e-9, what="x")
    error = as_array(got, "x", x.shape).astype(np.float64) - target
    assert_close(error, (1 - 2 * lr) * (x - target), atol=1e-5, what="the error after a step")


@check(points=0.25, hint="An array of starts, or of rates, is many trainings at once. Do plain numbers work too?")
@given(x=noise(None, 3), y=noise(None, 3), lr=st.tuples(rates, rates, rates))
def test_scalars_and_arrays(submission, x, y, lr):
    """Numbers, arrays and an array of rates work alike: entry i of the arrays is the step of number i."""
    lr = np.array(lr)
    with unchanged(lr=lr):
        both = as_tuple(submission.gan_step(x, y, lr), 2, "gan_step")
        fitted = submission.regress_step(x, y, lr)
    for i in range(3):
        alone = as_tuple(submission.gan_step(float(x[i]), float(y[i]), lr[i]), 2, "gan_step")
        for name, one, many in zip("xy", alone, both, strict=True):
            assert_close(as_array(many, name, (3,))[i], float(as_array(one, name, ())), atol=1e-5, what=f"{name}[{i}]")
        one = as_array(submission.regress_step(float(x[i]), float(y[i]), lr[i]), "x", ())
        assert_close(as_array(fitted, "x", (3,))[i], float(one), atol=1e-5, what=f"x[{i}] of regress_step")
    assert_close(both[0], x - lr * y, atol=1e-9, what="x")


@check(points=0.25, hint="Nothing is clipped: above lr = 1 the regression overshoots by more than it mends.")
def test_where_it_ends(submission):
    """From 5: lr = 0.5 lands on the target in one step, 0.75 overshoots and settles, 1 swings, 1.5 blows up."""
    ends = {0.5: 0.0, 0.75: 3 / 2**10, 1.0: 3.0, 1.5: 3.0 * 2**10}
    for lr, want in ends.items():
        x = 5.0
        for _ in range(10):
            x = float(as_array(submission.regress_step(x, 2.0, lr), "x", ()))
        assert_close(x - 2.0, want, rtol=1e-4, atol=1e-6, what=f"the error after ten steps with lr = {lr}")
    x, y = as_tuple(submission.gan_step(0.0, 0.0, 0.3), 2, "gan_step")
    if not (float(as_array(x, "x", ())) == 0 == float(as_array(y, "y", ()))):
        raise CheckFailure("in the middle, (0, 0), both players are content, but they moved")
