"""What 11 looks like: how much stays open at each level, and one pixel walking out of the noise."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import BLUE, DARK, GREY, VERMILION, density, frame, ink, label_at, suptitle


def draw(student) -> Figure:
    """Left: your variance against t, beside beta_t. Right: your step repeated, on a pixel of -1 or 1."""
    figure, axes = subplots(1, 2, width=10.5, height=4.4)
    show_variance(axes[0, 0], student)
    show_paths(axes[0, 1], student)
    suptitle(figure, "One denoising step: what stays open, and where repeating it leads")
    return figure


def show_variance(axes, student):
    """var against t on DDPM's own schedule; at t = 0 it is 0, which a logarithmic axis cannot show."""
    betas = np.linspace(1e-4, 0.02, 1000)
    levels = np.unique(np.geomspace(1, 1000, 60).astype(int)) - 1
    frame(axes, "t + 1, in steps (logarithmic)", "variance (logarithmic)", "How much one step leaves open (T = 1000)")
    blank = np.zeros((1, 1))
    steps = attempt(axes, lambda: [student.reverse_mean_var(blank, blank, int(t), betas) for t in levels])
    if steps is None:
        return
    var = attempt(axes, lambda: np.array([float(np.ravel(np.asarray(step[1], float))[0]) for step in steps]))
    if var is None:
        return
    axes.loglog(levels + 1, betas[levels], color=GREY, linestyle="--")
    above = (var > 0) & (var < 1e3)  # a logarithmic axis shows no 0, and a wrong var may be huge
    axes.loglog(levels[above] + 1, var[above], color=BLUE)
    label_at(axes, 100, betas[100], "beta_t, the pinch that was added", GREY, shift=(-8, 4), ha="right")
    label_at(axes, 30, betas[30], "your var", BLUE, shift=(8, -8), ha="left")
    axes.text(0.04, 0.95, f"your var at t = 0: {var[0]:.3g}", transform=axes.transAxes, fontsize=8, va="top")


def show_paths(axes, student):
    """Twelve walks of one pixel from T = 100 levels of dirt, over the density of all walks.

    The denoiser is exact for a pixel of -1 or 1.
    """
    betas = np.linspace(1e-3, 0.12, 100)
    alpha_bars = np.cumprod(1.0 - betas)
    rng = np.random.default_rng(6)
    told = "level t, in steps: all dirt on the left, clean on the right"
    frame(axes, told, "value of the pixel", "One pixel, −1 or +1 with equal chance: 12 walks")

    def walk():
        x = rng.standard_normal((12, 1))
        path = [x]
        for t in range(len(betas) - 1, -1, -1):
            mean, var = student.reverse_mean_var(x, two_point_eps(x, alpha_bars[t]), t, betas)
            var = np.reshape(np.asarray(var, float), (-1, 1))  # one number, (B,) or (B, 1)
            x = np.asarray(mean, float) + np.sqrt(var) * rng.standard_normal(x.shape)
            path.append(x)
        paths = np.concatenate(path, axis=1)
        if not np.all(np.abs(paths) < 100):
            raise ValueError("the walks leave all bounds")
        return paths

    with np.errstate(all="ignore"):
        paths = attempt(axes, walk)
    if paths is None:
        return
    levels = np.arange(len(betas), -1, -1) - 1  # the level of each column; -1 is the clean picture
    density(axes, likely(np.append(1.0, alpha_bars)[::-1]), (len(betas) - 0.5, -1.5, -4, 4))
    for path in paths:
        up = path[-1] > 0
        axes.plot(levels, path, "-" if up else "--", color=VERMILION if up else BLUE, linewidth=0.9)
    axes.set_ylim(-4, 4)
    axes.set_xlim(len(betas), -3)
    axes.set_yticks([-3, -1, 0, 1, 3])
    for end, colour in ((1, VERMILION), (-1, BLUE)):
        axes.text(1.02, 0.5 + end / 8, f"ends at {end:+d}", color=ink(colour), fontsize=8, transform=axes.transAxes)
    axes.text(0.02, 0.03, "blue ground: where noisy pixels lie", color=DARK, fontsize=8, transform=axes.transAxes)


def likely(levels, finer=161):
    """The density of the noisy pixel, a column a level, each scaled to its own peak; the clean ends are not points."""
    x = np.linspace(-4, 4, finer)[:, None]
    width = np.maximum(1 - levels, 0.01)
    table = sum(np.exp(-((x - s * np.sqrt(levels)) ** 2) / (2 * width)) for s in (-1, 1))
    return table / table.max(axis=0)


def two_point_eps(x_t, alpha_bar):
    """The exact noise guess for a pixel that is -1 or 1: the mean of x0 given x_t is a tanh."""
    x0 = np.tanh(np.sqrt(alpha_bar) * x_t / (1.0 - alpha_bar))
    return (x_t - np.sqrt(alpha_bar) * x0) / np.sqrt(1.0 - alpha_bar)
