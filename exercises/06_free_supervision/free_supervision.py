"""06 · Supervision for free.

The lesson's second program, x_noisy = keep * x_clean + noise, and Ho et al. 2020, algorithm 1: draw eps
(lines 2 to 4), mix it into x0 (line 5), keep both. The pair (x_t, eps) is a training example: a question and
its answer.

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row; you need not test it. Samples
are `(B, D)` or `(B, ...)`; `alpha_bars` is float64 `(T,)`. Nothing is changed in place.
"""

import numpy as np


def lesson_example(x_clean, noise, keep=0.9):
    """Task 1. The lesson's noisy sample: keep times the clean one, plus the noise as it is.

    x_clean, noise: arrays of one shape; keep: a number. Returns x_noisy, float32, of that shape.
    """
    raise NotImplementedError("lesson_example is not written yet")


def make_example(x0, t, alpha_bars, rng):
    """Task 2. One training example a row: the noisy sample and the noise in it (Ho et al. 2020, eq. 4).

    x0: `(B, ...)`; t: int or `(B,)`; alpha_bars: `(T,)`; rng: a numpy.random.Generator, the only source of
    chance. Draws exactly one standard normal for each entry of x0. Returns (x_t, eps), both shaped as x0.
    """
    raise NotImplementedError("make_example is not written yet")
