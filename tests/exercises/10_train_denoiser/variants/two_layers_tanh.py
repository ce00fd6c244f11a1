"""Skip form with two tanh layers in a list, weights stacked with their biases, momentum kept by hand, and no decay."""

import sys
from itertools import pairwise

import numpy as np


def _ones(a):
    return np.hstack([a, np.ones((len(a), 1))])


def init_params(data_dim, hidden, rng):
    sizes = [data_dim + 1, hidden, hidden, data_dim]
    return {
        f"layer{i}": np.vstack([rng.standard_normal((a, b)) * a**-0.5 * (0.1 if i == 2 else 1.0), np.zeros((1, b))])
        for i, (a, b) in enumerate(pairwise(sizes))
    }


def _columns(t, alpha_bars, rows):
    level = np.array([alpha_bars[k] for k in np.ravel(t)])
    level = np.repeat(level, rows) if len(level) == 1 else level
    return level.reshape(rows, 1) ** 0.5, (1 - level.reshape(rows, 1)) ** 0.5


def _run(params, x_t, a, s):
    tape = [_ones(np.hstack([x_t, 2 * s - 1]))]
    for i in range(2):
        tape.append(_ones(np.tanh(tape[-1] @ params[f"layer{i}"])))
    return tape, a * (tape[-1] @ params["layer2"]) + s * x_t


def denoise(params, x_t, t, alpha_bars):
    a, s = _columns(t, alpha_bars, len(x_t))
    return _run(params, x_t, a, s)[1].tolist()


def loss_and_grads(params, x0, t, eps, alpha_bars):
    a, s = _columns(t, alpha_bars, len(x0))
    tape, answer = _run(params, a * x0 + s * eps, a, s)
    error = answer - eps
    loss = np.square(error).sum() / error.size
    back, grads = error * a * (2 / error.size), {}
    for i in (2, 1, 0):
        grads[f"layer{i}"] = tape[i].T @ back
        if i:
            back = (back @ params[f"layer{i}"].T * (1 - tape[i] ** 2))[:, :-1]
    return loss, grads


def train(data, alpha_bars, num_steps, rng):
    params = init_params(data.shape[1], 112, rng)
    mean = {key: np.zeros_like(value) for key, value in params.items()}
    square = {key: np.zeros_like(value) for key, value in params.items()}
    for k in range(1, num_steps + 1):
        noise = rng.standard_normal((100, data.shape[1]))
        t = (rng.random(100) * len(alpha_bars)).astype(int)
        rows = rng.choice(len(data), 100, replace=False)
        loss, grads = loss_and_grads(params, data[rows], t, noise, alpha_bars)
        for key, g in grads.items():
            mean[key] = 0.9 * mean[key] + 0.1 * g
            square[key] = 0.999 * square[key] + 0.001 * g * g
            params[key] = params[key] - 3e-3 * (mean[key] / (1 - 0.9**k)) / (
                np.sqrt(square[key] / (1 - 0.999**k)) + 1e-8
            )
        if k % 100 == 0:
            print("step", k, "loss", round(float(loss), 4), file=sys.stderr)
    return params
