"""The weighted sum of both answers."""


def guided_eps(eps_uncond, eps_cond, w):
    return (1 - w) * eps_uncond + w * eps_cond
