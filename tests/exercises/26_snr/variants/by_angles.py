"""Another correct solution: (x_t, v) is (x0, eps) turned by an angle; rows in a loop."""

import numpy as np

NAMES = {"eps", "x0", "v", "score"}


def log_snr(alpha_bar):
    if np.any(np.less_equal(alpha_bar, 0)) or np.any(np.greater_equal(alpha_bar, 1)):
        raise ValueError("alpha_bar out of (0, 1)")
    return -np.log(1 / np.asarray(alpha_bar) - 1)


def alpha_bar_from(log_snr):
    return np.vectorize(lambda r: 1 / (1 + np.exp(-r)) if r > 0 else np.exp(r) / (1 + np.exp(r)), otypes=[float])(
        log_snr
    )


def convert(pred, x_t, alpha_bar, source, to):
    if {source, to} - NAMES:
        raise ValueError(f"targets are {NAMES}")
    log_snr(alpha_bar)
    rows = []
    for p, x, a in zip(pred, x_t, np.broadcast_to(alpha_bar, len(x_t))):
        angle = np.arccos(np.sqrt(a))
        c, s = np.cos(angle), np.sin(angle)
        if source == "v":
            v = p
        else:
            eps = {"eps": p, "x0": (x - c * p) / s, "score": -s * p}[source]
            v = (eps - s * x) / c
        if to == "v":
            rows.append(v)
            continue
        eps = s * x + c * v
        rows.append({"eps": eps, "x0": c * x - s * v, "score": -eps / s}[to])
    return np.array(rows)


def loss_weight(alpha_bar, source, to):
    if {source, to} - NAMES:
        raise ValueError(f"targets are {NAMES}")
    snr = np.exp(log_snr(alpha_bar))
    by_x0 = {"x0": 1, "eps": snr, "v": 1 + snr, "score": snr * (1 + snr)}
    return np.ones_like(snr) * by_x0[source] / by_x0[to]
