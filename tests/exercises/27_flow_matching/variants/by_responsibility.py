"""Another correct solution: the average noise and the average picture one by one; Euler by differences of times."""

import numpy as np


def line_up(t, like):
    t = np.asarray(t, float)
    if t.min() < 0 or t.max() > 1:
        raise ValueError("time runs from 0 to 1")
    while 0 < t.ndim < np.ndim(like):
        t = t[..., np.newaxis]
    return t


def interpolate(x0, eps, t):
    t = line_up(t, x0)
    return x0 + t * (eps - x0)


def velocity(x0, eps):
    return np.subtract(eps, x0)


def gaussian_velocity(x, t, mean, var):
    t = line_up(t, x)
    signal = 1 - t
    precision = 1 / (signal * signal * var + t * t)
    surprise = x - signal * mean
    noise = t * precision * surprise
    picture = mean + signal * var * precision * surprise
    return noise - picture


def euler(v, x1, num_steps):
    if num_steps <= 0:
        raise ValueError("at least one step is needed")
    times = np.linspace(1, 0, num_steps + 1)
    x = np.asarray(x1) * 1.0
    for now, then in zip(times[:-1], times[1:]):
        x = x + (then - now) * v(x, float(now))
    return x
