"""26 · One number for the level, four targets.

Kingma et al. 2021, *Variational Diffusion Models*, section 3.1 (signal-to-noise ratio); Salimans & Ho 2022, section 4
(the targets eps, x0 and v, and what their losses weigh). The score is that of 08.

`alpha_bar` is one entry of `alpha_bars`, or one a row, `(B,)`, with 0 < alpha_bar < 1. Samples are `(B, ...)`. Nothing
is changed in place, and no randomness is used.
"""

import numpy as np

TARGETS = ("eps", "x0", "v", "score")
### BEGIN SOLUTION
### STUB: # Room for what all four tasks share: a check of alpha_bar, one of the names.
### STUB:
### STUB:


def _level(alpha_bar):
    """alpha_bar as floats. Raises ValueError outside of 0 < alpha_bar < 1."""
    level = np.asarray(alpha_bar, dtype=np.float64)
    if not np.all((level > 0) & (level < 1)):
        raise ValueError(f"alpha_bar must lie between 0 and 1, found {alpha_bar}")
    return level


def _known(*names):
    for name in names:
        if name not in TARGETS:
            raise ValueError(f"no target is called {name!r}; there are {', '.join(TARGETS)}")


### END SOLUTION
def log_snr(alpha_bar):
    """Task 1. The natural logarithm of the signal-to-noise ratio, shaped as alpha_bar.

    Raises ValueError unless 0 < alpha_bar < 1, for every entry.
    """
    ### BEGIN SOLUTION
    level = _level(alpha_bar)
    return np.log(level) - np.log1p(-level)
    ### END SOLUTION


def alpha_bar_from(log_snr):
    """Task 2. The alpha_bar whose log-SNR this is, shaped as log_snr: the inverse of task 1."""
    ### BEGIN SOLUTION
    return 1.0 / (1.0 + np.exp(-np.asarray(log_snr, dtype=np.float64)))
    ### END SOLUTION


def convert(pred, x_t, alpha_bar, source, to):
    """Task 3. A prediction of one target as a prediction of another, shaped as x_t.

    pred, x_t: `(B, ...)`; alpha_bar: a number, or `(B,)` with one level a row; source, to: of "eps", "x0", "v" and
    "score". Raises ValueError for another name, and unless 0 < alpha_bar < 1.
    """
    ### BEGIN SOLUTION
    _known(source, to)
    level = _level(alpha_bar)
    level = level.reshape(level.shape + (1,) * (np.ndim(x_t) - 1)) if level.ndim else level
    signal, noise = np.sqrt(level), np.sqrt(1.0 - level)
    if source == "x0":
        eps = (x_t - signal * pred) / noise
    elif source == "v":
        eps = noise * x_t + signal * pred
    elif source == "score":
        eps = -noise * pred
    else:
        eps = 1.0 * pred
    x0 = (x_t - noise * eps) / signal
    return {"eps": eps, "x0": x0, "v": signal * eps - noise * x0, "score": -eps / noise}[to]
    ### END SOLUTION


def loss_weight(alpha_bar, source, to):
    """Task 4. The factor between two mean squared errors of one prediction, shaped as alpha_bar.

    The error measured on `source` is the factor times the error measured on `to`. Raises ValueError for another name,
    and unless 0 < alpha_bar < 1.
    """
    ### BEGIN SOLUTION
    _known(source, to)
    level = _level(alpha_bar)
    of_x0 = {"x0": 1.0 + 0.0 * level, "eps": level / (1.0 - level), "v": 1.0 / (1.0 - level)}
    of_x0["score"] = level / (1.0 - level) ** 2
    return of_x0[source] / of_x0[to]
    ### END SOLUTION
