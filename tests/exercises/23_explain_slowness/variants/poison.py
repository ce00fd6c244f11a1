"""The probe poisons the very first answer with NaN and looks for NaN in what arrives later."""

import numpy as np

EXPLANATION = "One pass after the other, and each needs what the last one left."


def network_calls(num_timesteps):
    return sum(1 for _ in range(num_timesteps))


def network_calls_one_shot():
    return np.int64(1)


def time_ratio(num_timesteps, seconds_per_call, overhead):
    seconds = overhead + np.array([1, num_timesteps]) * seconds_per_call
    return seconds[1] / seconds[0]


def is_sequential(run, net, num_timesteps):
    calls = 0
    poisoned = False

    def poison(x, t):
        nonlocal calls, poisoned
        calls += 1
        poisoned = poisoned or bool(np.isnan(x).any())
        return np.full_like(x, np.nan) if calls == 1 else net(x, t)

    run(poison, num_timesteps)
    return poisoned


def effect_of_quadrupling():
    return {
        "steps": time_ratio(4000, 0.05, 1.0) / time_ratio(1000, 0.05, 1.0),
        "file_size": 1,
        "pixels": 4,
    }
