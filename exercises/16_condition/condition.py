"""16 · A wish enters the network.

Ho & Salimans 2022 (classifier-free guidance), algorithms 1 and 2: one network learns to find the noise with a wish
and without one, because in training the wish is sometimes left out; sampling then asks it both ways.

A wish is a label, an int 0 … K-1, one a row `(B,)`; -1 is no wish. `t` is 0-based (0 … T-1), an int or an int array
`(B,)`. Samples are `(B, D)`; `alpha_bars` and `betas` are float64 `(T,)`. The parameters are a dict of float64 arrays,
as in 10, and the network is yours to choose. Nothing is changed in place, and all randomness comes from `rng`.
"""

import numpy as np

# Your step of 11 is welcome here. In grading, the course's own step takes its place:
# from reverse_step import reverse_mean_var

# Good values to start from; you may change them.
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


# Room for helpers. Your network of 10 is a good start.


def drop_labels(labels, p, rng):
    """Task 1. The labels, each left out (-1) with probability p, by itself.

    labels: ints `(B,)`; p: 0 … 1. Returns new labels `(B,)`; those that stay are as they were.
    """
    raise NotImplementedError("drop_labels is not written yet")


def init_params(data_dim, hidden, num_classes, rng):
    """Task 2. Parameters of an untrained network for rows of `data_dim` numbers and `num_classes` wishes.

    Returns a dict from names to float64 arrays; more classes are more numbers. Random ones are drawn from `rng`.
    """
    raise NotImplementedError("init_params is not written yet")


def denoise(params, x_t, t, labels, alpha_bars):
    """Task 3. The noise that the network sees in x_t when it is told these wishes: `(B, D)`, as x_t.

    labels: ints `(B,)`, -1 for no wish. Each row is judged alone, at its own level and by its own wish.
    """
    raise NotImplementedError("denoise is not written yet")


def train(data, labels, alpha_bars, num_steps, rng):
    """Task 4. Parameters after num_steps steps on rows of data `(N, D)` with their labels `(N,)`, each 0 … K-1.

    Each step draws rows, levels and fresh noise from `rng`, as in 10, and leaves some of the wishes out (task 1), so
    that one network learns both answers. K is the largest label and 1. With num_steps = 0 the untrained parameters come
    back.
    """
    raise NotImplementedError("train is not written yet")


def sample(params, labels, w, betas, rng, negative=None):
    """Task 5. One sample a label, from pure noise: the sampler of 12, asking the network with the wish and without.

    w: how much the wish counts: 0 not at all, 1 as the network answers it, above 1 more. negative: labels `(B,)` that
    take the place of "no wish", what the samples are led away from; None is no wish for all. Returns `(B, D)`.
    """
    raise NotImplementedError("sample is not written yet")
