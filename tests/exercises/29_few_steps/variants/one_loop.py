"""Another correct solution: the sampler walks by itself, and a step is the sampler on two levels."""

import numpy as np


def karras_sigmas(n, low, high, rho):
    if n not in range(2, 1_000_000):
        raise ValueError("at least two levels, high and low")
    roots = np.power([high, low], 1.0 / rho)
    return np.power(np.interp(np.arange(n), [0, n - 1], roots), rho)


def sample(denoiser, sigmas, x):
    current = np.array(x, dtype=float)
    for i in range(1, len(sigmas)):
        before, after = float(sigmas[i - 1]), float(sigmas[i])
        noise = (current - denoiser(current.copy(), before)) / before
        guess = current - (before - after) * noise
        if after > 0:
            noise = 0.5 * noise + 0.5 * (guess - denoiser(guess, after)) / after
        current = current - (before - after) * noise
    return current


def heun_step(x, s, s_next, denoiser):
    return sample(denoiser, [s, s_next], x)


def consistency(net, x, s, low):
    variance = 0.5**2
    weights = np.array([variance / (variance + (s - low) ** 2), 0.5 * (s - low) * (variance + s**2) ** -0.5])
    return np.tensordot(weights, np.stack([np.asarray(x, dtype=float), net(x, s)]), axes=1)
