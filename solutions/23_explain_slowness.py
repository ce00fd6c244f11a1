"""23 · Why it is slow.

Ho et al. 2020, algorithm 2: one picture takes T steps, and each step is one full pass of the network through
the sample that the step before it left behind.

Time in this exercise is counted, not measured: a network call takes `seconds_per_call`, setting up takes
`overhead` seconds once a picture. Never read the machine's clock.
"""

import numpy as np

# Task 5. What you would tell a friend who asks why a diffusion model takes so long for one picture. About 100
# words, your own. No program marks it; a person does. The README says what that person looks for.
### BEGIN SOLUTION
### STUB: EXPLANATION = "Replace this sentence with your own explanation of why sampling is slow."
EXPLANATION = (
    "One picture is not one pass of the network but T passes: network_calls(1000) is 1000, where a one-shot "
    "generator needs 1. They cannot be done side by side either. My probe changed what the network answers, "
    "and every later input of the sampler changed with it, so each step has to wait for the one before. A "
    "bigger machine makes one pass shorter but leaves the queue as long as it was. With 0.05 s a pass and 1 "
    "s to set up, 200 steps take 10.5 times as long as one leap, not 200 times, because setting up is paid "
    "once. The size of the file plays no part: four times the bytes changed nothing, four times the steps "
    "took four times as long."
)
### END SOLUTION


def network_calls(num_timesteps):
    """Task 1. How often a DDPM sampler calls the network for one picture (Ho et al. 2020, algorithm 2).

    num_timesteps: T, an int of at least 1. Returns an int.
    """
    ### BEGIN SOLUTION
    return num_timesteps
    ### END SOLUTION


def network_calls_one_shot():
    """Task 1. How often a generator that makes the picture in one leap (14) calls its network.

    Returns an int.
    """
    ### BEGIN SOLUTION
    return 1
    ### END SOLUTION


def time_ratio(num_timesteps, seconds_per_call, overhead):
    """Task 2. How many times as long the sampler takes as the one leap.

    num_timesteps: T, an int of at least 1; seconds_per_call: above 0; overhead: seconds of setting up, at
    least 0, spent once by each of the two. The steps run one after another. Returns a float, without a unit.
    """
    ### BEGIN SOLUTION
    many_steps = overhead + num_timesteps * seconds_per_call
    one_leap = overhead + seconds_per_call
    return many_steps / one_leap
    ### END SOLUTION


### BEGIN SOLUTION
### STUB: # Room for a helper of task 3.
### STUB:
### STUB:
def _inputs_seen(run, net, num_timesteps, change):
    """The x of every call that `run` makes, when each answer of `net` is shifted by `change`."""
    seen = []

    def spy(x, t):
        seen.append(np.array(x))
        return np.asarray(net(x, t)) + change

    run(spy, num_timesteps)
    return seen


### END SOLUTION
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
    ### BEGIN SOLUTION
    ### STUB: raise NotImplementedError("is_sequential is not written yet")
    plain = _inputs_seen(run, net, num_timesteps, 0.0)
    shifted = _inputs_seen(run, net, num_timesteps, 1.0)
    return any(not np.array_equal(a, b) for a, b in zip(plain, shifted, strict=True))
    ### END SOLUTION


def effect_of_quadrupling():
    """Task 4. By which factor the time to sample one picture grows when one thing is 4 times as large.

    Returns a dict of two floats. "steps": 4 times as many steps, all else equal. "file_size": the image file
    that is saved has 4 times as many bytes (say, less compression of the same pixels), all else equal. 1.0
    means that the time stays the same. Take an ordinary sampler: T = 1000, setting up takes a few seconds.
    """
    ### BEGIN SOLUTION
    return {"steps": 4.0, "file_size": 1.0}
    ### END SOLUTION
