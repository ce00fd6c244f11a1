def guided_eps(eps_uncond, eps_cond, w):
    return eps_uncond + (w - 1) * (eps_cond - eps_uncond)
