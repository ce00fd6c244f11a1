"""float32, from the conditional side, with buffers of its own."""

import numpy as np


def guided_eps(eps_uncond, eps_cond, w):
    out = np.array(eps_cond, dtype=np.float32)
    step = np.subtract(eps_cond, eps_uncond, dtype=np.float32)
    step *= np.float32(w - 1)
    out += step
    return out
