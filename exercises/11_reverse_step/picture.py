"""What 11 looks like: how much stays open at each level, and one pixel walking out of the noise."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots


def draw(student) -> Figure:
    """Left: your variance against t, beside beta_t. Right: your step repeated, on a pixel of -1 or 1."""
    figure, axes = subplots(1, 2, width=9, height=4.2)
    show_variance(axes[0, 0], student)
    show_paths(axes[0, 1], student)
    figure.suptitle("One denoising step: what stays open, and where repeating it leads", fontsize=11)
    return figure


def show_variance(axes, student):
    """var against t on DDPM's own schedule; at t = 0 it is 0, which a logarithmic axis cannot show."""
    betas = np.linspace(1e-4, 0.02, 1000)
    levels = np.unique(np.geomspace(1, 1000, 60).astype(int)) - 1
    axes.set_title("How much one step leaves open (T = 1000)", fontsize=9)
    blank = np.zeros((1, 1))
    steps = attempt(axes, lambda: [student.reverse_mean_var(blank, blank, int(t), betas) for t in levels])
    if steps is None:
        return
    var = attempt(axes, lambda: np.array([float(np.ravel(np.asarray(step[1], float))[0]) for step in steps]))
    if var is None:
        return
    axes.loglog(levels + 1, betas[levels], color="0.6", linestyle="--", label="beta_t, the pinch that was added")
    above = (var > 0) & (var < 1e3)  # a logarithmic axis shows no 0, and a wrong var may be huge
    axes.loglog(levels[above] + 1, var[above], color="tab:blue", label="your var")
    axes.set_xlabel("t + 1, logarithmic")
    axes.set_ylabel("variance, logarithmic")
    axes.legend(fontsize=8, loc="lower right")
    axes.text(0.04, 0.95, f"your var at t = 0: {var[0]:.3g}", transform=axes.transAxes, fontsize=8, va="top")


def show_paths(axes, student):
    """Twelve walks of one pixel from T = 100 levels of dirt; the denoiser is exact for a pixel of -1 or 1."""
    betas = np.linspace(1e-3, 0.12, 100)
    alpha_bars = np.cumprod(1.0 - betas)
    rng = np.random.default_rng(6)
    axes.set_title("One pixel, −1 or +1 with equal chance: 12 walks", fontsize=9)

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
    for path in paths:
        axes.plot(levels, path, color="tab:orange" if path[-1] > 0 else "tab:blue", linewidth=0.8)
    axes.axhline(1, color="0.6", linestyle=":")
    axes.axhline(-1, color="0.6", linestyle=":")
    axes.set_xlim(len(betas), -3)
    axes.set_xlabel("level t: all dirt on the left, clean on the right")
    axes.set_ylabel("value of the pixel")


def two_point_eps(x_t, alpha_bar):
    """The exact noise guess for a pixel that is -1 or 1: the mean of x0 given x_t is a tanh."""
    x0 = np.tanh(np.sqrt(alpha_bar) * x_t / (1.0 - alpha_bar))
    return (x_t - np.sqrt(alpha_bar) * x0) / np.sqrt(1.0 - alpha_bar)
