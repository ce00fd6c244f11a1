"""What 03 looks like: structure against steps, and variance against steps."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import DARK, GREY, TICK, frame, label_at, label_ends, series, suptitle

DECAYS = [0.5, 0.8, 0.9, 0.97]


def draw(student) -> Figure:
    """Left: your mean and half_life for four decays. Right: your variance for three chains."""
    figure, axes = subplots(1, 2, width=11, height=4.4)
    show_structure(axes[0, 0], student)
    show_variance(axes[0, 1], student)
    title = "Larger decay keeps structure longer. Where the variance ends, noise_scale decides"
    suptitle(figure, title)
    return figure


def show_structure(axis, student) -> None:
    """The mean, from 1 on, with a ring where your half_life says that half is left."""
    rings, lines = "○ your half_life", []
    for i, decay in enumerate(DECAYS):
        rows = attempt(axis, lambda d=decay: chain(student, 1.0, 0.0, d, 0.2, 40))
        if rows is None:
            return
        look = series(i)
        lines += axis.plot(rows[:, 0], **{**look, "markevery": 4})
        steps, problem = tried(lambda d=decay: float(student.half_life(d)))
        if steps is None:
            rings = problem
        else:
            axis.plot(steps, 0.5, "o", color=look["color"], mfc="none", markersize=11)
    axis.axhline(0.5, color=GREY, linewidth=0.8, linestyle=":")
    frame(axis, "step k", "mean, in units of x0", "structure kept: mean after k steps, from 1")
    axis.set_ylim(-0.03, 1.03)
    axis.set_xlim(-0.5, 40.5)
    axis.text(1.0, 0.98, rings, transform=axis.transAxes, ha="right", va="top", fontsize=TICK, color=DARK)
    label_ends(axis, [f"decay {decay}" for decay in DECAYS], lines)


def show_variance(axis, student) -> None:
    """The variance from 0.5 on, with a dashed line at your stationary_variance."""
    chains = [("0.9 x + noise", 0.9, 1.0), ("the lesson's:\n0.8 x + 0.2 noise", 0.8, 0.2)]
    scale, problem = tried(lambda: float(student.preserving_noise_scale(0.8)))
    if scale is not None:
        chains.insert(1, (f"your preserving scale:\n0.8 x + {scale:.3g} noise", 0.8, scale))
    told, lines = "dashed: your stationary_variance", []
    for i, (_, decay, noise_scale) in enumerate(chains):
        rows = attempt(axis, lambda d=decay, s=noise_scale: chain(student, 0.0, 0.5, d, s, 25))
        if rows is None:
            return
        look = series(i)
        lines += axis.plot(rows[:, 1], **look)
        end, trouble = tried(lambda d=decay, s=noise_scale: float(student.stationary_variance(d, s)))
        if end is None:
            told = trouble
        else:
            axis.axhline(end, color=look["color"], linewidth=0.8, linestyle="--")
            label_at(axis, 25, end, f"{end:.3g}", look["color"], ha="right")
    frame(axis, "step k", "variance (logarithmic), in units of x0, squared", "variance after k steps, from 0.5")
    axis.set_yscale("log")
    axis.set_ylim(0.05, 15)
    axis.set_xlim(-0.5, 25.5)
    words = told if scale is not None else f"{told}\n{problem}"
    axis.text(0.98, 0.02, words, transform=axis.transAxes, ha="right", va="bottom", fontsize=TICK, color=DARK)
    label_ends(axis, [name for name, _, _ in chains], lines)


def chain(student, mean0, var0, decay, noise_scale, num_steps) -> np.ndarray:
    """Your chain_mean_var after 0 … num_steps steps, as rows (mean, var)."""
    rows = [student.chain_mean_var(mean0, var0, decay, noise_scale, k) for k in range(num_steps + 1)]
    return np.asarray(rows, dtype=float).reshape(num_steps + 1, 2)


def tried(call):
    """The call's result and "", or None and what went wrong."""
    try:
        return call(), ""
    except Exception as problem:
        return None, f"{problem}"[:60]
