"""15 · GAN or diffusion.

Two smallest possible trainings. A GAN is a game: one player's loss is the other's gain. Its plainest form is
min over x, max over y of x·y, with gradient steps of both players at once (Mescheder et al. 2018, section 2).
Diffusion's training is a regression, min over x of (x - target)² (Ho et al. 2020, eq. 14, for a single number).

All arguments are scalars or arrays. Nothing is changed in place.
"""


def gan_step(x, y, lr):
    """Task 1. One step of both players at once: x goes down the slope of x·y, y goes up it.

    Returns (x, y) after the step; both moves are decided at the place before the step.
    """
    raise NotImplementedError("gan_step is not written yet")


def regress_step(x, target, lr):
    """Task 2. One gradient step of x on (x - target)². Returns x after the step."""
    raise NotImplementedError("regress_step is not written yet")
