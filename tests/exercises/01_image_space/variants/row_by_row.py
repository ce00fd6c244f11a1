"""One picture at a time, with np.linalg.norm; lists come back."""

import numpy as np


def log10_image_count(height, width, channels=1, levels=256):
    for size in (height, width, channels, levels):
        if size < 1:
            raise ValueError(f"a size is below 1: {size}")
    return np.log10(levels) * (height * width * channels)


def nearest_distance(x, data):
    out = []
    for picture in x:
        out.append(min(np.linalg.norm((picture - known).ravel()) for known in data))
    return out


def classify(x, centroids):
    out = []
    for picture in x:
        best, best_distance = None, float("inf")
        for k in range(len(centroids)):
            distance = np.linalg.norm((picture - centroids[k]).ravel())
            if distance < best_distance:
                best, best_distance = k, distance
        out.append(best)
    return out
