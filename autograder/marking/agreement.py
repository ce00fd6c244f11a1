"""How far two people agree who marked the same answers, each without sight of the other.

Quadratic-weighted kappa (Cohen 1968) is 1 where they agree, 0 where they agree as often as chance would have them;
Krippendorff's alpha (interval level, by the library of that name) says the same of data in which some are missing.
Both come with an interval from a bootstrap over answers: of a few answers neither says much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
FEWEST = 2  # answers below which nothing is computed
Marks = NDArray[np.float64]  # (answers, 2)


@dataclass(frozen=True)
class Estimate:
    """A number with its interval, 95 % of a bootstrap's; None where it is not defined: all marks are the same."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Of one exercise: how many answers were marked twice, how many alike, and the two coefficients."""

    answers: int
    equal: int
    kappa: Estimate
    alpha: Estimate


def agreement(pairs: Sequence[tuple[float, float]], seed: int = 0) -> Agreement:
    """`pairs`: the two marks of each answer, in points."""
    marks = np.asarray(pairs, dtype=np.float64).reshape(-1, 2)
    equal = int(np.sum(marks[:, 0] == marks[:, 1]))
    return Agreement(len(marks), equal, _estimate(marks, weighted_kappa, seed), _estimate(marks, alpha, seed))


def weighted_kappa(marks: Marks) -> float | None:
    """Cohen's kappa with squared distances as weights: 1 - mean (a - b)² / mean over all pairs (a_i - b_j)².

    marks: `(answers, 2)`, in points. None where the second mean is 0.
    """
    first, second = marks.T
    by_chance = float(np.mean((first[:, None] - second[None, :]) ** 2))
    return 1 - float(np.mean((first - second) ** 2)) / by_chance if by_chance > 0 else None


def alpha(marks: Marks) -> float | None:
    """Krippendorff's alpha at the interval level. marks: `(answers, 2)`. None where all marks are the same."""
    import krippendorff

    if np.all(marks == marks.flat[0]):
        return None
    return float(krippendorff.alpha(reliability_data=marks.T, level_of_measurement="interval"))


def _estimate(marks: Marks, coefficient: Callable[[Marks], float | None], seed: int) -> Estimate:
    if len(marks) < FEWEST:
        return Estimate(None)
    rng = np.random.default_rng(seed)
    drawn = (coefficient(marks[rng.integers(len(marks), size=len(marks))]) for _ in range(DRAWS))
    values = [value for value in drawn if value is not None]
    if not values:
        return Estimate(coefficient(marks))
    low, high = np.quantile(values, [0.025, 0.975])
    return Estimate(coefficient(marks), float(low), float(high))
