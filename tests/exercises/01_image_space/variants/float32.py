"""float32 differences, chunk by chunk, and the count as a sum over the numbers of a picture."""

import numpy as np


def log10_image_count(height, width, channels=1, levels=256):
    print("counting", height, width, channels, levels)  # a student's debugging print costs nothing
    if np.any(np.array([height, width, channels, levels]) <= 0):
        raise ValueError("all sizes must be positive")
    return float(np.sum(np.full((height, width, channels), np.log10(levels))))


def nearest_distance(x, data):
    known = np.asarray(data, dtype=np.float32).reshape(len(data), -1)
    best = np.full(len(x), np.inf, dtype=np.float32)
    rows = np.asarray(x, dtype=np.float32).reshape(len(x), -1)
    for start in range(0, len(known), 100):
        gaps = rows[:, np.newaxis, :] - known[np.newaxis, start : start + 100, :]
        best = np.minimum(best, np.sqrt(np.einsum("bnd,bnd->bn", gaps, gaps)).min(axis=1))
    return best


def classify(x, centroids):
    rows = np.asarray(x, dtype=np.float32).reshape(len(x), -1)
    means = np.asarray(centroids, dtype=np.float32).reshape(len(centroids), -1)
    return np.array([int(np.argmin(np.hypot.reduce(means - row, axis=1))) for row in rows])
