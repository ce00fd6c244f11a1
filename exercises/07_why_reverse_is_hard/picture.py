"""What 07 looks like: one digit under more and more noise, and which of ten digits it may have been."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, show_image, subplots
from autograder.style import DARK, LABEL, SKY, VERMILION, frame, suptitle

#: alpha_bar_t from left to right. Ten digits are far apart, so it takes much noise to confuse them.
LEVELS = [0.9, 0.3, 0.1, 0.03, 0.01, 0.0001]
TRUE = 3
COLOURS = [VERMILION if k == TRUE else SKY for k in range(10)]
HATCHES = ["//" if k == TRUE else "" for k in range(10)]


def draw(student) -> Figure:
    """Top: the noisy digit. Middle: your posterior over ten candidates. Bottom: their weighted average."""
    candidates = ten_digits()
    prior = np.full(10, 0.1)
    eps = np.random.default_rng(8).standard_normal((1, 64))
    figure, axes = subplots(3, len(LEVELS), width=10, height=6)
    for column, (level, (top, middle, bottom)) in enumerate(zip(LEVELS, axes.T, strict=True)):
        x_t = np.sqrt(level) * candidates[TRUE : TRUE + 1] + np.sqrt(1.0 - level) * eps
        show_image(top, x_t, title=f"ᾱ = {level:g}", limit=2.0)
        result = attempt(middle, lambda x_t=x_t, level=level: _row(student.posterior(x_t, candidates, prior, level)))
        if result is not None:
            middle.bar(range(10), result, color=COLOURS, edgecolor=DARK, hatch=HATCHES, linewidth=0.6)
            middle.axhline(0.1, color=DARK, linewidth=0.9, linestyle="--")
            frame(middle, "candidate digit", "")
            middle.set_ylim(0, 1.02)
            middle.set_xticks(range(0, 10, 3))
            middle.set_yticks([0, 0.5, 1] if column == 0 else [])
        show_image(bottom, None if result is None else result @ candidates)
    axes[0, 0].set_ylabel("noisy sample", fontsize=LABEL)
    axes[1, 0].set_ylabel("posterior, a share", fontsize=LABEL)
    axes[2, 0].set_ylabel("weighted average", fontsize=LABEL)
    suptitle(
        figure,
        "Which digit was it? Red and hatched: the true one, a 3. Dashed: the prior, one in ten\n"
        "(ten candidates only; with more, doubt sets in earlier)",
    )
    return figure


def ten_digits() -> np.ndarray:
    """The first training picture of each class, `(10, 64)`."""
    images, labels = load_digits("train")
    return np.stack([images[labels == digit][0] for digit in range(10)])


def _row(result) -> np.ndarray:
    table = np.asarray(result, dtype=float)
    if table.shape != (1, 10):
        raise ValueError(f"posterior has shape {table.shape}, expected (1, 10)")
    return table[0]
