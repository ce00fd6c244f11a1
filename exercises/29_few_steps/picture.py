"""What 29 looks like: error and quality by the number of questions, digits in few of them, and paths with one answer.

The table needs no samples: on Gaussian data every step is linear in each principal direction, so what becomes of a
start of 1 is all there is to know, and two Gaussians with common directions have a Fréchet distance in closed form.
"""

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, show_grid, subplots
from autograder.style import BLUE, DARK, GREY, LABEL, TICK, VERMILION, frame, head, ink, label_at, series, suptitle

HIGH, LOW, RHO = 80.0, 0.002, 7.0
QUESTIONS = (1, 3, 7, 15, 31, 63)
#: Two clean points, -1 and 1; paths from these places at level START down to END.
PLACES, START, END = (-3.4, -1.2, -0.2, 0.2, 1.2, 3.4), 3.0, 0.05


def draw(student) -> Figure:
    """Your sample beside plain steps, and your consistency along paths that the picture works out itself."""
    figure, axes = subplots(2, 2, width=11, height=8.2)
    show_error(axes[0, 0], student)
    show_digits(axes[0, 1], student)
    show_table(axes[1, 0], student)
    show_paths(axes[1, 1], student)
    suptitle(figure, "Your Heun beside plain steps (which are DDIM's), and one answer for a whole path")
    return figure


def plain(denoiser, sigmas, x):
    """What Heun is compared with: one question a step."""
    for s, s_next in pairwise(sigmas):
        x = x + (s_next - s) * (x - denoiser(x, s)) / s
    return x


def levels_of(student, questions, heun):
    """The levels, 0 at the end, over which so many questions are asked: two a Heun step but for the last."""
    steps = (questions + 1) // 2 if heun else questions
    above = student.karras_sigmas(steps, LOW, HIGH, RHO) if steps > 1 else [HIGH]
    return np.append(np.asarray(above, dtype=float), 0.0)


def show_error(axes, student):
    """How far both end from the exact path, for one Gaussian pixel from level 10 to 0.1."""
    mean, var = 0.5, 0.25
    head(axes, "Error at the end, one Gaussian pixel from s = 10 to 0.1")
    x = np.linspace(-20, 20, 9)[:, None]
    exact = mean + (x - mean) * np.sqrt((var + 0.1**2) / (var + 10.0**2))
    counts = np.array([4, 8, 16, 32, 64, 128, 256])

    def error(walk, steps):
        levels = np.asarray(student.karras_sigmas(int(steps) + 1, 0.1, 10.0, RHO), dtype=float)
        end = np.asarray(walk(lambda x, s: mean + (x - mean) * var / (var + s * s), levels, x), dtype=float)
        return float(np.max(np.abs(end - exact)))

    errors = attempt(axes, lambda: [[error(student.sample, n // 2), error(plain, n)] for n in counts])
    if errors is None:
        return
    heun, euler = np.transpose(errors)
    axes.loglog(counts, heun, **series(0))
    axes.loglog(counts, euler, **series(1))
    label_at(axes, counts[4], euler[4], "plain steps", VERMILION, (4, 6), ha="left")
    label_at(axes, counts[4], heun[4], "your Heun", BLUE, (6, 4), ha="left")
    frame(axes, "number of questions to the denoiser (logarithmic)", "largest distance to the exact end (logarithmic)")


def show_digits(axes, student):
    """The same eight starts under the denoiser that knows the training digits by heart."""
    data = load_digits("train")[0]
    head(axes, "Same noise, more questions (exact denoiser: copies)")
    x = HIGH * np.random.default_rng(3).standard_normal((8, data.shape[1]))
    rows = [
        ("plain 7", 7, False), ("Heun 7", 7, True), ("plain 15", 15, False),
        ("Heun 15", 15, True), ("Heun 31", 31, True),
    ]  # fmt: skip

    def sheet():
        ends = []
        for _, questions, heun in rows:
            walk = student.sample if heun else plain
            end = walk(lambda x, s: by_heart(np.asarray(x, float), s, data), levels_of(student, questions, heun), x)
            ends.append(np.clip(np.asarray(end, dtype=float), -1.2, 1.2))
        return np.concatenate(ends).reshape(-1, 8, 8)

    digits = attempt(axes, sheet)
    if digits is None:
        return
    show_grid(axes, digits, columns=8, title=axes.get_title(), limit=1.2)
    axes.set_yticks([9 * row + 4 for row in range(len(rows))], [name for name, *_ in rows])
    axes.tick_params(length=0, labelsize=LABEL)


def show_table(axes, student):
    """The Fréchet distances as coloured cells; the best of each column is bold."""
    head(axes, "Fréchet distance to Gaussian data with\nthe digits' spread, exact denoiser")
    values = attempt(axes, lambda: frechet_table(student))
    if values is None:
        return
    axes.imshow(np.log10(np.maximum(values, 1e-12)), cmap="cividis_r", aspect="auto", vmin=-2.5, vmax=3)
    for (row, column), value in np.ndenumerate(values):
        best = np.isclose(value, values[:, column].min())
        axes.text(
            column, row, f"{value:.2g}" if value < 100 else f"{value:.0f}", ha="center", va="center", fontsize=9,
            color="white" if value > 3 else "black", weight="bold" if best else "normal",
        )  # fmt: skip
    axes.set_xticks(range(len(QUESTIONS)), QUESTIONS)
    axes.set_yticks([0, 1], ["plain", "Heun"])
    axes.tick_params(labelsize=TICK)
    axes.set_xlabel("number of questions; bold: the best of its column", fontsize=LABEL)


def show_paths(axes, student):
    """Paths to two clean points, and what your consistency says along them around two networks."""
    told = "level s (logarithmic): noise on the left, clean on the right"
    frame(axes, told, "x, one pixel", "Paths to two clean points, and your consistency along them")
    levels = np.geomspace(START, END, 400)
    paths = paths_to_two_points(levels)
    axes.semilogx(levels, paths, color=GREY, linewidth=1)
    asked = np.arange(0, len(levels), 57)
    told = attempt(axes, lambda: [along(student, levels[asked], path[asked], path[-1]) for path in paths.T])
    axes.set_xlim(START * 1.1, END / 1.1)
    if told is None:
        return
    for ideal, _ in told:
        axes.semilogx(levels[asked], ideal, "o:", color=BLUE, markersize=4, linewidth=1)
    axes.semilogx(levels[asked], told[-1][1], "x--", color=VERMILION, markersize=5, linewidth=1)
    for y, colour, text in (
        (3.6, DARK, "— a path"),
        (3.1, BLUE, "●  f around the right network"),
        (2.6, VERMILION, "×  f of the uppermost path,\n    around a network that says 0"),
    ):
        axes.text(0.9, y, text, color=ink(colour), fontsize=8, va="top")


def along(student, levels, path, end):
    """f at places of a path around the network that is right there, and around one that says 0."""

    def right(x, s):
        skip, out = 0.25 / ((s - END) ** 2 + 0.25), 0.5 * (s - END) / np.sqrt(0.25 + s * s)
        return (end - skip * np.asarray(x, dtype=float)) / out if out > 0 else np.zeros_like(x)

    def asked(net, x, s):
        return float(np.ravel(student.consistency(net, np.array([[x]]), float(s), END))[0])

    places = list(zip(path, levels, strict=True))
    return [asked(right, x, s) for x, s in places], [asked(lambda x, s: np.zeros_like(x), x, s) for x, s in places]


def paths_to_two_points(levels):
    """From all PLACES, in small midpoint steps, `(levels, places)`: the exact denoiser of -1 and 1 is tanh(x / s²)."""
    x = np.array(PLACES)
    rows = [x]
    for s, s_next in pairwise(levels):
        half = (s + s_next) / 2
        middle = x + (half - s) * (x - np.tanh(x / s**2)) / s
        x = x + (s_next - s) * (middle - np.tanh(middle / half**2)) / half
        rows.append(x)
    return np.array(rows)


def by_heart(x, s, data):
    """The mean of the clean sample when the data are these rows, each as likely: a softmax over distances."""
    fit = (x @ data.T - np.sum(data**2, axis=1) / 2) / s**2
    weights = np.exp(fit - fit.max(axis=1, keepdims=True))
    return weights @ data / weights.sum(axis=1, keepdims=True)


def frechet_table(student):
    """Fréchet distances (squared, as FID), `(2, len(QUESTIONS))`: plain steps, and Heun's."""
    images, _ = load_digits("all")
    variances = np.clip(np.linalg.eigvalsh(np.cov(images.T)), 0.0, None)

    def distance(questions, heun):
        walk = student.sample if heun else plain
        levels = levels_of(student, questions, heun)
        ones = HIGH * np.ones((1, len(variances)))
        end = walk(lambda x, s: np.asarray(x, float) * variances / (variances + s * s), levels, ones)
        return float(np.sum((np.abs(np.asarray(end, dtype=float)) - np.sqrt(variances)) ** 2))

    return np.array([[distance(questions, heun) for questions in QUESTIONS] for heun in (False, True)])
