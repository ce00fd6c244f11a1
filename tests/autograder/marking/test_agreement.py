"""How far two people agree: against another library, and where there is little to say."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from autograder.marking.agreement import agreement, alpha, weighted_kappa


@pytest.mark.parametrize("seed", range(5))
def test_weighted_kappa_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 7, 40)
    second = np.clip(first + rng.integers(-2, 3, 40), 0, 6)
    wanted = cohen_kappa_score(first, second, weights="quadratic", labels=list(range(7)))
    assert weighted_kappa(np.stack([first, second], axis=1) / 2) == pytest.approx(wanted)


def test_alpha_of_two_people_by_its_definition() -> None:
    """Observed over expected squared distances, over all pairs of values (Krippendorff 2011, section B)."""
    marks = np.array([[0.0, 1.0], [2.0, 2.0], [3.0, 2.5], [1.0, 1.0], [0.5, 3.0]])
    values = marks.ravel()
    expected = np.sum((values[:, None] - values) ** 2) / (len(values) * (len(values) - 1))
    assert alpha(marks) == pytest.approx(1 - np.mean((marks[:, 0] - marks[:, 1]) ** 2) / expected)


def test_full_agreement_none_and_chance() -> None:
    same = agreement([(float(k % 4), float(k % 4)) for k in range(20)])
    assert (same.answers, same.equal, same.kappa.value, same.alpha.value) == (20, 20, 1.0, 1.0)
    opposite = agreement([(0.0, 3.0), (3.0, 0.0)] * 10)
    assert opposite.kappa.value == pytest.approx(-1.0)
    rng = np.random.default_rng(1)
    chance = agreement([tuple(rng.integers(0, 4, 2).astype(float)) for _ in range(300)])
    assert chance.kappa.low is not None
    assert chance.kappa.high is not None
    assert chance.kappa.low < 0 < chance.kappa.high
    assert chance.kappa.high - chance.kappa.low < 0.4


def test_of_few_answers_and_of_equal_marks_nothing_is_claimed() -> None:
    assert agreement([]).kappa.value is None
    assert agreement([(1.0, 2.0)]).alpha.value is None
    flat = agreement([(2.0, 2.0)] * 5)
    assert (flat.answers, flat.equal, flat.kappa.value, flat.alpha.value) == (5, 5, None, None)


def test_the_interval_is_the_same_each_time_and_holds_the_value() -> None:
    pairs = [(1.0, 1.5), (2.0, 2.0), (3.0, 2.0), (0.0, 0.0), (2.5, 3.0), (1.0, 0.0)]
    first, again = agreement(pairs), agreement(pairs)
    assert first == again
    for estimate in (first.kappa, first.alpha):
        assert None not in (estimate.value, estimate.low, estimate.high)
        assert (estimate.low or 0) < (estimate.value or 0) < (estimate.high or 0)
