"""22 · Denoising or drawing.

What exactly is a diffusion model taught? Ho et al. 2020, algorithm 1: from a noisy sample and how noisy it
is, find the noise. Salimans & Ho 2022, section 4, name three targets that amount to the same: eps, x0 and v.

Arrays are float, of any one shape. `t` is 0-based (0 … T-1). Nothing is changed in place.
"""

import numpy as np

ALPHA_BAR = 0.8  # The level of Task 3.

# Task 1. What your training example asks the network for: "eps" (the noise), "x0" (the clean sample) or
# "v" = sqrt(alpha_bar_t) * eps - sqrt(1 - alpha_bar_t) * x0. Any of the three; task 2 must then do as you say.
### BEGIN SOLUTION
### STUB: TARGET = ""
TARGET = "eps"
### END SOLUTION

# Task 4. What you would tell a friend who says: "so the network learns to draw". About 100 words, your own.
# No program marks it; a person does. The README says what that person looks for.
### BEGIN SOLUTION
### STUB: EXPLANATION = "Replace this sentence with your own explanation: does the network draw, or denoise?"
EXPLANATION = (
    "The network is never shown a blank sheet and told to draw. It gets a picture that we have spoilt "
    "ourselves, and a number that says how badly, and it is asked which part is the dirt. We know the "
    "answer, because we put it there: with x0 = 0.25 and eps = 1 it sees 0.67 and should say 1. The "
    "clean picture is not among its inputs. The number matters: for the same noisy values at alpha_bar "
    "= 0.8, a guess that allows for the dirt had a squared error 20% smaller (0.198 in my run) than one "
    "that takes it all for signal. What looks like drawing is many such small repairs in a row, begun "
    "on pure noise."
)
### END SOLUTION


def training_example(x0, eps, alpha_bar_t, t):
    """Task 2. One example for the network: what it is given, and what it should answer.

    x0, eps: arrays of one shape; alpha_bar_t: a number in (0, 1); t: an int, the level's index.
    Returns (inputs, target). inputs is a tuple: first the noisy sample, shaped as x0, then whatever else the
    network may know. It needs something that tells the level (t, alpha_bar_t, …), and must not get anything that
    depends on the clean sample other than through the noisy one. target is shaped as x0: what TARGET says.
    """
    ### BEGIN SOLUTION
    x_t = np.sqrt(alpha_bar_t) * x0 + np.sqrt(1.0 - alpha_bar_t) * eps
    return (x_t, t), eps
    ### END SOLUTION


def denoise_gain(seed):
    """Task 3. How much smaller the error of a guess gets that allows for the noise. Measured, not worked out.

    Draw 50,000 pairs or more (200,000 are plenty) of x0 and eps, all standard normal, from
    `np.random.default_rng(seed)`; do nothing else with seed, which may be a generator. Make x_t at the level
    ALPHA_BAR. Two guesses of x0:
      - x_t / sqrt(ALPHA_BAR) takes all of x_t for signal, and only undoes its weight;
      - sqrt(ALPHA_BAR) * x_t allows for the noise that is in it.
    Returns 1 - (mean squared error of the second) / (that of the first): a float, not rounded, the same again
    for the same seed.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    x0 = rng.standard_normal(200_000)
    eps = rng.standard_normal(200_000)
    x_t = np.sqrt(ALPHA_BAR) * x0 + np.sqrt(1.0 - ALPHA_BAR) * eps
    as_signal = np.mean((x_t / np.sqrt(ALPHA_BAR) - x0) ** 2)
    as_noisy = np.mean((np.sqrt(ALPHA_BAR) * x_t - x0) ** 2)
    return float(1.0 - as_noisy / as_signal)
    ### END SOLUTION
