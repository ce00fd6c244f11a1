"""What 06 looks like: training examples that cost nothing, a question and its answer each."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, say, show_image, subplots
from autograder.style import DARK, LABEL, SKY, TICK, frame, head, suptitle

LEVELS = [20, 120, 250, 400, 600, 900]


def draw(student) -> Figure:
    """Left: the lesson's three numbers. Right: six digits, the noise drawn for each, and the noisy digits."""
    alpha_bars = np.cumprod(1.0 - np.linspace(1e-4, 0.02, 1000))
    images, _ = load_digits("train")
    x0 = images[: len(LEVELS)].reshape(-1, 8, 8)
    figure, axes = subplots(3, 1 + len(LEVELS), width=10)
    _lesson(axes[:, 0], student)
    rng = np.random.default_rng(6)
    pair = attempt(axes[2, 1], lambda: _pair(student.make_example(x0, np.array(LEVELS), alpha_bars, rng), x0.shape))
    for column, t in enumerate(LEVELS):
        clean, target, noisy = axes[:, column + 1]
        show_image(clean, x0[column], title=f"t = {t}\nᾱ = {alpha_bars[t]:.2g}")
        show_image(target, None if pair is None else pair[1][column], limit=2.5)
        show_image(noisy, None if pair is None else pair[0][column], limit=2.0)
    for row, name in enumerate(["clean: hidden\nfrom the model", "noise: the answer", "noisy: the question"]):
        axes[row, 0].set_ylabel(name, fontsize=LABEL)
    suptitle(figure, "Free training examples. Left: lesson_example. Right: make_example, on digits")
    return figure


def _lesson(column, student) -> None:
    """Bars for the lesson's clean sample, its noise and the student's mixture."""
    x_clean, noise = np.array([1.0, -0.5, 0.8]), np.array([0.2, -0.1, 0.3])
    head(column[0], "the lesson's\nthree numbers")
    x_noisy = attempt(column[2], lambda: np.asarray(student.lesson_example(x_clean, noise), dtype=float))
    for axes, values in zip(column, [x_clean, noise, x_noisy], strict=True):
        if values is None:
            continue
        if values.shape != (3,):
            say(axes, f"not three numbers: shape {values.shape}")
            continue
        axes.bar(range(3), values, color=SKY, edgecolor=DARK)
        axes.axhline(0, color=DARK, linewidth=0.6)
        for place, value in enumerate(values):
            text = f"{value:.2f}".rstrip("0").rstrip(".")
            axes.annotate(
                text,
                (place, value),
                (0, 2 if value >= 0 else -2),
                textcoords="offset points",
                ha="center",
                va="bottom" if value >= 0 else "top",
                fontsize=TICK,
            )
        frame(axes, "", axes.get_ylabel())
        axes.set_ylim(-1.3, 1.5)
        axes.set_xticks([])
        axes.set_yticks([-1, 0, 1])


def _pair(result, shape):
    x_t, eps = (np.asarray(part, dtype=float) for part in result)
    if x_t.shape != shape or eps.shape != shape:
        raise ValueError(f"shapes {x_t.shape} and {eps.shape}, expected {shape}")
    return x_t, eps
