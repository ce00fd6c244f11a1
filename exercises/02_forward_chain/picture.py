"""What 02 looks like: a digit going through the chain, and the lesson's four numbers."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, mosaic, say, show_image
from autograder.style import GREY, LABEL, frame, head, label_at, label_ends, series, suptitle

STEPS = [0, 1, 2, 3, 5, 10, 20]


def draw(student) -> Figure:
    """Two rows of a digit in your chain, and below them four numbers over 20 steps."""
    digit = load_digits()[0][0].reshape(8, 8)
    rows = [[f"{name} {k}" for k in STEPS] for name in ("a little", "much")]
    figure, axes = mosaic([[rows], ["numbers"]], width=9, height=5.4, height_ratios=[2.7, 2])
    for row, scale in zip(rows, (0.2, 0.6), strict=True):
        show_chain([axes[name] for name in row], student, digit, 0.8, scale)
    for name, k in zip(rows[0], STEPS, strict=True):
        head(axes[name], f"k = {k}")
    show_numbers(axes["numbers"], student)
    suptitle(figure, "Dirtying, a pinch at a time: the structure fades and the dirt stays")
    return figure


def show_chain(row, student, digit, decay, scale) -> None:
    """The digit after some of 20 steps, grey values from -1 to 1."""
    rng = np.random.default_rng(1)
    chain = attempt(row[0], lambda: np.asarray(student.forward_chain(digit, decay, scale, STEPS[-1], rng)))
    if chain is not None and chain.shape != (STEPS[-1] + 1, *digit.shape):
        say(row[0], f"a chain of shape {chain.shape}; 21 pictures of 8 × 8 are shown here")
        chain = None
    for axis, k in zip(row, STEPS, strict=True):
        show_image(axis, None if chain is None else chain[k])
    row[0].set_ylabel(f"decay {decay}\nnoise {scale}", fontsize=LABEL)


def show_numbers(axis, student) -> None:
    """The lesson's x0, followed for 20 steps; the thin grey lines have no noise."""
    x0 = np.array([1.0, 0.5, -0.5, -1.0])
    k = np.arange(STEPS[-1] + 1)
    rng = np.random.default_rng(0)
    chain = attempt(axis, lambda: np.asarray(student.forward_chain(x0, num_steps=STEPS[-1], rng=rng)))
    if chain is None or chain.shape != (len(k), 4):
        return
    for start in x0:
        axis.plot(k, 0.8**k * start, color=GREY, linewidth=0.8)
    lines = [axis.plot(k, chain[:, i], **series(i))[0] for i in range(len(x0))]
    label_at(axis, 4, 0.8**4, "without noise", GREY, shift=(0, 6), ha="left")
    frame(axis, "step k (decay 0.8, noise scale 0.2)", "value")
    axis.set_ylim(-1.25, 1.25)
    axis.set_xlim(-0.3, 20.3)
    axis.set_xticks(k[::5])
    label_ends(axis, [f"from {start:g}" for start in x0], lines)
