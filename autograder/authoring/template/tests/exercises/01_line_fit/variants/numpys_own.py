import numpy as np


def line_fit(x, y):
    if len(set(x.tolist())) < 2:
        raise ValueError("need two places")
    return tuple(np.polyfit(x, y, 1))
