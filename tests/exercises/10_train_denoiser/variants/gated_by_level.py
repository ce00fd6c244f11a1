"""Skip form where the level opens and closes each hidden unit, log-SNR as the clock, and all noise drawn up front."""

import numpy as np


def adam_step(params, grads, moments, step, learning_rate=5e-3, beta1=0.9, beta2=0.999, tiny=1e-8):
    new_params, new_moments = {}, {}
    for key, value in params.items():
        mean, square = moments.get(key, (0.0, 0.0))
        mean = beta1 * mean + (1 - beta1) * grads[key]
        square = beta2 * square + (1 - beta2) * grads[key] ** 2
        direction = mean / (1 - beta1**step) / (np.sqrt(square / (1 - beta2**step)) + tiny)
        new_params[key] = value - learning_rate * direction
        new_moments[key] = (mean, square)
    return new_params, new_moments


def init_params(data_dim, hidden, rng):
    params = {name: rng.standard_normal((data_dim, hidden)) / data_dim**0.5 for name in ("in",)}
    params["in_bias"] = 0.1 * rng.standard_normal(hidden)
    params["gate"] = 0.5 * rng.standard_normal((3, hidden))
    params["out"] = np.zeros((hidden, data_dim))
    params["out_bias"] = np.zeros((1, data_dim))
    return params


class Pass:
    """One way forward, kept for the way back."""

    def __init__(self, params, x_t, alpha_bar):
        self.a, self.s = np.sqrt(alpha_bar)[:, None], np.sqrt(1 - alpha_bar)[:, None]
        snr = np.log(alpha_bar / (1 - alpha_bar))[:, None] / 6
        self.clock = np.concatenate([np.ones_like(snr), np.tanh(snr), snr * np.exp(-(snr**2))], axis=1)
        self.x = x_t
        self.z = x_t @ params["in"] + params["in_bias"]
        self.relu = self.z * (self.z > 0)
        self.gate = 1 + self.clock @ params["gate"]
        self.h = self.relu * self.gate
        self.answer = self.a * (self.h @ params["out"] + params["out_bias"]) + self.s * x_t


def _levels(t, alpha_bars, rows):
    return np.full(rows, alpha_bars[t]) if np.ndim(t) == 0 else np.take(alpha_bars, t)


def denoise(params, x_t, t, alpha_bars):
    return Pass(params, np.asarray(x_t, dtype=float), _levels(t, alpha_bars, len(x_t))).answer


def loss_and_grads(params, x0, t, eps, alpha_bars):
    level = _levels(t, alpha_bars, len(x0))
    x_t = (x0.T * np.sqrt(level) + eps.T * np.sqrt(1 - level)).T
    run = Pass(params, x_t, level)
    error = run.answer - eps
    back = error * run.a / (0.5 * error.size)
    dh = back @ params["out"].T
    dz = dh * run.gate * (run.z > 0)
    return np.mean(error * error), {
        "out": run.h.T @ back,
        "out_bias": back.sum(0, keepdims=True),
        "gate": run.clock.T @ (dh * run.relu),
        "in": run.x.T @ dz,
        "in_bias": dz.sum(0),
    }


def train(data, alpha_bars, num_steps, rng):
    batch = 64
    noise = rng.normal(0, 1, (num_steps, batch, data.shape[1]))
    t = rng.integers(0, len(alpha_bars), (num_steps, batch))
    rows = rng.integers(0, len(data), (num_steps, batch))
    params, moments = init_params(data.shape[1], 200, rng), {}
    for k in range(num_steps):
        _, grads = loss_and_grads(params, data[rows[k]], t[k], noise[k], alpha_bars)
        params, moments = adam_step(params, grads, moments, k + 1, 2e-3 if k > 0.8 * num_steps else 5e-3)
    return params
