"""Public checks of 02: the forward chain."""

import numpy as np

from autograder.checks import CheckFailure, as_array, assert_close, check

#: What the lesson prints for seed 42, steps 1 … 5.
LESSON = np.array(
    [
        [0.899, 0.372, -0.270, -0.495],
        [0.673, 0.251, 0.099, -0.243],
        [0.444, 0.309, -0.013, -0.287],
        [0.404, -0.135, -0.355, -0.342],
        [0.120, -0.045, -0.466, -0.556],
    ]
)


@check(points=0.5, hint="Without rng, draw from np.random step by step, and do not seed it: the caller did.")
def test_lesson_rows(submission):
    """After np.random.seed(42), x0 = [1, .5, -.5, -1] gives the lesson's five rows at 3 decimals."""
    before = np.random.get_state()
    np.random.seed(42)
    try:
        rows = submission.forward_chain(np.array([1.0, 0.5, -0.5, -1.0], dtype=np.float32))
    finally:
        np.random.set_state(before)
    rows = as_array(rows, "the chain", (6, 4)).astype(np.float64)
    gap = np.abs(rows[1:] - LESSON).max(axis=1)
    for k in range(5):
        if not (gap[k] <= 0.0005 + 1e-6):
            raise CheckFailure(f"row {k + 1} is {np.round(rows[k + 1], 4)}", str(LESSON[k]))


@check(points=0.25, hint="Who seeds np.random? The caller. Leave every seed out of the function.")
def test_the_caller_seeds(submission):
    """Without rng, the noise goes on where np.random stands: two calls in a row get different noise."""
    before = np.random.get_state()
    np.random.seed(7)
    try:
        first, second = (as_array(submission.forward_chain(np.zeros(4)), "the chain", (6, 4)) for _ in range(2))
    finally:
        np.random.set_state(before)
    if np.array_equal(first, second):
        raise CheckFailure("two calls in a row give the same noise", "noise that is new in each call")


@check(points=0.25, hint="Row 0 is x0, and each row after it is decay times the row before, plus noise.")
def test_row_0_is_clean(submission):
    """Row 0 is x0. Without noise, x0 = [4, -8] and decay 0.5 go to [2, -4] and then [1, -2]."""
    x0 = np.array([4.0, -8.0])
    rows = submission.forward_chain(x0, decay=0.5, noise_scale=0.0, num_steps=2, rng=np.random.default_rng(0))
    assert_close(rows, [[4.0, -8.0], [2.0, -4.0], [1.0, -2.0]], what="the chain")
