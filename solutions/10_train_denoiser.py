"""10 · Train a denoiser.

Ho et al. 2020, Algorithm 1: draw pictures, levels and noise, and step down the gradient of the mean of
(denoise(x_t, t) - eps)², where x_t = sqrt(alpha_bar_t) * x0 + sqrt(1 - alpha_bar_t) * eps (eq. 4).

`t` is 0-based (0 … T-1), an int or an int array `(B,)` with one level a row. Samples are `(B, D)`;
`alpha_bars` is float64 `(T,)`. The parameters are a dict of float64 arrays, and every entry of them is
trained. The network is yours to choose. Compute in float64. Nothing is changed in place, and all randomness
comes from `rng`.
"""

import numpy as np

# Good values to start from; you may change them.
HIDDEN = 256
BATCH = 128
LEARNING_RATE = 5e-3


def adam_step(params, grads, moments, step, learning_rate=LEARNING_RATE, beta1=0.9, beta2=0.999, tiny=1e-8):
    """Given. One step of Adam (Kingma & Ba 2015, Algorithm 1). Returns new params and new moments.

    params, grads: dicts with the same keys and shapes. moments: what the step before returned, {} at first.
    step: 1 for the first step, then 2, 3, …
    """
    new_params, new_moments = {}, {}
    for key, value in params.items():
        mean, square = moments.get(key, (0.0, 0.0))
        mean = beta1 * mean + (1 - beta1) * grads[key]
        square = beta2 * square + (1 - beta2) * grads[key] ** 2
        direction = mean / (1 - beta1**step) / (np.sqrt(square / (1 - beta2**step)) + tiny)
        new_params[key] = value - learning_rate * direction
        new_moments[key] = (mean, square)
    return new_params, new_moments


def gradient_gaps(params, x0, t, eps, alpha_bars, step=1e-5):
    """Given. How far task 3's grads are from the slopes of its loss: the largest gap in each array of params.

    Arguments as in task 3. Every single entry is moved up and down by `step`, so keep the network small.
    """
    _, grads = loss_and_grads(params, x0, t, eps, alpha_bars)
    gaps = {}
    for key, value in params.items():
        slopes = np.zeros(value.shape)
        for where in np.ndindex(value.shape):
            shift = np.zeros(value.shape)
            shift[where] = step
            up, _ = loss_and_grads({**params, key: value + shift}, x0, t, eps, alpha_bars)
            down, _ = loss_and_grads({**params, key: value - shift}, x0, t, eps, alpha_bars)
            slopes[where] = (up - down) / (2 * step)
        gaps[key] = float(np.max(np.abs(grads[key] - slopes)))
    return gaps


### BEGIN SOLUTION
### STUB: # Room for helpers: tasks 2 and 3 share the way from x_t to the answer.
### STUB:
### STUB:


def _weights(t, alpha_bars, batch):
    """The two weights of eq. 4 as columns (batch, 1): of the signal, and of the noise."""
    alpha_bar = np.broadcast_to(np.asarray(alpha_bars)[t], (batch,))[:, None]
    return np.sqrt(alpha_bar), np.sqrt(1.0 - alpha_bar)


def _forward(params, x_t, signal, noise):
    """One hidden layer of ReLUs, skip form. Returns its input, the hidden values, the noise it sees."""
    inputs = np.concatenate([x_t, signal, noise], axis=1)
    hidden = np.maximum(inputs @ params["w1"] + params["b1"], 0.0)
    net = hidden @ params["w2"] + params["b2"]
    return inputs, hidden, signal * net + noise * x_t


### END SOLUTION
def init_params(data_dim, hidden, rng):
    """Task 1. Parameters of an untrained network for rows of `data_dim` numbers, `hidden` wide.

    Returns a dict from names to float64 arrays; more hidden units are more numbers. Random ones are
    drawn from `rng`.
    """
    ### BEGIN SOLUTION
    num_inputs = data_dim + 2
    return {
        "w1": rng.standard_normal((num_inputs, hidden)) / np.sqrt(num_inputs),
        "b1": np.zeros(hidden),
        "w2": np.zeros((hidden, data_dim)),
        "b2": np.zeros(data_dim),
    }
    ### END SOLUTION


def denoise(params, x_t, t, alpha_bars):
    """Task 2. The noise that the network sees in x_t, at level t: `(B, D)`, as x_t.

    Each row is judged alone, at its own level. The level must have a say in the answer.
    """
    ### BEGIN SOLUTION
    signal, noise = _weights(t, alpha_bars, len(x_t))
    return _forward(params, x_t, signal, noise)[2]
    ### END SOLUTION


def loss_and_grads(params, x0, t, eps, alpha_bars):
    """Task 3. The training loss, and its derivative by every entry of params.

    The loss is the mean of (denoise(params, x_t, t) - eps)² over all entries, with x_t from eq. 4.
    x0, eps: `(B, D)`; t: int or `(B,)`. Returns (loss, grads): a float, and a dict with the keys and shapes of params.
    """
    ### BEGIN SOLUTION
    signal, noise = _weights(t, alpha_bars, len(x0))
    x_t = signal * x0 + noise * eps
    inputs, hidden, seen = _forward(params, x_t, signal, noise)
    error = seen - eps
    d_net = 2.0 * error / error.size * signal
    d_hidden = (d_net @ params["w2"].T) * (hidden > 0)
    grads = {
        "w1": inputs.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "w2": hidden.T @ d_net,
        "b2": d_net.sum(axis=0),
    }
    return float(np.mean(error**2)), grads
    ### END SOLUTION


def train(data, alpha_bars, num_steps, rng):
    """Task 4. Parameters after num_steps steps on rows of data `(N, D)`, N at least 500.

    Each step draws rows, levels and fresh noise from `rng`. With num_steps = 0 the untrained parameters
    come back, as init_params made them.
    """
    ### BEGIN SOLUTION
    num_rows, data_dim = data.shape
    params, moments = init_params(data_dim, HIDDEN, rng), {}
    for step in range(num_steps):
        x0 = data[rng.integers(num_rows, size=BATCH)]
        t = rng.integers(len(alpha_bars), size=BATCH)
        eps = rng.standard_normal((BATCH, data_dim))
        _, grads = loss_and_grads(params, x0, t, eps, alpha_bars)
        rate = LEARNING_RATE * (1.0 - step / num_steps)
        params, moments = adam_step(params, grads, moments, step + 1, rate)
    return params
    ### END SOLUTION
