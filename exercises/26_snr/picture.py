"""What 26 looks like: two schedules on one ruler, what the four targets are made of, and what their losses weigh."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import GREY, ink

#: Okabe and Ito's colours, with a mark each, so that colour is not all that tells them apart.
TARGETS = {"eps": ("#0072B2", "o"), "x0": ("#D55E00", "s"), "v": ("#009E73", "^"), "score": ("#CC79A7", "D")}
RATIOS = np.linspace(-9, 9, 37)


def draw(student) -> Figure:
    """Left: log-SNR over the steps. Middle: how much of x0 and of eps is in each target. Right: the weight on x0."""
    figure, axes = subplots(1, 3, width=13, height=4.3)
    draw_schedules(axes[0, 0], student)
    draw_parts(axes[0, 1], student)
    draw_weights(axes[0, 2], student)
    figure.suptitle("One number for the level, and four names for one answer")
    return figure


def draw_schedules(axis, student):
    """Linear and cosine schedules of 1000 steps on the ruler of 26."""
    steps = np.arange(1000)
    angle = np.cos((np.append(steps + 1, 0) / 1000 + 0.008) / 1.008 * np.pi / 2) ** 2
    schedules = {
        "linear": (np.cumprod(1 - np.linspace(1e-4, 0.02, 1000)), "#0072B2", "-"),
        "cosine": (np.clip(angle[:-1] / angle[-1], 1e-9, 1 - 1e-9), "#D55E00", "--"),
    }
    for name, (alpha_bars, colour, line) in schedules.items():
        ratios = attempt(axis, lambda a=alpha_bars: np.asarray(student.log_snr(a), dtype=float))
        if ratios is None:
            return
        axis.plot(steps, ratios, color=colour, linestyle=line)
        axis.annotate(name, (steps[600], ratios[600]), xytext=(6, 6), textcoords="offset points", color=ink(colour))
    axis.axhline(0, color=GREY, linewidth=0.8)
    axis.set(title="Two schedules, one ruler", xlabel="step t", ylabel="log-SNR (natural)")


def draw_parts(axis, student):
    """By convert: each target of a sample that is all x0 = 1, and of one that is all eps = 1."""
    alpha_bars = attempt(axis, lambda: np.asarray(student.alpha_bar_from(RATIOS), dtype=float))
    if alpha_bars is None:
        return
    signal, noise = np.sqrt(alpha_bars), np.sqrt(1 - alpha_bars)
    for name in ("x0", "eps", "v"):
        colour, mark = TARGETS[name]
        parts = []
        for eps, x_t in ((np.zeros(37), signal), (np.ones(37), noise)):
            made = attempt(axis, lambda e=eps, x=x_t, name=name: student.convert(
                e[:, None], x[:, None], alpha_bars, "eps", name))  # fmt: skip
            if made is None:
                return
            parts.append(np.asarray(made, dtype=float)[:, 0])
        share = parts[1] ** 2 / np.maximum(parts[0] ** 2 + parts[1] ** 2, 1e-12)
        axis.plot(RATIOS, share, color=colour, marker=mark, markevery=6, markersize=5)
        place = {"x0": (-8.5, 0.04), "eps": (-8.5, 1.03), "v": (1.5, 0.62)}[name]
        axis.annotate(name, place, color=ink(colour))
    axis.set(title="What the target is made of", xlabel="log-SNR (noise … clean)", ylabel="share of eps in its square")
    axis.set_ylim(-0.08, 1.15)


def draw_weights(axis, student):
    """What the plain squared error on each target weighs, as an error on x0."""
    alpha_bars = attempt(axis, lambda: np.asarray(student.alpha_bar_from(RATIOS), dtype=float))
    if alpha_bars is None:
        return
    for name, (colour, mark) in TARGETS.items():
        weights = attempt(axis, lambda name=name: np.asarray(student.loss_weight(alpha_bars, name, "x0"), dtype=float))
        if weights is None:
            return
        axis.plot(RATIOS, weights, color=colour, marker=mark, markevery=6, markersize=5)
        place = {"x0": (-8.5, 1.6), "eps": (-8.3, 1e-4), "v": (3.4, 9.0), "score": (1.5, 3e3)}[name]
        axis.annotate(name, place, color=ink(colour))
    axis.set_yscale("log")
    axis.set(title="What its loss weighs", xlabel="log-SNR (noise … clean)", ylabel="weight of the error on x0")
