"""No skip: the network answers with the noise itself. SiLU, cosines of t, epochs with their noise drawn at once."""

import numpy as np

FREQUENCIES = np.arange(1, 9)


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
    return {
        "from_x": rng.normal(0.0, data_dim**-0.5, (data_dim, hidden)),
        "from_t": rng.normal(0.0, 0.3, (len(FREQUENCIES), hidden)),
        "shift": np.zeros(hidden),
        "to_eps": rng.normal(0.0, 0.02, (hidden, data_dim)),
    }


def forward(params, x_t, t, alpha_bars):
    share = np.asarray(t, dtype=float).reshape(-1, 1) / len(alpha_bars)
    clock = np.cos(np.pi * share * FREQUENCIES)  # (1, 8) or (B, 8)
    z = x_t @ params["from_x"] + clock @ params["from_t"] + params["shift"]
    gate = 1 / (1 + np.exp(-z))
    return clock, z, gate, (z * gate) @ params["to_eps"]


def denoise(params, x_t, t, alpha_bars):
    return forward(params, x_t, t, alpha_bars)[-1]


def loss_and_grads(params, x0, t, eps, alpha_bars):
    level = alpha_bars[np.asarray(t).reshape(-1)][:, None]
    x_t = np.sqrt(level) * x0 + np.sqrt(1 - level) * eps
    clock, z, gate, seen = forward(params, x_t, t, alpha_bars)
    gap = seen - eps
    back = 2 / gap.size * gap
    dz = (back @ params["to_eps"].T) * (gate + z * gate * (1 - gate))
    grads = {
        "shift": dz.sum(0),
        "to_eps": (z * gate).T @ back,
        "from_x": x_t.T @ dz,
        "from_t": np.broadcast_to(clock, (len(x0), len(FREQUENCIES))).T @ dz,
    }
    return (gap**2).mean(), grads


def train(data, alpha_bars, num_steps, rng):
    batch, hidden = 96, 256
    params, moments, step = init_params(data.shape[1], hidden, rng), {}, 0
    while step < num_steps:
        order = rng.permutation(len(data))
        noise = rng.normal(size=data.shape)
        levels = rng.choice(len(alpha_bars), size=len(data))
        for start in range(0, len(data) - batch + 1, batch):
            if step == num_steps:
                break
            rows = order[start : start + batch]
            _, grads = loss_and_grads(params, data[rows], levels[rows], noise[rows], alpha_bars)
            step += 1
            params, moments = adam_step(params, grads, moments, step)
    return params
