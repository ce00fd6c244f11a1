"""What 27 looks like: lines that cross, averages that do not, where few and many steps end, and how the error falls."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import BLUE, GREY, density, frame, label_at, legend_below, series, suptitle

#: Data in two heaps: half of it around -1.5, half around 1.5.
HEAPS, WIDTH = (-1.5, 1.5), 0.35
STEPS = (50, 5, 2)


def draw(student) -> Figure:
    """Left: pairs on their lines, and paths of averages. Middle: where euler ends. Right: its error."""
    figure, axes = subplots(1, 3, width=13, height=4.3)
    draw_paths(axes[0, 0], student)
    draw_ends(axes[0, 1], student)
    draw_error(axes[0, 2], student)
    legend_below(axes[0, 1], columns=3)
    suptitle(figure, "Straight lines between pairs (grey), and the bent paths of their averages (blue)")
    return figure


def of_heaps(student, x, t):
    """The average velocity for two heaps: your gaussian_velocity of each, weighed by how likely x is of it."""
    spread = (1 - t) ** 2 * WIDTH**2 + t**2
    shares = [np.exp(-((x - (1 - t) * heap) ** 2) / (2 * spread)) for heap in HEAPS]
    parts = [np.asarray(student.gaussian_velocity(x, t, heap, WIDTH**2), dtype=float) for heap in HEAPS]
    return sum(share * part for share, part in zip(shares, parts, strict=True)) / np.maximum(sum(shares), 1e-300)


def draw_paths(axis, student):
    """Time to the right, from data to noise."""
    rng = np.random.default_rng(3)
    x0, eps = rng.choice(HEAPS, (14, 1)) + WIDTH * rng.standard_normal((14, 1)), rng.standard_normal((14, 1))
    times = np.linspace(0, 1, 21)
    lines = attempt(axis, lambda: [np.asarray(student.interpolate(x0, eps, t), dtype=float)[:, 0] for t in times])
    if lines is None:
        return
    frame(axis, "time t: data on the left, noise on the right", "x", "Where x lies, and how your euler goes back")
    density(axis, likely(np.linspace(0, 1, 81)), (0, 1, -3.2, 3.2))
    axis.plot(times, lines, color=GREY, linewidth=0.8)
    starts = np.linspace(-2, 2, 9)[:, None]
    trail = [(1.0, starts[:, 0])]

    def noted(x, t):
        if t < 1:
            trail.append((t, np.asarray(x)[:, 0]))
        return of_heaps(student, np.asarray(x, dtype=float), t)

    end = attempt(axis, lambda: np.asarray(student.euler(noted, starts, 60), dtype=float)[:, 0])
    if end is None:
        return
    axis.plot([t for t, _ in trail] + [0.0], [x for _, x in trail] + [end], color=BLUE, linewidth=1.6)
    axis.set(xlim=(-0.01, 1.01), ylim=(-3.2, 3.2))


def likely(times, finer=161):
    """The density of x, a column a time, each scaled to its own peak."""
    x = np.linspace(-3.2, 3.2, finer)[:, None]
    spread = (1 - times) ** 2 * WIDTH**2 + times**2
    table = sum(np.exp(-((x - (1 - times) * heap) ** 2) / (2 * spread)) for heap in HEAPS)
    return table / table.max(axis=0)


def draw_ends(axis, student):
    """Histograms of where 4,000 starts end."""

    def v(x, t):
        return of_heaps(student, np.asarray(x, dtype=float), t)

    x1 = np.random.default_rng(0).standard_normal((4000, 1))
    bins = np.linspace(-3, 3, 61)
    middles = (bins[1:] + bins[:-1]) / 2
    heaps = sum(np.exp(-((middles - heap) ** 2) / (2 * WIDTH**2)) for heap in HEAPS) / (2 * WIDTH * np.sqrt(2 * np.pi))
    frame(axis, "x at t = 0", "density", "Where your euler ends, from 4,000 starts")
    axis.fill_between(middles, heaps, color="0.85")
    label_at(axis, 0, heaps.max(), "grey ground: the data", shift=(0, 2))
    for i, steps in enumerate(STEPS):
        ends = attempt(axis, lambda n=steps: np.asarray(student.euler(v, x1, n), dtype=float))
        if ends is None:
            return
        found, _ = np.histogram(ends, bins, density=True)
        axis.plot(middles, found, **series(i), markevery=6, label=f"{steps} steps")
    axis.set_ylim(0, 0.8)


def draw_error(axis, student):
    """Against where the path of Gaussian data leads: x1 standard deviations from the mean."""
    x1, counts = np.linspace(-2, 2, 9)[:, None], np.array([1, 2, 4, 8, 16, 32, 64, 128])

    def v(x, t):
        return np.asarray(student.gaussian_velocity(np.asarray(x, dtype=float), t, 0.5, 4.0), dtype=float)

    def error(steps):
        return float(np.max(np.abs(np.asarray(student.euler(v, x1, int(steps)), dtype=float) - (0.5 + 2 * x1))))

    errors = attempt(axis, lambda: [error(steps) for steps in counts])
    if errors is None:
        return
    axis.loglog(counts, np.maximum(errors, 1e-12), **series(0))
    axis.loglog(counts, 2.0 / counts, color=GREY, linestyle="--")
    label_at(axis, counts[4], errors[4], "your euler", BLUE, (6, 4), ha="left")
    label_at(axis, counts[4], 2.0 / counts[4], "∝ 1 / n", GREY, (-6, -6), ha="right")
    told = "largest distance to the path's end (logarithmic)"
    frame(axis, "number of steps n (logarithmic)", told, "Its error on Gaussian data")
