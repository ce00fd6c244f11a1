"""Another correct solution: the wish scales the hidden values, no wish has scales of its own."""

import numpy as np
from reverse_step import reverse_mean_var

HIDDEN = 256
BATCH = 128
LEARNING_RATE = 5e-3
DROP = 0.15  # the share of wishes that training leaves out


def adam_step(params, grads, moments, step, learning_rate=LEARNING_RATE, beta1=0.9, beta2=0.999, tiny=1e-8):
    """Given. One step of Adam (Kingma & Ba 2015, Algorithm 1), as in 10. Returns new params and new moments."""
    new_params, new_moments = {}, {}
    for key, value in params.items():
        mean, square = moments.get(key, (0.0, 0.0))
        mean = beta1 * mean + (1 - beta1) * grads[key]
        square = beta2 * square + (1 - beta2) * grads[key] ** 2
        direction = mean / (1 - beta1**step) / (np.sqrt(square / (1 - beta2**step)) + tiny)
        new_params[key] = value - learning_rate * direction
        new_moments[key] = (mean, square)
    return new_params, new_moments


def _weights(t, alpha_bars, batch):
    """The two weights of a noisy sample as columns (batch, 1): of the signal, and of the noise."""
    alpha_bar = np.broadcast_to(np.asarray(alpha_bars)[t], (batch,))[:, None]
    return np.sqrt(alpha_bar), np.sqrt(1.0 - alpha_bar)


def _forward(params, x_t, signal, noise, labels):
    """One hidden layer whose values each wish scales; the last row of `gain` is that of no wish."""
    inputs = np.concatenate([x_t, signal, noise], axis=1)
    bare = np.maximum(inputs @ params["w1"] + params["b1"], 0.0)
    gain = 1.0 + params["gain"][labels]
    return inputs, bare, gain, signal * ((bare * gain) @ params["w2"] + params["b2"]) + noise * x_t


def _gradients(params, x0, t, eps, labels, alpha_bars):
    signal, noise = _weights(t, alpha_bars, len(x0))
    inputs, bare, gain, seen = _forward(params, signal * x0 + noise * eps, signal, noise, labels)
    d_net = 2.0 * (seen - eps) / eps.size * signal
    d_scaled = d_net @ params["w2"].T
    d_gain = np.zeros_like(params["gain"])
    np.add.at(d_gain, labels, d_scaled * bare)
    d_bare = d_scaled * gain * (bare > 0)
    return {
        "w1": inputs.T @ d_bare,
        "b1": d_bare.sum(axis=0),
        "gain": d_gain,
        "w2": (bare * gain).T @ d_net,
        "b2": d_net.sum(axis=0),
    }


def drop_labels(labels, p, rng):
    """Task 1. The labels, each left out (-1) with probability p, by itself.

    labels: ints `(B,)`; p: 0 … 1. Returns new labels `(B,)`; those that stay are as they were.
    """
    return np.where(rng.random(len(labels)) < p, -1, labels)


def init_params(data_dim, hidden, num_classes, rng):
    """Task 2. Parameters of an untrained network for rows of `data_dim` numbers and `num_classes` wishes.

    Returns a dict from names to float64 arrays; more classes are more numbers. Random ones are drawn from `rng`.
    """
    return {
        "w1": rng.standard_normal((data_dim + 2, hidden)) / np.sqrt(data_dim + 2),
        "b1": np.zeros(hidden),
        "gain": 0.1 * rng.standard_normal((num_classes + 1, hidden)),
        "w2": np.zeros((hidden, data_dim)),
        "b2": np.zeros(data_dim),
    }


def denoise(params, x_t, t, labels, alpha_bars):
    """Task 3. The noise that the network sees in x_t when it is told these wishes: `(B, D)`, as x_t.

    labels: ints `(B,)`, -1 for no wish. Each row is judged alone, at its own level and by its own wish.
    """
    signal, noise = _weights(t, alpha_bars, len(x_t))
    return _forward(params, x_t, signal, noise, np.asarray(labels))[3]


def train(data, labels, alpha_bars, num_steps, rng):
    """Task 4. Parameters after num_steps steps on rows of data `(N, D)` with their labels `(N,)`, each 0 … K-1.

    Each step draws rows, levels and fresh noise from `rng`, as in 10, and leaves some of the wishes out (task 1), so
    that one network learns both answers. K is the largest label and 1. With num_steps = 0 the untrained parameters come
    back.
    """
    num_rows, data_dim = data.shape
    params, moments = init_params(data_dim, HIDDEN, int(np.max(labels)) + 1, rng), {}
    for step in range(num_steps):
        rows = rng.integers(num_rows, size=BATCH)
        t = rng.integers(len(alpha_bars), size=BATCH)
        eps = rng.standard_normal((BATCH, data_dim))
        wishes = drop_labels(labels[rows], DROP, rng)
        grads = _gradients(params, data[rows], t, eps, wishes, alpha_bars)
        params, moments = adam_step(params, grads, moments, step + 1, LEARNING_RATE * (1.0 - step / num_steps))
    return params


def sample(params, labels, w, betas, rng, negative=None):
    """Task 5. One sample a label, from pure noise: the sampler of 12, asking the network with the wish and without.

    w: how much the wish counts: 0 not at all, 1 as the network answers it, above 1 more. negative: labels `(B,)` that
    take the place of "no wish", what the samples are led away from; None is no wish for all. Returns `(B, D)`.
    """
    labels = np.asarray(labels)
    nothing = np.full(len(labels), -1) if negative is None else np.asarray(negative)
    alpha_bars = np.cumprod(1.0 - np.asarray(betas))
    x = rng.standard_normal((len(labels), params["b2"].size))
    for t in range(len(betas) - 1, -1, -1):
        without = denoise(params, x, t, nothing, alpha_bars)
        wished = denoise(params, x, t, labels, alpha_bars)
        mean, var = reverse_mean_var(x, without + w * (wished - without), t, betas)
        x = mean + np.sqrt(var) * rng.standard_normal(x.shape) if t > 0 else mean
    return x
