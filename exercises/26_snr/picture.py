"""What 26 looks like: two schedules on one ruler, what the four targets are made of, and what their losses weigh."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import GREY, frame, label_at, label_ends, series, suptitle

#: Each target has one look in both panels.
TARGETS = {
    name: {**series(i, markersize=5), "markevery": (2 * i % 6, 6)} for i, name in enumerate(("eps", "x0", "v", "score"))
}
RATIOS = np.linspace(-9, 9, 37)
RULER = "log-SNR, natural logarithm: noise on the left"


def draw(student) -> Figure:
    """Left: log-SNR over the steps. Middle: how much of x0 and of eps is in each target. Right: the weight on x0."""
    figure, axes = subplots(1, 3, width=13, height=4.3)
    draw_schedules(axes[0, 0], student)
    draw_parts(axes[0, 1], student)
    draw_weights(axes[0, 2], student)
    suptitle(figure, "One number for the level, and four names for one answer")
    return figure


def draw_schedules(axis, student):
    """Linear and cosine schedules of 1000 steps on the ruler of 26."""
    steps = np.arange(1000)
    angle = np.cos((np.append(steps + 1, 0) / 1000 + 0.008) / 1.008 * np.pi / 2) ** 2
    schedules = {
        "linear": np.cumprod(1 - np.linspace(1e-4, 0.02, 1000)),
        "cosine": np.clip(angle[:-1] / angle[-1], 1e-9, 1 - 1e-9),
    }
    frame(axis, "step t", "log-SNR, natural logarithm", "Two schedules, one ruler")
    axis.axhline(0, color=GREY, linewidth=0.8)
    for i, (name, alpha_bars) in enumerate(schedules.items()):
        ratios = attempt(axis, lambda a=alpha_bars: np.asarray(student.log_snr(a), dtype=float))
        if ratios is None:
            return
        (line,) = axis.plot(steps, ratios, **series(i), markevery=100)
        label_at(axis, 250, ratios[250], name, line.get_color(), (-8, -6) if name == "linear" else (8, 4))
    label_at(axis, 1000, 0, "as much signal as noise", GREY, ha="right")


def draw_parts(axis, student):
    """By convert: each target of a sample that is all x0 = 1, and of one that is all eps = 1."""
    alpha_bars = attempt(axis, lambda: np.asarray(student.alpha_bar_from(RATIOS), dtype=float))
    if alpha_bars is None:
        return
    signal, noise = np.sqrt(alpha_bars), np.sqrt(1 - alpha_bars)
    for name in ("x0", "eps", "v"):
        parts = []
        for eps, x_t in ((np.zeros(37), signal), (np.ones(37), noise)):
            made = attempt(axis, lambda e=eps, x=x_t, name=name: student.convert(
                e[:, None], x[:, None], alpha_bars, "eps", name))  # fmt: skip
            if made is None:
                return
            parts.append(np.asarray(made, dtype=float)[:, 0])
        share = parts[1] ** 2 / np.maximum(parts[0] ** 2 + parts[1] ** 2, 1e-12)
        axis.plot(RATIOS, share, **TARGETS[name])
        x, y = {"x0": (-8, 0.0), "eps": (-8, 1.0), "v": (0.4, 0.5)}[name]
        label_at(axis, x, y, name, TARGETS[name]["color"], shift=(10, -4) if name == "v" else (0, 5))
    frame(axis, RULER, "share of eps in its square", "What the target is made of")
    axis.set_ylim(-0.08, 1.15)


def draw_weights(axis, student):
    """What the plain squared error on each target weighs, as an error on x0."""
    alpha_bars = attempt(axis, lambda: np.asarray(student.alpha_bar_from(RATIOS), dtype=float))
    if alpha_bars is None:
        return
    for name, look in TARGETS.items():
        weights = attempt(axis, lambda name=name: np.asarray(student.loss_weight(alpha_bars, name, "x0"), dtype=float))
        if weights is None:
            return
        axis.plot(RATIOS, weights, **look)
    frame(axis, RULER, "weight of the error on x0 (logarithmic)", "What its loss weighs")
    axis.set(yscale="log", xlim=(-9.5, 9.5))
    label_ends(axis, list(TARGETS))
