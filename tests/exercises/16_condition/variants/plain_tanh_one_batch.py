"""Another correct solution: plain tanh network, labels dropped one by one, both questions in one batch."""

import numpy as np

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


def _wishes(labels, num_classes):
    """One column a class: 1 where it is wished for. No wish is a row of zeros."""
    return (np.asarray(labels)[:, None] == np.arange(num_classes)).astype(float)


def _forward(params, x_t, signal, noise, labels):
    """One hidden layer of tanh that answers with the noise itself."""
    num_classes = params["w1"].shape[0] - x_t.shape[1] - 2
    inputs = np.concatenate([x_t, signal, noise, _wishes(labels, num_classes)], axis=1)
    hidden = np.tanh(inputs @ params["w1"] + params["b1"])
    net = hidden @ params["w2"] + params["b2"]
    return inputs, hidden, net


def _gradients(params, x0, t, eps, labels, alpha_bars):
    """Of the mean of (denoise - eps)² over all entries, by every number of params."""
    signal, noise = _weights(t, alpha_bars, len(x0))
    inputs, hidden, seen = _forward(params, signal * x0 + noise * eps, signal, noise, labels)
    d_net = 2.0 * (seen - eps) / eps.size
    d_hidden = (d_net @ params["w2"].T) * (1 - hidden**2)
    return {
        "w1": inputs.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "w2": hidden.T @ d_net,
        "b2": d_net.sum(axis=0),
    }


def drop_labels(labels, p, rng):
    """Task 1. The labels, each left out (-1) with probability p, by itself.

    labels: ints `(B,)`; p: 0 … 1. Returns new labels `(B,)`; those that stay are as they were.
    """
    kept = np.array(labels)
    for i in range(len(kept)):
        if rng.random() < p:
            kept[i] = -1
    return kept


def init_params(data_dim, hidden, num_classes, rng):
    """Task 2. Parameters of an untrained network for rows of `data_dim` numbers and `num_classes` wishes.

    Returns a dict from names to float64 arrays; more classes are more numbers. Random ones are drawn from `rng`.
    """
    num_inputs = data_dim + 2 + num_classes
    return {
        "w1": rng.standard_normal((num_inputs, hidden)) / np.sqrt(data_dim + 2),
        "b1": np.zeros(hidden),
        "w2": np.zeros((hidden, data_dim)),
        "b2": np.zeros(data_dim),
    }


def denoise(params, x_t, t, labels, alpha_bars):
    """Task 3. The noise that the network sees in x_t when it is told these wishes: `(B, D)`, as x_t.

    labels: ints `(B,)`, -1 for no wish. Each row is judged alone, at its own level and by its own wish.
    """
    signal, noise = _weights(t, alpha_bars, len(x_t))
    return _forward(params, x_t, signal, noise, labels)[2]


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
    """Task 5. Both questions in one batch; the step written out."""
    count, betas = len(labels), np.asarray(betas)
    away = -np.ones(count, int) if negative is None else np.asarray(negative)
    both, alpha_bars = np.concatenate([labels, away]), np.cumprod(1 - betas)
    x = rng.standard_normal((count, len(params["b2"])))
    for t in reversed(range(len(betas))):
        eps = denoise(params, np.concatenate([x, x]), np.full(2 * count, t), both, alpha_bars)
        eps = w * eps[:count] + (1 - w) * eps[count:]
        x = (x - betas[t] / np.sqrt(1 - alpha_bars[t]) * eps) / np.sqrt(1 - betas[t])
        if t:
            x += np.sqrt(betas[t] * (1 - alpha_bars[t - 1]) / (1 - alpha_bars[t])) * rng.standard_normal(x.shape)
    return x
