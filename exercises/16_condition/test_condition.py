"""Public checks of 16: a wish enters the network."""

import numpy as np

from autograder.checks import CheckFailure, as_array, assert_equal, check

LEVELS = np.cumprod(1 - np.linspace(1e-3, 0.2, 100))


def two_clouds(seed=3, rows=600):
    """Points around (-0.8, -0.8) with label 0, and around (0.8, 0.8) with label 1."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=rows)
    return (1.6 * labels - 0.8)[:, None] + 0.1 * rng.standard_normal((rows, 2)), labels


@check(points=0.25, hint="One random number a label: below p, the label becomes -1.")
def test_none_and_all_are_dropped(submission):
    """With p = 0 every label stays, with p = 1 every one becomes -1."""
    labels = np.array([3, 0, 2, 1, 0])
    kept = submission.drop_labels(labels, 0.0, np.random.default_rng(1))
    assert_equal(kept, labels, what="the labels with p = 0")
    assert_equal(submission.drop_labels(labels, 1.0, np.random.default_rng(1)), [-1] * 5, what="the labels with p = 1")


@check(
    points=0.5,
    hint="The wish is an input like the level: numbers beside x_t. Does -1 look up the last row of your table?",
)
def test_a_wish_is_heard(submission):
    """For the same x_t, the network answers differently for wish 0, wish 1 and no wish."""
    rng = np.random.default_rng(2)
    params = submission.init_params(2, 32, 2, rng)
    if not isinstance(params, dict) or not params:
        raise CheckFailure(f"init_params should return a dict of arrays, it is {type(params).__name__}")
    params = {key: as_array(value, f"params[{key!r}]").astype(float) for key, value in params.items()}
    params = {key: value + 0.3 * rng.standard_normal(value.shape) for key, value in params.items()}
    x_t = rng.standard_normal((20, 2))
    answers = {
        label: as_array(submission.denoise(params, x_t, 30, np.full(20, label), LEVELS), "denoise", (20, 2))
        for label in (-1, 0, 1)
    }
    for one, other in ((-1, 0), (-1, 1), (0, 1)):
        if not np.max(np.abs(answers[one] - answers[other])) > 1e-6:
            raise CheckFailure(f"denoise answers the same for the labels {one} and {other}")


@check(
    points=0.5,
    hint="Do data and labels come from the same rows? Is w times the difference added to the answer without the wish?",
)
def test_wishes_come_true_in_a_world_of_two_clouds(submission):
    """After 200 steps, samples at w = 2 end at the cloud that was wished for, nine in ten of each."""
    # Statistical: 99 in 100 of each wish and more, on 20 seeds of each of four correct solutions.
    data, labels = two_clouds()
    params = submission.train(data, labels, LEVELS, 200, np.random.default_rng(4))
    wishes = np.arange(200) % 2
    x0 = submission.sample(params, wishes, 2.0, np.linspace(1e-3, 0.2, 100), np.random.default_rng(5))
    sides = as_array(x0, "the samples", (200, 2)).sum(axis=1) > 0
    for wish in (0, 1):
        hits = float(np.mean(sides[wishes == wish] == wish))
        if not hits >= 0.9:
            raise CheckFailure(f"of the samples with wish {wish}, {hits:.0%} end at its cloud")
