"""The probe doubles the answers of the first half of the calls, in float32, and compares stacked inputs."""

import numpy as np


def network_calls(num_timesteps):
    return len(list(range(num_timesteps - 1, -1, -1)))


def network_calls_one_shot():
    return 1


def time_ratio(num_timesteps, seconds_per_call, overhead):
    clock = overhead
    for _ in range(num_timesteps):
        clock = clock + seconds_per_call
    return clock / (overhead + seconds_per_call)


def watch(run, net, num_timesteps, factor):
    seen = []

    def middleman(x, t):
        seen.append(np.asarray(x, dtype=np.float64).copy())
        answer = np.float32(net(x, t))
        return answer * np.float32(factor) if len(seen) <= num_timesteps // 2 else answer

    run(middleman, num_timesteps)
    return np.stack(seen)


def is_sequential(run, net, num_timesteps):
    gap = watch(run, net, num_timesteps, 1) - watch(run, net, num_timesteps, 2)
    return bool(np.abs(gap).max() > 1e-6)


def effect_of_quadrupling():
    return {"steps": 4, "file_size": 1}


EXPLANATION = "Each small step waits for the one before it."
