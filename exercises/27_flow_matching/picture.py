"""What 27 looks like: lines that cross, averages that do not, where few and many steps end, and how the error falls."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import DARK, GREY

BLUE, RED, GREEN = "#0072B2", "#D55E00", "#009E73"
#: Data in two heaps: half of it around -1.5, half around 1.5.
HEAPS, WIDTH = (-1.5, 1.5), 0.35
STEPS = {2: (RED, "s"), 5: (GREEN, "^"), 50: (BLUE, "o")}


def draw(student) -> Figure:
    """Left: pairs on their lines, and paths of averages. Middle: where euler ends. Right: its error."""
    figure, axes = subplots(1, 3, width=13, height=4.3)
    draw_paths(axes[0, 0], student)
    draw_ends(axes[0, 1], student)
    draw_error(axes[0, 2], student)
    figure.suptitle("Straight lines between pairs, bent paths of their averages")
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
    axis.plot(times, lines, color=GREY, linewidth=0.9)
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
    axis.set(title="grey: pairs on their lines; blue: averages", xlabel="time t (data … noise)", ylabel="x")


def draw_ends(axis, student):
    """Histograms of where 4,000 starts end."""

    def v(x, t):
        return of_heaps(student, np.asarray(x, dtype=float), t)

    x1 = np.random.default_rng(0).standard_normal((4000, 1))
    bins = np.linspace(-3, 3, 61)
    middles = (bins[1:] + bins[:-1]) / 2
    density = sum(np.exp(-((middles - heap) ** 2) / (2 * WIDTH**2)) for heap in HEAPS) / (
        2 * WIDTH * np.sqrt(2 * np.pi)
    )
    axis.fill_between(middles, density, color="0.85")
    axis.annotate("the data", (-2.95, 0.32), color=DARK)
    for steps, (colour, mark) in STEPS.items():
        ends = attempt(axis, lambda n=steps: np.asarray(student.euler(v, x1, n), dtype=float))
        if ends is None:
            return
        found, _ = np.histogram(ends, bins, density=True)
        axis.plot(
            middles, found, color=colour, marker=mark, markevery=6, markersize=4, linewidth=1.2, label=f"{steps} steps"
        )
    axis.set_ylim(0, 1.35)
    axis.legend(loc="upper center", ncols=3, frameon=False, fontsize=8)
    axis.set(title="where euler ends", xlabel="x at t = 0", ylabel="density")


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
    axis.loglog(counts, np.maximum(errors, 1e-12), color=BLUE, marker="o", markersize=5)
    axis.loglog(counts, 2.0 / counts, color=GREY, linestyle="--")
    axis.annotate("1 / n", (counts[5], 2.0 / counts[5]), xytext=(4, 6), textcoords="offset points", color=DARK)
    axis.set(
        title="its error on Gaussian data", xlabel="number of steps n", ylabel="largest distance to the path's end"
    )
