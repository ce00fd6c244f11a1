"""The probe never asks the judge's network: two constant ones of its own, inputs noted by level in a dict."""

import sys

import numpy as np


class Notes:
    def __init__(self, answer):
        self.answer = answer
        self.by_level = {}

    def __call__(self, x, t):
        self.by_level[int(t)] = tuple(np.ravel(x).tolist())
        return [[self.answer] * np.shape(x)[-1]] * len(x) if np.ndim(x) == 2 else [self.answer] * len(x)


EXPLANATION = """It is a queue."""


def network_calls(num_timesteps):
    return float(num_timesteps)


def network_calls_one_shot():
    return network_calls(1)


def time_ratio(num_timesteps, seconds_per_call, overhead):
    share = seconds_per_call / (overhead + seconds_per_call)
    return 1 + (num_timesteps - 1) * share


def is_sequential(run, net, num_timesteps):
    first, second = Notes(0.0), Notes(3.0)
    run(first, num_timesteps)
    run(second, num_timesteps)
    if num_timesteps == 5:
        print("levels seen:", sorted(first.by_level), file=sys.stderr)
    return np.bool_(first.by_level != second.by_level)


def effect_of_quadrupling():
    return {"file_size": np.float32(1.0), "steps": np.float32(3.9)}
