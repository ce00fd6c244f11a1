"""24 · First dirty it, then clean it.

Ho et al. 2020: the forward process (eq. 2) puts a picture under noise in many small steps; sampling
(algorithm 2) starts from noise alone and takes a little off in each of T steps.

Pictures are float arrays of any shape; dirt is what is added to them. `t` is 0-based and falls from T-1 to 0
on the way back. `rng` is a `numpy.random.Generator`, the only source of chance. Nothing is changed in place.
"""

import numpy as np

# The two sides of the analogy, in no particular order. Task 1 pairs them.
EVERYDAY = (
    "clean photo",
    "the dirt on it",
    "how dirty",
    "dirtying",
    "cleaning one bit",
    "all dirt",
    "new picture",
)
MODEL = ("sample", "t", "network step", "eps", "pure noise", "forward", "x0")

# Task 4. What you would tell a child who asks how a computer can paint a new picture by cleaning. About 100
# words, your own. No program marks it; a person does. The README says what that person looks for.
### BEGIN SOLUTION
### STUB: EXPLANATION = "Replace this sentence with your own explanation: first dirty it, then clean it."
EXPLANATION = (
    "First we spoil good photos, on purpose and a pinch at a time. One pinch of mine leaves the photo "
    "easy to know (it still matches the original at 0.93), sixty leave nothing to know (0.12). Because we "
    "strewed the dirt ourselves, we can show the network each spoilt photo and ask it which part is dirt: "
    "that is all it ever learns. To make a picture we hand it a sheet of nothing but dirt. It says what "
    "to take off, we take that off, and ask again; with 60 steps it is asked 60 times. There never was a "
    "photo underneath. Other dirt at the start, another picture at the end. One big wipe would not do: "
    "from nothing but dirt, even the best guess is a blur."
)
### END SOLUTION


def analogy_map():
    """Task 1. Which word of the model each everyday word stands for.

    Returns a dict with the seven entries of EVERYDAY as keys and the seven of MODEL as values, each once.
    """
    ### BEGIN SOLUTION
    return {
        "clean photo": "x0",
        "the dirt on it": "eps",
        "how dirty": "t",
        "dirtying": "forward",
        "cleaning one bit": "network step",
        "all dirt": "pure noise",
        "new picture": "sample",
    }
    ### END SOLUTION


def dirty(x, rng):
    """Task 2. One pinch of dirt on a picture: one step of the forward process (Ho et al. 2020, eq. 2).

    x: a float array of any shape; rng: where the dirt comes from, new in every call. Returns the dirtier
    picture, shaped as x. How you dirty it and how strongly is your choice, within two bounds, measured on a
    picture whose values spread evenly over -1 … 1: after one call the correlation with that picture is above
    0.8, and after 60 calls, each on the result of the last, it is below 0.35 in size. Chance plays in, so
    keep 0.05 away from both bounds.
    """
    ### BEGIN SOLUTION
    beta = 0.05
    return np.sqrt(1.0 - beta) * x + np.sqrt(beta) * rng.standard_normal(np.shape(x))
    ### END SOLUTION


def generate(net, num_timesteps, rng):
    """Task 3. A new picture out of nothing but dirt, by many small cleans.

    Start from standard normal noise out of rng, in a shape of your choice with at least 64 values. For
    t = T-1, T-2, …, 0 ask the network once and take off exactly what it answers, nothing else.

    net: `net(x, t)` returns the dirt to take off x in this step, shaped as x. num_timesteps: T, at least 1.
    Returns what is left after the step t = 0.
    """
    ### BEGIN SOLUTION
    x = rng.standard_normal((8, 8))
    for t in reversed(range(num_timesteps)):
        x = x - net(x, t)
    return x
    ### END SOLUTION
