"""Dirt that covers: each call blots out a few values. Lists come back; noise is drawn value by value."""

import sys

import numpy as np

EXPLANATION = """Each pinch hides a few dots of the photo for good."""


def analogy_map():
    roles = {}
    roles["new picture"] = "sample"
    roles["all dirt"] = "pure noise"
    roles["cleaning one bit"] = "network step"
    roles["dirtying"] = "forward"
    roles["how dirty"] = "t"
    roles["the dirt on it"] = "eps"
    roles["clean photo"] = "x0"
    return roles


def dirty(x, rng):
    blot = rng.random(x.shape) < 0.06
    return np.where(blot, rng.uniform(-1, 1, x.shape), x).tolist()


def generate(net, num_timesteps, rng):
    x = np.array([[rng.normal() for _ in range(9)] for _ in range(9)])
    print("starting from", x.shape, file=sys.stderr)
    for step in range(num_timesteps):
        x = np.subtract(x, net(x, num_timesteps - 1 - step))
    return [list(row) for row in x]
