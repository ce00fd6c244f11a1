"""Another correct solution, in float32: eq. 5 as it stands, and a sampler that calls itself."""

import numpy as np


def karras_sigmas(n, low, high, rho):
    if n < 2:
        raise ValueError(f"n = {n} is too few")
    share = np.arange(n) / (n - 1)
    return np.float32((high ** (1 / rho) * (1 - share) + low ** (1 / rho) * share) ** rho)


def heun_step(x, s, s_next, denoiser):
    x = np.float32(x)
    slopes = [(x - np.float32(denoiser(x, float(s)))) / np.float32(s)]
    ahead = x + np.float32(s_next - s) * slopes[0]
    if s_next:
        slopes.append((ahead - np.float32(denoiser(ahead, float(s_next)))) / np.float32(s_next))
    return x + np.float32(s_next - s) * np.mean(slopes, axis=0)


def sample(denoiser, sigmas, x):
    if len(sigmas) < 2:
        return x
    return sample(denoiser, sigmas[1:], heun_step(x, sigmas[0], sigmas[1], denoiser))


def consistency(net, x, s, low):
    half = np.float32(0.5)
    skip = half**2 / (np.float32(s - low) ** 2 + half**2)
    return skip * np.float32(x) + half * np.float32(s - low) / np.hypot(np.float32(s), half) * np.float32(net(x, s))
