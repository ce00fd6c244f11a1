"""What 17 looks like: the same noise, sampled with more and more guidance, in a world with three classes."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots

ALPHA_BARS = np.cumprod(1.0 - np.linspace(1e-3, 0.15, 80))
#: Three classes, as likely as each other: centres and the standard deviation of each.
CENTRES = np.array([[0.0, 0.9], [-0.8, -0.5], [0.8, -0.5]])
SPREAD = 0.45
COLOURS = ("tab:blue", "tab:orange", "tab:green")
SCALES = (0, 1, 3, 8)


def draw(student) -> Figure:
    """Samples at w = 0, 1, 3 and 8, with your guided_eps in every step; below, what w gains and what it costs."""
    figure, axes = subplots(1, len(SCALES) + 1, width=13, height=3.5)
    start = np.random.default_rng(0).standard_normal((400, 2))
    for panel, w in zip(axes[0], SCALES, strict=False):
        panel.set_title(f"w = {w}" + {0: ", no wish", 1: ", the class itself"}.get(w, ""), fontsize=9)
        samples = attempt(panel, lambda w=w: sample(student, start, w))
        if samples is not None:
            show_world(panel, samples)
    axes[0, 0].set_ylabel("wish: the blue class")
    show_price(axes[0, -1], student, start)
    figure.suptitle("Guidance with your guided_eps. Circles: where 86% of each class lie", fontsize=11)
    return figure


def sample(student, start, w):
    """From noise to data without fresh noise (19), with two exact denoisers and your way to combine them."""
    x = start
    levels = np.append(1.0, ALPHA_BARS)
    for t in range(len(ALPHA_BARS), 0, -1):
        a, a_prev = levels[t], levels[t - 1]
        guided = student.guided_eps(eps_of(x, a, [0, 1, 2]), eps_of(x, a, [0]), w)
        guided = np.asarray(guided, dtype=float)
        x0 = (x - np.sqrt(1 - a) * guided) / np.sqrt(a)
        x = np.sqrt(a_prev) * x0 + np.sqrt(1 - a_prev) * guided
    return x


def beliefs(x, a, classes):
    """How likely each of these classes is for the noisy points x at level a, `(B, K)`."""
    gaps = x[:, None, :] - np.sqrt(a) * CENTRES[classes]
    fit = -np.sum(gaps**2, axis=2) / (2 * (a * SPREAD**2 + 1 - a))
    weights = np.exp(fit - fit.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def eps_of(x, a, classes):
    """The exact noise guess when the data are a mixture of these classes."""
    centre = beliefs(x, a, classes) @ CENTRES[classes]
    return np.sqrt(1 - a) * (x - np.sqrt(a) * centre) / (a * SPREAD**2 + 1 - a)


def show_world(axes, samples):
    """Samples in grey over the three classes."""
    angle = np.linspace(0, 2 * np.pi, 100)
    for centre, colour in zip(CENTRES, COLOURS, strict=True):
        ring = centre + 2 * SPREAD * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        axes.plot(*ring.T, color=colour, linewidth=1.5)
    axes.plot(*samples.T, ".", color="0.25", markersize=2)
    axes.set_xlim(-2.6, 2.6)
    axes.set_ylim(-1.9, 3.3)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])


def show_price(axes, student, start):
    """Against w: how surely the samples are blue, and how widely they spread, both against the true class."""
    axes.set_title("what w gains, and what it costs", fontsize=9)
    scales = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 8])
    runs = attempt(axes, lambda: [sample(student, start, float(w)) for w in scales])
    if runs is None:
        return
    sure = [beliefs(x, 1.0, [0, 1, 2])[:, 0].mean() for x in runs]
    wide = [x.std(axis=0).mean() / SPREAD for x in runs]
    axes.plot(scales, sure, "o-", markersize=3, color="tab:blue", label="belief that it is blue")
    axes.plot(scales, wide, "s-", markersize=3, color="tab:red", label="spread (true class = 1)")
    axes.axhline(1, color="0.7", linestyle=":")
    axes.set_xlabel("w")
    axes.set_ylim(0, None)
    axes.legend(fontsize=7)
