"""float32 throughout, t as an array (B,), and only the pixels that need noise get any."""

import sys

import numpy as np


class Sampler:
    def __init__(self, model, betas, rng):
        self.model, self.rng = model, rng
        self.beta = np.asarray(betas, dtype=np.float64)
        self.bar = np.cumprod(1 - self.beta)

    def noise(self, count):
        return self.rng.standard_normal(count, dtype=np.float32)

    def step(self, x, t):
        eps = np.asarray(self.model(x, np.full(len(x), t)), dtype=np.float32)
        x = (x - np.float32(self.beta[t] / np.sqrt(1 - self.bar[t])) * eps) * np.float32((1 - self.beta[t]) ** -0.5)
        if t > 0:
            std = np.sqrt((1 - self.bar[t - 1]) / (1 - self.bar[t]) * self.beta[t])
            x = x + np.float32(std) * self.noise(x.size).reshape(x.shape)
        return x


def edit(model, x, strength, betas, rng):
    if not (strength >= 0 and strength <= 1):
        raise ValueError("strength out of range")
    s = Sampler(model, betas, rng)
    k = round(float(strength) * len(betas))
    print("steps", k, file=sys.stderr)
    if k == 0:
        return np.copy(x)
    x = np.float32(x)
    y = np.float32(np.sqrt(s.bar[k - 1])) * x
    y = y + np.float32(np.sqrt(1 - s.bar[k - 1])) * s.noise(x.size).reshape(x.shape)
    for t in range(k)[::-1]:
        y = s.step(y, t)
    return y


def inpaint(model, x, mask, betas, rng):
    s = Sampler(model, betas, rng)
    mask = mask.astype(bool)
    y = np.empty(x.shape, np.float32)
    y[...] = s.noise(x.size).reshape(x.shape)
    for t in range(len(betas))[::-1]:
        if t < len(betas) - 1:
            y = y.copy()
            y[mask] = np.sqrt(s.bar[t]) * x[mask] + np.sqrt(1 - s.bar[t]) * s.noise(int(mask.sum()))
        y = s.step(y, t)
    y = y.copy()
    y[mask] = x[mask]
    return y
