"""29 · Few steps: better ones, and one.

Karras et al. 2022 (EDM), eq. 5 and algorithm 1: levels that crowd where it counts, and steps that look at both of
their ends. Song et al. 2023 (consistency models), eq. 5: a network that answers with the end of the path at once.

A level is a number s here, the standard deviation of the noise: a noisy sample is x = x0 + s·noise, and s = 0 is clean.
`denoiser(x, s)` is any callable that guesses the clean sample, shaped as x, which is `(B, D)` or `(B, ...)`. Nothing is
changed in place, and no randomness is used.
"""

import numpy as np

SIGMA_DATA = 0.5  # about the standard deviation of the data, in consistency


def karras_sigmas(n, low, high, rho):
    """Task 1. The levels of eq. 5 of Karras et al., `(n,)`: from high down to low, evenly spaced in s**(1/rho).

    0 < low < high, and both are among the levels; 0, the clean one, is not. rho ≥ 1: 1 spaces them evenly, more crowds
    them at the low end. Raises ValueError when n < 2.
    """
    raise NotImplementedError("karras_sigmas is not written yet")


def heun_step(x, s, s_next, denoiser):
    """Task 2. The sample one step cleaner, from level s to s_next: lines 4 to 8 of algorithm 1, shaped as x.

    s > s_next ≥ 0. The denoiser is asked at s, and again at s_next where the first slope leads; at s_next = 0 there is
    no second question, and the first answer is the result.
    """
    raise NotImplementedError("heun_step is not written yet")


def sample(denoiser, sigmas, x):
    """Task 3. Where x ends after a step from each of the levels to the next, shaped as x.

    sigmas: `(n,)`, falling; the last may be 0. x: the start, which is noisy at level sigmas[0] already.
    """
    raise NotImplementedError("sample is not written yet")


def consistency(net, x, s, low):
    """Task 4. The clean end of the path that leads through x at level s, at once: eq. 5 of Song et al., shaped as x.

    net: `net(x, s)`, asked once, answers shaped as x; s ≥ low > 0: numbers. With c_skip and c_out of the page, x comes
    back as it is at s = low, whatever the network says.
    """
    raise NotImplementedError("consistency is not written yet")
