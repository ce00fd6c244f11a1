"""The table in 19's picture has the shape of Table 1 in Song et al. 2021 (DDIM), as 19's README says."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from autograder.sources import load_file

ROOT = Path(__file__).parents[2]
STEPS = (5, 10, 20, 50, 100, 200)


@cache
def picture():
    return load_file("picture", ROOT / "exercises" / "19_ddim" / "picture.py")


@cache
def reference():
    return load_file("ddim", ROOT / "solutions" / "19_ddim.py")


@cache
def table():
    """A row for each eta (0, 0.2, 0.5, 1), the last one for σ̂; a column for each of STEPS."""
    return picture().frechet_table(reference().ddim_step, picture().digit_spectrum(), STEPS)


def test_every_row_falls_with_the_number_of_steps():
    assert np.all(np.diff(table(), axis=1) < 0)


def test_less_fresh_noise_is_better_at_every_number_of_steps():
    by_eta = table()[:-1]
    assert np.all(np.diff(by_eta, axis=0) > 0)


def test_sigma_hat_is_worst_at_5_steps_and_best_from_50_on():
    by_eta, sigma_hat = table()[:-1], table()[-1]
    assert sigma_hat[0] > by_eta[:, 0].max()
    assert np.all(sigma_hat[3:] < by_eta[:, 3:].min(axis=0))


def test_the_picture_draws_the_columns_that_its_readme_speaks_of():
    assert STEPS[:5] == picture().TABLE_STEPS
    assert picture().TABLE_ETAS == (0.0, 0.2, 0.5, 1.0)


def test_the_closed_form_agrees_with_samples():
    """Three directions, 20 steps, eta = 0.5: variances of 200,000 samples, fixed seed, within 2% (6 sigma)."""
    variances, rng = np.array([0.0, 0.3, 2.5]), np.random.default_rng(0)
    alpha_bars, levels = picture().ALPHA_BARS, reference().ddim_timesteps(1000, 20).tolist()
    x = rng.standard_normal((200_000, 3))
    var = np.ones(3)
    for t, t_prev in zip(levels, [*levels[1:], -1], strict=True):
        eps = np.sqrt(1 - alpha_bars[t]) * x / (alpha_bars[t] * variances + 1 - alpha_bars[t])
        x = reference().ddim_step(x, eps, t, t_prev, alpha_bars, 0.5, rng.standard_normal(x.shape))
        slope, fresh = picture().linear_step(reference().ddim_step, variances, t, t_prev, 0.5)
        var = slope**2 * var + fresh**2
    assert x.var(axis=0) == pytest.approx(var, rel=0.02, abs=1e-12)
    want = np.sum((np.sqrt(var) - np.sqrt(variances)) ** 2)
    assert picture().gaussian_frechet(reference().ddim_step, variances, 20, 0.5) == pytest.approx(want)


def test_data_that_need_no_change_are_at_distance_0():
    """Standard normal data: noise is the data already, and no step changes its variance."""
    for eta in (0.0, 1.0):
        distance = picture().gaussian_frechet(reference().ddim_step, np.ones(4), 1000, eta)
        assert distance == pytest.approx(0.0, abs=1e-3)
