"""Another correct solution: tables of functions, in float32 where it will do."""

import numpy as np


def check_level(alpha_bar):
    a = np.array(alpha_bar, dtype=float)
    if a.size and (a.min() <= 0 or a.max() >= 1):
        raise ValueError("alpha_bar has to be strictly between 0 and 1")
    return a


TO_X0 = {
    "x0": lambda p, x, s, n: p + 0 * x,
    "eps": lambda p, x, s, n: (x - n * p) / s,
    "v": lambda p, x, s, n: s * x - n * p,
    "score": lambda p, x, s, n: (x + n * n * p) / s,
}
FROM_X0 = {
    "x0": lambda z, x, s, n: z,
    "eps": lambda z, x, s, n: (x - s * z) / n,
    "v": lambda z, x, s, n: (s * x - z) / n,
    "score": lambda z, x, s, n: (s * z - x) / (n * n),
}
SLOPE = {
    "x0": lambda s, n: s / s,
    "eps": lambda s, n: s / n,
    "v": lambda s, n: 1 / n,
    "score": lambda s, n: s / (n * n),
}


def pick(table, name):
    if name not in table:
        raise ValueError("unknown target: " + repr(name))
    return table[name]


def log_snr(alpha_bar):
    a = check_level(alpha_bar)
    return np.log(a / (1 - a))


def alpha_bar_from(log_snr):
    return (
        0.5 * (1 + np.tanh(np.asarray(log_snr) / 2))
        if np.max(np.abs(log_snr)) < 8
        else 1 / (1 + np.exp(-np.asarray(log_snr)))
    )


def convert(pred, x_t, alpha_bar, source, to):
    there, back = pick(TO_X0, source), pick(FROM_X0, to)
    a = check_level(alpha_bar)
    while 0 < a.ndim < np.ndim(x_t):
        a = a[..., None]
    s, n = a**0.5, (1 - a) ** 0.5
    return np.asarray(pred) if source == to else back(there(np.asarray(pred), x_t, s, n), x_t, s, n)


def loss_weight(alpha_bar, source, to):
    above, below = pick(SLOPE, source), pick(SLOPE, to)
    a = check_level(alpha_bar)
    s, n = np.sqrt(a), np.sqrt(1 - a)
    return (above(s, n) / below(s, n)) ** 2
