"""Roots by SVD; the cross term is the sum of singular values of root_a root_b. sliced_w2 in float32."""

import numpy as np


def sliced_w2(a, b, directions):
    d = np.float32(directions)
    d = d / np.sqrt((d * d).sum(0, keepdims=True))
    p, q = np.float32(a) @ d, np.float32(b) @ d
    p.sort(axis=0)
    q.sort(axis=0)
    return np.sqrt(np.mean((p - q) ** 2, dtype=np.float32))


def root(m):
    u, s, _ = np.linalg.svd(m)
    return u * np.sqrt(s) @ u.T


def frechet_distance(a, b):
    d = a.shape[1]
    p, q = np.cov(a.T).reshape(d, d), np.cov(b.T).reshape(d, d)
    shared = np.linalg.svd(root(p) @ root(q))[1].sum()
    return max(float(np.linalg.norm(a.mean(0) - b.mean(0)) ** 2 + p.trace() + q.trace() - 2 * shared), 0.0)
