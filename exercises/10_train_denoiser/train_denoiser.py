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


# Room for helpers: tasks 2 and 3 share the way from x_t to the answer.


def init_params(data_dim, hidden, rng):
    """Task 1. Parameters of an untrained network for rows of `data_dim` numbers, `hidden` wide.

    Returns a dict from names to float64 arrays; more hidden units are more numbers. Random ones are
    drawn from `rng`.
    """
    raise NotImplementedError("init_params is not written yet")


def denoise(params, x_t, t, alpha_bars):
    """Task 2. The noise that the network sees in x_t, at level t: `(B, D)`, as x_t.

    Each row is judged alone, at its own level. The level must have a say in the answer.
    """
    raise NotImplementedError("denoise is not written yet")


def loss_and_grads(params, x0, t, eps, alpha_bars):
    """Task 3. The training loss, and its derivative by every entry of params.

    The loss is the mean of (denoise(params, x_t, t) - eps)² over all entries, with x_t from eq. 4.
    x0, eps: `(B, D)`; t: int or `(B,)`. Returns (loss, grads): a float, and a dict with the keys and shapes of params.
    """
    raise NotImplementedError("loss_and_grads is not written yet")


def train(data, alpha_bars, num_steps, rng):
    """Task 4. Parameters after num_steps steps on rows of data `(N, D)`, N at least 500.

    Each step draws rows, levels and fresh noise from `rng`. With num_steps = 0 the untrained parameters
    come back, as init_params made them.
    """
    raise NotImplementedError("train is not written yet")
