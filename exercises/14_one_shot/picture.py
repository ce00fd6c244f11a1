"""What 14 looks like: one leap from several starts, beside a hundred small steps from the same starts."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, show_image, subplots
from autograder.style import LABEL, suptitle

ALPHA_BARS = np.cumprod(1.0 - np.linspace(1e-4, 0.02, 1000))
STARTS = 6


def draw(student) -> Figure:
    """Top: starts. Middle: your one_shot from each. Bottom: the same denoiser, a hundred steps."""
    digits = load_digits("train")[0]
    model = exact_denoiser(digits)
    starts = np.random.default_rng(2).standard_normal((STARTS, 64))
    figure, axes = subplots(3, STARTS + 1, width=10, height=5.6)
    guesses = attempt(axes[1, 0], lambda: np.asarray(student.one_shot(model, starts, ALPHA_BARS), dtype=float))
    finished = many_steps(model, starts)
    for i in range(STARTS):
        show_image(axes[0, i], starts[i], limit=2.5)
        if guesses is not None and np.shape(guesses) == starts.shape:
            show_image(axes[1, i], guesses[i], title=nearest(guesses[i], digits))
        elif i or guesses is not None:
            show_image(axes[1, i], None, title="" if guesses is None else f"shape {np.shape(guesses)}")
        show_image(axes[2, i], finished[i], title=nearest(finished[i], digits))
    for row, label in zip(axes, ("starts, x_T", "your one_shot", "100 steps"), strict=True):
        row[0].set_ylabel(label, fontsize=LABEL)
        row[0].set(xticks=[], yticks=[])
        row[-1].axis("off")
    show_image(axes[1, -1], digits.mean(axis=0), title="average of all\n1,437 digits")
    axes[1, -1].axis("on")
    suptitle(
        figure,
        "One leap lands on the average; many steps land on one picture.\n"
        "The exact denoiser knows only its training digits, so many steps end on one of those\n"
        "(d: distance to the nearest, in grey values from -1 to 1)",
    )
    return figure


def nearest(image, digits):
    return f"d = {np.linalg.norm(digits - image, axis=1).min():.1f}"


def exact_denoiser(data):
    """The exact denoiser of the training digits (08). t is an int, or an array of equal ints."""

    def model(x_t, t):
        x_t, level = np.asarray(x_t, dtype=float), ALPHA_BARS[int(np.ravel(t)[0])]
        centres = np.sqrt(level) * data
        squares = ((x_t[:, None] - centres[None]) ** 2).sum(axis=2)
        log_weights = -squares / (2 * (1 - level))
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return (x_t - weights @ centres) / np.sqrt(1 - level)

    return model


def many_steps(model, x, num_steps=100):
    """The steps of 19 with eta = 0: the guess at x0, and back to the next lower level with the same noise."""
    path = np.linspace(len(ALPHA_BARS) - 1, 0, num_steps).round().astype(int)
    for i, t in enumerate(path):
        here, below = ALPHA_BARS[t], ALPHA_BARS[path[i + 1]] if i + 1 < num_steps else 1.0
        eps = model(x, t)
        x = np.sqrt(below) * (x - np.sqrt(1 - here) * eps) / np.sqrt(here) + np.sqrt(1 - below) * eps
    return x
