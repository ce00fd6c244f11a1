"""What 12 looks like: a spiral and a sheet of digits coming out of pure noise."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, say, show_grid, subplots

BETAS = np.linspace(5e-4, 0.1, 200)
ALPHA_BARS = np.cumprod(1.0 - BETAS)
LEVELS = (199, 100, 60, 30, 10)


def draw(student) -> Figure:
    """What the model saw at five levels of your ddpm_sample, and what it returned."""
    figure, axes = subplots(2, len(LEVELS) + 1, width=11, height=4.6)
    for row, data, count in ((axes[0], spiral(), 400), (axes[1], load_digits("train")[0], 16)):
        seen = {}
        x0 = attempt(row[-1], lambda d=data, n=count, s=seen: run(student, d, n, s))
        panels = [*(seen.get(t) for t in LEVELS), x0]
        titles = [*(f"t = {t}, ᾱ = {ALPHA_BARS[t]:.2g}" for t in LEVELS), "returned: x0"]
        for panel, samples, title in zip(row, panels, titles, strict=True):
            if data.shape[1] == 2:
                show_points(panel, samples, data)
            else:
                show_grid(panel, samples, columns=4, limit=1.5)
            panel.set_title(title, fontsize=8)
            panel.set_xticks([])
            panel.set_yticks([])
            if samples is None and panel is not row[-1]:
                say(panel, "the model was not asked about this level")
    axes[0, 0].set_ylabel("points")
    axes[1, 0].set_ylabel("digits")
    figure.suptitle(
        "From noise to data with your ddpm_sample\n"
        "The denoiser is exact for its data (the grey spiral, 1,437 digits): what comes out are copies",
        fontsize=10,
    )
    return figure


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


def show_points(axes, samples, data):
    """The samples over the curve that the data lie on."""
    axes.set_aspect("equal")
    if samples is None:
        return
    axes.plot(*data.T, color="0.85", linewidth=3, zorder=0)
    axes.plot(*samples.T, ".", markersize=2, color="tab:blue")
    axes.set_xlim(-3, 3)
    axes.set_ylim(-3, 3)
