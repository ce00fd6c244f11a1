"""What 17 looks like: the same noise, sampled with more and more guidance, in a world with three classes."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import BLUE, DARK, GREEN, GREY, VERMILION, density, frame, head, ink, label_ends, series, suptitle

ALPHA_BARS = np.cumprod(1.0 - np.linspace(1e-3, 0.15, 80))
#: Three classes, as likely as each other: centres and the standard deviation of each.
CENTRES = np.array([[0.0, 0.9], [-0.8, -0.5], [0.8, -0.5]])
SPREAD = 0.45
COLOURS, DASHES, NAMES = (BLUE, VERMILION, GREEN), ("-", "--", "-."), ("A", "B", "C")
#: The level, of 80, at which arrows show where your guided_eps points.
ARROWS = 30
SCALES = (0, 1, 3, 8)


def draw(student) -> Figure:
    """Samples at w = 0, 1, 3 and 8, with your guided_eps in every step; below, what w gains and what it costs."""
    figure, axes = subplots(2, 3, width=11, height=7.2)
    panels = axes.ravel()
    start = np.random.default_rng(0).standard_normal((400, 2))
    for panel, w in zip(panels, SCALES, strict=False):
        head(panel, f"w = {w}" + {0: ", no wish", 1: ", the class itself"}.get(w, ""))
        samples = attempt(panel, lambda w=w: sample(student, start, w))
        if samples is not None:
            show_world(panel, samples)
    show_direction(panels[4], student)
    show_price(panels[5], student, start)
    title = "Guidance with your guided_eps towards class A. Circles: where 86% of each class lie"
    suptitle(figure, f"{title}\nBlue ground: where points of all classes are likely")
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
    """Samples over the three classes and their density."""
    show_classes(axes, 1.0)
    axes.plot(*samples.T, ".", color=DARK, markersize=2)


def show_classes(axes, a):
    """The density of all classes' points at level a, and a circle with its name for each class."""
    side_x, side_y = np.linspace(-2.6, 2.6, 66), np.linspace(-1.9, 3.3, 66)
    grid = np.stack(np.meshgrid(side_x, side_y), axis=-1)
    width = a * SPREAD**2 + 1 - a
    table = sum(np.exp(-((grid - np.sqrt(a) * centre) ** 2).sum(axis=-1) / (2 * width)) for centre in CENTRES)
    frame(axes, "first coordinate", "second coordinate")
    density(axes, table, (-2.6, 2.6, -1.9, 3.3))
    angle = np.linspace(0, 2 * np.pi, 100)
    for centre, colour, dash, name in zip(CENTRES, COLOURS, DASHES, NAMES, strict=True):
        ring = np.sqrt(a) * centre + 2 * np.sqrt(width) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        axes.plot(*ring.T, dash, color=colour, linewidth=1.5)
        place = np.sqrt(a) * centre + np.array([np.sign(centre[0]) * 1.6, -1.0 if centre[0] else 0.0]) * SPREAD * 1.3
        if a == 1 and centre[0]:
            axes.text(*place, name, color=ink(colour), ha="center", va="top", fontsize=9, weight="bold")
    if a == 1:
        axes.text(1.0, 1.4, NAMES[0], color=ink(COLOURS[0]), ha="center", fontsize=9, weight="bold")
    axes.set_xlim(-2.6, 2.6)
    axes.set_ylim(-1.9, 3.3)
    axes.set_aspect("equal")


def show_direction(axes, student):
    """Arrows at one level: away from the noise as it is guessed for class A (w = 1), and by your guided_eps (w = 3)."""
    a = ALPHA_BARS[ARROWS]
    head(axes, f"where one step leads, ᾱ = {a:.2g}")
    side = np.linspace(-2.2, 2.2, 8)
    grid = np.stack(np.meshgrid(side, side + 0.7), axis=-1).reshape(-1, 2)

    def arrows():
        free, wished = eps_of(grid, a, [0, 1, 2]), eps_of(grid, a, [0])
        both = [np.asarray(student.guided_eps(free, wished, w), dtype=float) for w in (1.0, 3.0)]
        return [-eps.reshape(grid.shape) for eps in both]

    found = attempt(axes, arrows)
    if found is None:
        return
    show_classes(axes, a)
    plain, guided = found
    look = {"angles": "xy", "scale_units": "xy", "scale": 6.0, "width": 0.006}
    axes.quiver(*grid.T, *guided.T, color=VERMILION, headwidth=5, **look)
    axes.quiver(*grid.T, *plain.T, color=DARK, headwidth=3, **look)
    axes.text(0.02, 0.98, "dark: w = 1", color=DARK, fontsize=8, va="top", transform=axes.transAxes)
    axes.text(
        0.98, 0.98, "red: w = 3", color=ink(VERMILION), fontsize=8, va="top", ha="right", transform=axes.transAxes
    )


def show_price(axes, student, start):
    """Against w: how surely the samples are of class A, and how widely they spread, both against the true class."""
    head(axes, "what w gains, and what it costs")
    scales = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, 8])
    runs = attempt(axes, lambda: [sample(student, start, float(w)) for w in scales])
    if runs is None:
        return
    sure = [beliefs(x, 1.0, [0, 1, 2])[:, 0].mean() for x in runs]
    wide = [x.std(axis=0).mean() / SPREAD for x in runs]
    lines = [*axes.plot(scales, sure, **series(0)), *axes.plot(scales, wide, **series(1))]
    axes.axhline(1, color=GREY, linestyle=":")
    frame(axes, "w, the guidance scale", "share")
    axes.set_ylim(0, None)
    label_ends(axes, ["belief that\nit is A", "spread (true\nclass = 1)"], lines)
