"""26 · One number for the level, four targets.

Kingma et al. 2021, *Variational Diffusion Models*, section 3.1 (signal-to-noise ratio); Salimans & Ho 2022, section 4
(the targets eps, x0 and v, and what their losses weigh). The score is that of 08.

`alpha_bar` is one entry of `alpha_bars`, or one a row, `(B,)`, with 0 < alpha_bar < 1. Samples are `(B, ...)`. Nothing
is changed in place, and no randomness is used.
"""

import numpy as np

TARGETS = ("eps", "x0", "v", "score")
# Room for what all four tasks share: a check of alpha_bar, one of the names.


def log_snr(alpha_bar):
    """Task 1. The natural logarithm of the signal-to-noise ratio, shaped as alpha_bar.

    Raises ValueError unless 0 < alpha_bar < 1, for every entry.
    """
    raise NotImplementedError("log_snr is not written yet")


def alpha_bar_from(log_snr):
    """Task 2. The alpha_bar whose log-SNR this is, shaped as log_snr: the inverse of task 1."""
    raise NotImplementedError("alpha_bar_from is not written yet")


def convert(pred, x_t, alpha_bar, source, to):
    """Task 3. A prediction of one target as a prediction of another, shaped as x_t.

    pred, x_t: `(B, ...)`; alpha_bar: a number, or `(B,)` with one level a row; source, to: of "eps", "x0", "v" and
    "score". Raises ValueError for another name, and unless 0 < alpha_bar < 1.
    """
    raise NotImplementedError("convert is not written yet")


def loss_weight(alpha_bar, source, to):
    """Task 4. The factor between two mean squared errors of one prediction, shaped as alpha_bar.

    The error measured on `source` is the factor times the error measured on `to`. Raises ValueError for another name,
    and unless 0 < alpha_bar < 1.
    """
    raise NotImplementedError("loss_weight is not written yet")
