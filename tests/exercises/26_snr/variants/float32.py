"""Another correct solution: float32 throughout, each target in its own branch."""

import numpy as np

ONE = np.float32(1)


def level_of(alpha_bar, extra=0):
    a = np.asarray(alpha_bar)
    if not ((0 < a) & (a < 1)).all():
        raise ValueError("0 < alpha_bar < 1 does not hold")
    return a.reshape(a.shape + (1,) * extra) if a.ndim else a


def log_snr(alpha_bar):
    a = level_of(alpha_bar)
    return np.log(a / (1 - a))


def alpha_bar_from(log_snr):
    snr = np.exp(np.asarray(log_snr, dtype=np.float64))
    return (snr / (1 + snr)).astype(np.float32)


def convert(pred, x_t, alpha_bar, source, to):
    if source not in ("eps", "x0", "v", "score") or to not in ("eps", "x0", "v", "score"):
        raise ValueError("source and to must be eps, x0, v or score")
    a = level_of(alpha_bar, np.asarray(x_t).ndim - 1)
    s, n = np.sqrt(a).astype(np.float32), np.sqrt(1 - a).astype(np.float32)
    x, p = np.asarray(x_t).astype(np.float32), np.asarray(pred).astype(np.float32)
    if source == to:
        return p
    if source == "v":
        x0, eps = s * x - n * p, n * x + s * p
    elif source == "x0":
        x0, eps = p, (x - s * p) / n
    else:
        eps = p if source == "eps" else -n * p
        x0 = (x - n * eps) / s
    if to == "v":
        return s * eps - n * x0
    return {"eps": eps, "x0": x0, "score": -eps / n}[to]


def loss_weight(alpha_bar, source, to):
    a = level_of(alpha_bar)
    squares = {"x0": a * 0 + 1, "eps": a / (1 - a), "v": 1 / (1 - a), "score": a / (1 - a) / (1 - a)}
    if not {source, to} <= set(squares):
        raise ValueError("no such target")
    return squares[source] / squares[to]
