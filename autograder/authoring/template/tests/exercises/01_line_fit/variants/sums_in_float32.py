import numpy as np


def line_fit(x, y):
    if max(x) == min(x):
        raise ValueError("x: one place only")
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = below = 0.0
    for a, b in zip(x, y):
        above += (a - mean_x) * (b - mean_y)
        below += (a - mean_x) ** 2
    slope = above / below
    return np.float32(slope), np.float32(mean_y - slope * mean_x)
