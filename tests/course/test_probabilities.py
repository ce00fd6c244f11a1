"""Statistical checks say with what probability a correct solution fails. Here the arithmetic is done again."""

import re
from collections.abc import Callable
from math import comb, exp, log, sqrt
from pathlib import Path

import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from autograder.course import Course
from autograder.judge.suite import Suite

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1e-9


def beyond(sigmas: float) -> float:
    """P(|z| > sigmas) of a standard normal."""
    return float(2 * stats.norm.sf(sigmas))


def square_sum(count: int, deviations: float) -> float:
    """P that the mean of `count` squared normals is more than `deviations` of its deviations from 1."""
    gap = deviations * sqrt(2 / count)
    return float(stats.chi2.sf(count * (1 + gap), count) + stats.chi2.cdf(count * (1 - gap), count))


def product_sum(count: int, deviations: float) -> float:
    """Chernoff bound on P that the mean of `count` products of independent normals is that far from 0."""
    gap = deviations / sqrt(count)
    best = minimize_scalar(lambda s: -(s * gap + 0.5 * log(1 - s * s)), bounds=(0, 0.999), method="bounded")
    return 2 * exp(count * best.fun)


def fresh_noise() -> float:
    """18: up to 5 arrays of 200 × 50 normals, each tried in five ways at 8 sigma, and their 10 pairs."""
    count = 200 * 50
    one = beyond(8) + square_sum(count, 8) + product_sum(count // 2, 8) + product_sum(200 * 49 // 2, 8)
    share = 2 * exp(-2 * count * (0.05 - 0.0001) ** 2)  # Hoeffding; 0.6827 is rounded
    return 5 * (one + share) + 10 * product_sum(count, 8)


def gain_deviation(draws: int) -> float:
    """22: the deviation of the measured gain. Errors of variance 0.2 and 0.25 with squared correlation 0.8."""
    return 0.8 * sqrt(2 / draws * (1 + 1 - 2 * 0.8))


def gains_scatter() -> float:
    """22: eight gains scatter more than 0.0095, or (with 20 million draws each) less than 1e-6."""
    too_far = stats.chi2.sf(8 * (0.0095 / gain_deviation(50_000)) ** 2, 8)
    too_close = stats.chi2.cdf(8 * (1e-6 / gain_deviation(20_000_000)) ** 2, 8)
    return float(too_far + too_close)


def spoiled_gradients() -> float:
    """10: a kink spoils a point with probability below 1e-3; at least four of eight points must be spoiled."""
    a_point = 10 * 8 * 4 * (2 * 1e-6 * 2 * 0.4)
    assert a_point < 1e-3
    return comb(8, 4) * a_point**4


#: By check: what the sentences in its docstring and comments come to.
PROBABILITIES: dict[str, Callable[[], float]] = {
    "test_gradients_are_slopes": spoiled_gradients,
    "test_gaussian_data": lambda: 2 * (beyond(7) + square_sum(39_999, 7)),
    "test_edit_draws_the_right_noise": fresh_noise,
    "test_known_pixels_get_fresh_noise": fresh_noise,
    "test_unknown_pixels_get_the_right_noise": fresh_noise,
    "test_gain_is_measured": lambda: 3 * beyond(0.03 / gain_deviation(50_000)),
    "test_gain_depends_on_the_draws": gains_scatter,
    "test_one_pinch_and_sixty": lambda: 2 * beyond(7),
    "test_one_pinch_leaves_the_photo": lambda: 2 * beyond(7),
    "test_sixty_pinches_bury_it": lambda: 2 * beyond(7),
}


def stated() -> dict[str, float]:
    """The probability that each statistical check of the course states, by name."""
    found = {}
    for exercise in Course.load(ROOT).exercises:
        for check in Suite(exercise).checks:
            if said := re.search(r"probability\s+below\s+(1e-\d+)", check.function.__doc__ or ""):
                found[check.name] = float(said.group(1))
    return found


STATED = stated()


def test_every_statement_is_worked_out_here() -> None:
    assert STATED.keys() == PROBABILITIES.keys()


@pytest.mark.parametrize("name", sorted(STATED))
def test_a_correct_solution_fails_as_rarely_as_stated(name: str) -> None:
    assert 0 < PROBABILITIES[name]() <= STATED[name] <= LIMIT
