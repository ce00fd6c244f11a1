"""What 03 looks like: structure against steps, and variance against steps."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots

DECAYS = [0.5, 0.8, 0.9, 0.97]


def draw(student) -> Figure:
    """Left: your mean and half_life for four decays. Right: your variance for three chains."""
    figure, axes = subplots(1, 2, width=10, height=4.6)
    show_structure(axes[0, 0], student)
    show_variance(axes[0, 1], student)
    title = "Larger decay keeps structure longer. Where the variance ends, noise_scale decides"
    figure.suptitle(title, fontsize=10)
    return figure


def show_structure(axis, student) -> None:
    """The mean, from 1 on, with a ring where your half_life says that half is left."""
    axis.set_title("structure kept: mean after k steps, from 1", fontsize=9)
    rings = "your half_life"
    for i, decay in enumerate(DECAYS):
        rows = attempt(axis, lambda d=decay: chain(student, 1.0, 0.0, d, 0.2, 40))
        if rows is None:
            return
        axis.plot(rows[:, 0], color=f"C{i}", marker=".", markersize=4, label=f"decay {decay}")
        steps, problem = tried(lambda d=decay: float(student.half_life(d)))
        if steps is None:
            rings = problem
        else:
            axis.plot(steps, 0.5, "o", color=f"C{i}", mfc="none", markersize=10)
    axis.axhline(0.5, color="0.7", linewidth=0.8, linestyle=":")
    axis.plot([], [], "o", color="0.4", mfc="none", markersize=8, label=rings)
    finish(axis, "mean", "upper right")


def show_variance(axis, student) -> None:
    """The variance from 0.5 on, with a dashed line at your stationary_variance."""
    axis.set_title("variance after k steps, from 0.5 (logarithmic)", fontsize=9)
    chains = [("0.9 x + noise", 0.9, 1.0), ("0.8 x + 0.2 noise: the lesson's", 0.8, 0.2)]
    scale, problem = tried(lambda: float(student.preserving_noise_scale(0.8)))
    if scale is not None:
        chains.insert(1, (f"0.8 x + {scale:.3g} noise: your preserving scale", 0.8, scale))
    lines = "your stationary_variance"
    for i, (name, decay, noise_scale) in enumerate(chains):
        rows = attempt(axis, lambda d=decay, s=noise_scale: chain(student, 0.0, 0.5, d, s, 25))
        if rows is None:
            return
        axis.plot(rows[:, 1], color=f"C{i}", marker=".", markersize=4, label=name)
        end, trouble = tried(lambda d=decay, s=noise_scale: float(student.stationary_variance(d, s)))
        if end is None:
            lines = trouble
        else:
            axis.axhline(end, color=f"C{i}", linewidth=0.8, linestyle="--")
            axis.text(0, end, f"{end:.3g}", fontsize=8, color=f"C{i}", va="bottom", ha="center")
    axis.plot([], [], color="0.4", linewidth=0.8, linestyle="--", label=lines)
    if scale is None:
        axis.plot([], [], " ", label=problem)
    axis.set_yscale("log")
    axis.set_ylim(0.01, 15)
    finish(axis, "variance", "lower right")


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


def finish(axis, name, place) -> None:
    axis.set_xlabel("step k", fontsize=8)
    axis.set_ylabel(name, fontsize=8)
    axis.tick_params(labelsize=8)
    axis.legend(fontsize=7, loc=place)
