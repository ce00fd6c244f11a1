import numpy as np


def line_fit(x, y):
    if np.all(x == x[0]):
        raise ValueError("all x are the same")
    design = np.stack([x, np.ones(len(x))], axis=1)
    return np.linalg.lstsq(design, y, rcond=None)[0].tolist()
