"""What 08 looks like: where eps* points in the plane, and where its paths end."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, say, subplots
from autograder.style import BLUE, DARK, GREY, VERMILION, density, frame, head, label_at, legend_below, suptitle

ALPHA_BARS = np.cumprod(1.0 - np.linspace(1e-4, 0.02, 1000))
FIELDS = [600, 300, 60]
PATH = np.unique(np.round(999 * np.linspace(0, 1, 120) ** 1.5).astype(int))[::-1]
STARTS = 40


def draw(student) -> Figure:
    """Top: -eps* of your empirical_eps at three levels. Bottom: paths along both, and where they end."""
    data = spiral()
    figure, axes = subplots(2, 3, width=10, height=7.2)
    for panel, t in zip(axes[0], FIELDS, strict=True):
        _field(panel, student, data, t)
    mean, var = data.mean(axis=0), data.var(axis=0)
    ends = {
        "empirical_eps": _paths(
            axes[1, 0], data, "empirical_eps", lambda x, t: student.empirical_eps(x, t, ALPHA_BARS, data)
        ),
        "gaussian_eps": _paths(
            axes[1, 1], data, "gaussian_eps", lambda x, t: student.gaussian_eps(x, t, ALPHA_BARS, mean, var)
        ),
    }
    _distances(axes[1, 2], data, ends)
    legend_below(axes[1, 0], columns=3)
    suptitle(figure, "The exact denoiser of 24 points knows the way back to each of them, and to nothing else")
    return figure


def spiral(count: int = 24) -> np.ndarray:
    """Points on a spiral, `(count, 2)`, within two units of the origin."""
    angle = np.linspace(0.6, 3.6 * np.pi, count) ** 0.9
    return np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1) / 5.0


def _field(panel, student, data, t) -> None:
    """Arrows of -eps*, the way to where samples are, over the density of noisy samples."""
    root = np.sqrt(ALPHA_BARS[t])
    side = np.linspace(-2.2, 2.2, 21)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    eps = attempt(panel, lambda: _checked(student.empirical_eps(grid, t, ALPHA_BARS, data), grid.shape))
    head(panel, f"-eps* at t = {t}, ᾱ = {ALPHA_BARS[t]:.2g}")
    if eps is None:
        return
    _frame(panel)
    density(panel, _likely(data, ALPHA_BARS[t]), (-2.4, 2.4, -2.4, 2.4))
    panel.quiver(*grid.T, *-eps.T, color=DARK, width=0.004, angles="xy")
    panel.scatter(*(root * data).T, s=14, color=VERMILION, zorder=3, label="training point, in the fields faded by √ᾱ")


def _likely(data, level, finer=60) -> np.ndarray:
    """The density of noisy samples at this level on a grid over the panel: one Gaussian a point."""
    side = np.linspace(-2.4, 2.4, finer)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    squares = ((grid[:, :, None] - np.sqrt(level) * data) ** 2).sum(axis=-1)
    return np.exp(-squares / (2 * (1 - level))).sum(axis=-1)


def _paths(panel, data, name, eps_of):
    """Deterministic steps from noise to level 0 (DDIM with eta = 0, exercise 19); returns the last points."""
    x = np.random.default_rng(3).standard_normal((STARTS, 2))
    path = [x]
    for t, after in zip(PATH, [*PATH[1:], None], strict=True):
        eps = attempt(panel, lambda x=x, t=t: _checked(eps_of(x, int(t)), x.shape))
        if eps is None:
            head(panel, f"paths of {name}")
            return None
        x0 = (x - np.sqrt(1 - ALPHA_BARS[t]) * eps) / np.sqrt(ALPHA_BARS[t])
        level = 1.0 if after is None else ALPHA_BARS[after]
        x = np.sqrt(level) * x0 + np.sqrt(1 - level) * eps
        path.append(x)
    for line in np.stack(path, axis=1):
        panel.plot(*line.T, color=BLUE, linewidth=0.7)
    panel.scatter(*data.T, s=30, facecolors="none", edgecolors=VERMILION, zorder=3, label="training point")
    panel.scatter(*x.T, s=8, color="black", marker="x", linewidth=1, zorder=4, label="end of a path")
    head(panel, f"paths of {name}")
    _frame(panel)
    return x


def _distances(panel, data, ends) -> None:
    """How far each path's end lies from the nearest training point, sorted."""
    head(panel, "copies or not?")
    if all(x is None for x in ends.values()):
        say(panel, "no paths yet")
        return
    for (name, x), color in zip(ends.items(), [VERMILION, BLUE], strict=True):
        if x is None:
            continue
        nearest = np.sort(np.linalg.norm(x[:, None] - data, axis=-1).min(axis=1))
        copies = int(np.sum(nearest < 0.01))
        mark = "s-" if name == "empirical_eps" else "o-"
        panel.plot(np.arange(1, STARTS + 1), np.maximum(nearest, 1e-6), mark, ms=3, lw=0.8, color=color)
        words = f"{name}: {copies} of {STARTS} are copies"
        label_at(panel, STARTS / 2, max(float(nearest.max()), 1e-6), words, color, shift=(0, 8))
    panel.axhline(0.01, color=GREY, linewidth=0.8, linestyle="--")
    label_at(panel, 1, 0.01, "a copy lies below", GREY, shift=(0, -3), ha="left")
    frame(panel, "path, sorted by distance", "distance to the nearest training\npoint (logarithmic, at least 1e-6)")
    panel.set_yscale("log")
    panel.set_ylim(5e-7, 30)


def _frame(panel) -> None:
    frame(panel, "first coordinate", "second coordinate")
    panel.set_xlim(-2.4, 2.4)
    panel.set_ylim(-2.4, 2.4)
    panel.set_aspect("equal")


def _checked(result, shape) -> np.ndarray:
    eps = np.asarray(result, dtype=float)
    if eps.shape != shape:
        raise ValueError(f"eps has shape {eps.shape}, expected {shape}")
    return eps
