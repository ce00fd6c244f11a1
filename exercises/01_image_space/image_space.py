"""01 · Image space is huge, and almost all of it is noise.

Pictures are arrays with their batch axis first: x `(B, ...)`. All axes after the first belong to one picture.
"""

import math

import numpy as np


def log10_image_count(height, width, channels=1, levels=256):
    """Task 1. How many pictures there are, as a power of ten: log10 of levels ** (height * width * channels).

    Each of the height * width * channels numbers of a picture takes one of `levels` values. All are ints.
    Returns a float, finite for any size. Raises ValueError when any of the four is below 1.
    """
    raise NotImplementedError("log10_image_count is not written yet")


def nearest_distance(x, data):
    """Task 2. How far each picture of x is from the nearest picture of `data`.

    x: `(B, ...)`, data: `(N, ...)`, pictures of one shape. The distance is Euclidean, over all numbers of a
    picture: sqrt(sum of squared differences). Returns `(B,)`.
    """
    raise NotImplementedError("nearest_distance is not written yet")


def classify(x, centroids):
    """Task 3. For each picture of x, the index of the nearest centroid (Euclidean, as in task 2).

    x: `(B, ...)`; centroids: `(K, ...)`, one picture a class. Returns ints `(B,)` in 0 … K-1.
    """
    raise NotImplementedError("classify is not written yet")
