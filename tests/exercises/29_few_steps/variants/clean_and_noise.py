"""Another correct solution: a sample is a guess of the clean one and noise, mixed anew for the next level; lists."""

import math


def karras_sigmas(n, low, high, rho):
    if n <= 1:
        raise ValueError("n must be 2 or more")
    first, last = math.pow(high, 1 / rho), math.pow(low, 1 / rho)
    return [((n - 1 - i) / (n - 1) * first + i / (n - 1) * last) ** rho for i in range(n)]


def heun_step(x, s, s_next, denoiser):
    clean = denoiser(x, s)
    plain = clean + s_next / s * (x - clean)
    if not s_next > 0:
        return plain
    clean_there = denoiser(plain, s_next)
    # Back from there to s along the slope that is seen there, and half way between both ends of that.
    return 0.5 * plain + 0.5 * (x - (s - s_next) / s_next * (plain - clean_there))


def sample(denoiser, sigmas, x):
    levels = list(sigmas)
    while len(levels) > 1:
        x = heun_step(x, levels[0], levels[1], denoiser)
        levels = levels[1:]
    return x


def consistency(net, x, s, low):
    gap = s - low
    return x / (1 + 4 * gap * gap) + gap / math.sqrt(1 + 4 * s * s) * net(x, s)
