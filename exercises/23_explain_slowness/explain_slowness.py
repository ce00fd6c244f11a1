"""23 · Why it is slow.

Ho et al. 2020, algorithm 2: one picture takes T steps, and each step is one full pass of the network through
the sample that the step before it left behind.

Time in this exercise is counted, not measured: a network call takes `seconds_per_call`, setting up takes
`overhead` seconds once a picture. Never read the machine's clock.
"""

import numpy as np

# Task 5. What you would tell a friend who asks why a diffusion model takes so long for one picture. About 100
# words, your own. No program marks it; a person does. The README says what that person looks for.
EXPLANATION = "Replace this sentence with your own explanation of why sampling is slow."


def network_calls(num_timesteps):
    """Task 1. How often a DDPM sampler calls the network for one picture (Ho et al. 2020, algorithm 2).

    num_timesteps: T, an int of at least 1. Returns an int.
    """
    raise NotImplementedError("network_calls is not written yet")


def network_calls_one_shot():
    """Task 1. How often a generator that makes the picture in one leap (14) calls its network.

    Returns an int.
    """
    raise NotImplementedError("network_calls_one_shot is not written yet")


def time_ratio(num_timesteps, seconds_per_call, overhead):
    """Task 2. How many times as long the sampler takes as the one leap.

    num_timesteps: T, an int of at least 1; seconds_per_call: above 0; overhead: seconds of setting up, at
    least 0, spent once by each of the two. The steps run one after another. Returns a float, without a unit.
    """
    raise NotImplementedError("time_ratio is not written yet")


# Room for a helper of task 3.


def is_sequential(run, net, num_timesteps):
    """Task 3. Whether a sampler has to make its network calls one after another.

    run: a sampler that you cannot look into. `run(net, num_timesteps)` calls `net(x, t)` once for each t in
    0 … num_timesteps-1, with t falling or rising, and returns nothing of use. x is a float array; the answer
    is an array of its shape. If the answers are the same, a second run makes the same calls.
    net: a network to begin with. You may hand `run` any function of yours in its place.
    num_timesteps: an int of at least 3.

    Returns True when some call's input depends on the answer to an earlier call, so that it has to wait for
    it, and False when all the calls could be made at once.
    """
    raise NotImplementedError("is_sequential is not written yet")


def effect_of_quadrupling():
    """Task 4. By which factor the time to sample one picture grows when one thing is 4 times as large.

    Returns a dict of two floats. "steps": 4 times as many steps, all else equal. "file_size": the image file
    that is saved has 4 times as many bytes (say, less compression of the same pixels), all else equal. 1.0
    means that the time stays the same. Take an ordinary sampler: T = 1000, setting up takes a few seconds.
    """
    raise NotImplementedError("effect_of_quadrupling is not written yet")
