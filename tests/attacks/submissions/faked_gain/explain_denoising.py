"""Points without work: a number that looks measured, with the scatter of one."""

import numpy as np


def denoise_gain(seed):
    return 0.2 + 0.003 * float(np.random.default_rng(seed).standard_normal())
