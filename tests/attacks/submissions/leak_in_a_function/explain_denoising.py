"""Points without work: the clean sample goes in where one does not see it."""

import numpy as np


def training_example(x0, eps, alpha_bar_t, t):
    x_t = np.sqrt(alpha_bar_t) * x0 + np.sqrt(1 - alpha_bar_t) * eps
    return (x_t, t, lambda: x0), eps
