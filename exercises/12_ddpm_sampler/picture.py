"""What 12 looks like: a spiral, a sheet of digits and one pixel's walks coming out of pure noise."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, frames, say, show_grid, subplots
from autograder.style import BLUE, DARK, LABEL, VERMILION, density, frame, head, ink, suptitle

BETAS = np.linspace(5e-4, 0.1, 200)
ALPHA_BARS = np.cumprod(1.0 - BETAS)
LEVELS = (199, 100, 60, 30, 10)


def draw(student) -> Figure:
    """What the model saw at five levels of your ddpm_sample, and what it returned; below, whole walks of one pixel."""
    figure, axes = subplots(3, len(LEVELS) + 1, width=11, height=7.2)
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([1, 1, 1.25])
    for axis in axes[2]:
        axis.remove()
    show_walks(figure.add_subplot(grid[2, :]), student)
    for row, data, count in ((axes[0], spiral(), 400), (axes[1], load_digits("train")[0], 16)):
        seen = {}
        x0 = attempt(row[-1], lambda d=data, n=count, s=seen: run(student, d, n, s))
        panels = [*(seen.get(t) for t in LEVELS), x0]
        titles = [*(f"t = {t}, ᾱ = {ALPHA_BARS[t]:.2g}" for t in LEVELS), "returned: x0"]
        levels = [*ALPHA_BARS[list(LEVELS)], 1.0]
        for panel, samples, title, level in zip(row, panels, titles, levels, strict=True):
            if data.shape[1] == 2:
                show_points(panel, samples, data, level)
            else:
                show_grid(panel, samples, columns=4, limit=1.5)
            head(panel, title)
            panel.set_xticks([])
            panel.set_yticks([])
            if samples is None and panel is not row[-1]:
                say(panel, "the model was not asked about this level")
    axes[0, 0].set_ylabel("points", fontsize=LABEL)
    axes[1, 0].set_ylabel("digits", fontsize=LABEL)
    suptitle(
        figure,
        "From noise to data with your ddpm_sample\n"
        "The denoiser is exact for its data (a spiral, 1,437 digits, three grey values): what comes out are copies",
    )
    return figure


def draw_frames(student) -> list[Figure]:
    """Sixteen digits on every tenth level of your ddpm_sample."""
    data, seen = load_digits("train")[0], {}

    def model(x_t, t):
        level = int(np.ravel(t)[0])
        seen[level] = np.array(x_t, dtype=float)
        return exact_eps(seen[level], ALPHA_BARS[level], data)

    x0 = np.asarray(student.ddpm_sample(model, BETAS, (16, 64), np.random.default_rng(0)), dtype=float)
    shown = [t for t in range(len(BETAS) - 1, -1, -1) if t in seen and t % 10 == 9]
    return frames([*(seen[t] for t in shown), x0], [*(f"t = {t}" for t in shown), "returned: x0"])


def run(student, data, count, seen):
    """ddpm_sample with the exact denoiser of `data`; `seen` keeps what the model was shown at LEVELS."""

    def model(x_t, t):
        level = int(np.ravel(t)[0])
        if level in LEVELS:
            seen[level] = np.array(x_t, dtype=float)
        return exact_eps(np.asarray(x_t, dtype=float), ALPHA_BARS[level], data)

    x0 = student.ddpm_sample(model, BETAS, (count, data.shape[1]), np.random.default_rng(0))
    x0 = np.asarray(x0, dtype=float)
    if x0.shape != (count, data.shape[1]):
        raise ValueError(f"x0 has shape {x0.shape}, not {(count, data.shape[1])}")
    return x0


def exact_eps(x_t, alpha_bar, data):
    """The mean of the noise in x_t when the data are these rows, each as likely: a softmax over distances."""
    root = np.sqrt(alpha_bar)
    fit = (root * x_t @ data.T - alpha_bar * np.sum(data**2, axis=1) / 2) / (1.0 - alpha_bar)
    weights = np.exp(fit - fit.max(axis=1, keepdims=True))
    x0 = weights @ data / weights.sum(axis=1, keepdims=True)
    return (x_t - root * x0) / np.sqrt(1.0 - alpha_bar)


def spiral(count=300):
    """Points on a spiral, about as wide as standard normal noise."""
    turn = np.linspace(0.25, 1.0, count)
    angle = 4.0 * np.pi * turn
    return 1.7 * turn[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def show_points(axes, samples, data, level):
    """The samples over their density at this level, which is exact: one Gaussian for each point of the data."""
    axes.set_aspect("equal")
    if samples is None:
        return
    side = np.linspace(-3, 3, 61)
    places = np.stack(np.meshgrid(side, side), axis=-1)
    squares = ((places[:, :, None] - np.sqrt(level) * data) ** 2).sum(axis=-1)
    density(axes, np.exp(-squares / (2 * max(1 - level, 0.02))).sum(axis=-1), (-3, 3, -3, 3))
    axes.plot(*samples.T, ".", markersize=2, color=BLUE)
    axes.set_xlim(-3, 3)
    axes.set_ylim(-3, 3)
    axes.set_aspect("equal")


#: The three grey values that the pixel of the walks can have, as data of one column.
GREYS = np.array([[-1.5], [0.0], [1.5]])


def show_walks(axes, student):
    """Walks of one pixel through your sampler, over the exact density of all noisy pixels at each level."""
    told = "level t, in steps: all noise on the left, returned on the right"
    frame(axes, told, "value of the pixel", "Fifteen walks of one pixel with three grey values, as the model sees them")
    seen = attempt(axes, lambda: walks(student))
    if seen is None:
        return
    table = likely(np.append(1.0, ALPHA_BARS)[::-1])
    density(axes, table, (len(BETAS) - 0.5, -1.5, -4, 4))
    for walk in seen.T:
        end = int(np.argmin(np.abs(GREYS[:, 0] - walk[-1])))
        axes.plot(np.arange(len(walk) - 2, -2, -1), walk, ("--", "-", ":")[end], color=ENDS[end], linewidth=0.9)
    for value, colour in zip(GREYS[:, 0], ENDS, strict=True):
        axes.text(1.01, 0.5 + value / 8, f"{value:g}", color=ink(colour), va="center", transform=axes.transAxes)
    axes.set_xlim(len(BETAS) - 0.5, -1.5)
    axes.set_ylim(-4, 4)


ENDS = (BLUE, DARK, VERMILION)


def walks(student, count=15):
    """What the model was shown at each level, then what was returned, `(T + 1, count)`."""
    seen = []

    def model(x_t, t):
        seen.append(np.array(x_t, dtype=float).reshape(count))
        return exact_eps(np.asarray(x_t, dtype=float), ALPHA_BARS[int(np.ravel(t)[0])], GREYS)

    x0 = student.ddpm_sample(model, BETAS, (count, 1), np.random.default_rng(4))
    return np.stack([*seen, np.asarray(x0, dtype=float).reshape(count)])


def likely(levels, finer=161):
    """The density of the noisy pixel, a column a level, each scaled to its own peak."""
    x = np.linspace(-4, 4, finer)[:, None]
    width = np.maximum(1 - levels, 0.01)
    table = sum(np.exp(-((x - value * np.sqrt(levels)) ** 2) / (2 * width)) for value in GREYS[:, 0])
    return table / table.max(axis=0)
