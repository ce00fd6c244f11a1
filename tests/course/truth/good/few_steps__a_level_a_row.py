"""As public samplers are written: the level is handed over once for each row, and the loop is the sampler's own."""

import numpy as np


def to_d(x, sigma, denoised):
    """The slope of the path."""
    return (x - denoised) / sigma


def karras_sigmas(n, low, high, rho=7.0):
    if n < 2:
        raise ValueError("n must be at least 2")
    ramp = np.linspace(0, 1, n)
    min_inv_rho, max_inv_rho = low ** (1 / rho), high ** (1 / rho)
    return (max_inv_rho + ramp * (min_inv_rho - max_inv_rho)) ** rho


def heun_step(x, s, s_next, denoiser):
    ones = np.ones(len(x))
    d = to_d(x, s, denoiser(x, s * ones))
    dt = s_next - s
    if s_next == 0:
        return x + d * dt
    x_2 = x + d * dt
    return x + (d + to_d(x_2, s_next, denoiser(x_2, s_next * ones))) / 2 * dt


def sample(denoiser, sigmas, x):
    for i in range(len(sigmas) - 1):
        x = heun_step(x, sigmas[i], sigmas[i + 1], denoiser)
    return x


def consistency(net, x, s, low):
    sigma_data = 0.5
    c_skip = sigma_data**2 / ((s - low) ** 2 + sigma_data**2)
    c_out = (s - low) * sigma_data / (s**2 + sigma_data**2) ** 0.5
    return c_out * net(x, s * np.ones(len(x))) + c_skip * x
