def guided_eps(eps_uncond, eps_cond, w):
    return (eps_uncond + eps_cond) / 2
