"""`python tests/tools/draw_map.py [FILE]`: exercises/map.png, drawn with the reference solutions, or another file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from numpy.typing import NDArray

from autograder.course import Course
from autograder.diffusion.digits import load_digits
from autograder.pictures import save, show_image
from autograder.sources import load_reference
from autograder.style import BLUE, DARK, GREEN, TITLE, VERMILION, ink

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "exercises" / "map.png"
NEEDED = ("schedules", "noisy_sample", "exact_denoiser", "train_denoiser", "ddim")
T, SHOWN, ASKED = 1000, (150, 300, 450, 600, 999), 300
#: Inches: the whole, one image, from one image's left edge to the next one's, and the lower edges of the rows.
WIDTH, HEIGHT, SIDE, APART, ROWS = 11.0, 6.6, 1.4, 1.8, (4.65, 2.4, 0.15)
LEFT = (WIDTH - 5 * APART - SIDE) / 2
#: A digit that is dirtied, noise that becomes another one, and how long the network learns.
CLEAN, SEED, STEPS = 10, 4, 4000
#: Grey values of noisy images, as far as they are told apart.
NOISY = 1.6
LOSS = """How far apart these two are
is the loss. Training makes it
smaller, with other images,
levels and noise every time."""


def draw() -> Figure:
    """Three rows: a digit on its way into noise, what is learned from it, and noise on its way to a new digit."""
    course = Course.load(ROOT)
    of = {slug: load_reference(course.exercise(slug)) for slug in NEEDED}
    levels = of["schedules"].alpha_bars(of["schedules"].cosine_betas(T))
    digits, _ = load_digits("train")
    rng = np.random.default_rng(SEED)
    clean, eps = digits[CLEAN : CLEAN + 1], rng.standard_normal((1, 64))
    figure = Figure(figsize=(WIDTH, HEIGHT))
    FigureCanvasAgg(figure)
    dirty = {t: of["noisy_sample"].add_noise(clean, eps, t, levels) for t in SHOWN}
    dirty_row(figure, clean, dirty)
    params = of["train_denoiser"].train(digits, levels, STEPS, np.random.default_rng(0))
    learn_row(figure, dirty[ASKED], of["train_denoiser"].denoise(params, dirty[ASKED], ASKED, levels), eps)
    clean_row(figure, *walk_back(of, digits, levels, rng))
    return figure


def dirty_row(figure: Figure, clean: NDArray[Any], dirty: dict[int, NDArray[Any]]) -> None:
    row_title(figure, 0, BLUE, "1  Dirty it: add noise, a pinch at a time, until nothing else is left", "dirty-it")
    place(figure, 0, 0, clean, "real image")
    for column, t in enumerate(SHOWN, 1):
        axes = place(figure, 0, column, dirty[t], named(t), NOISY)
        arrow(figure, 0, column - 1, column, BLUE)
        if t == ASKED:
            outline(axes)


def learn_row(figure: Figure, dirty: NDArray[Any], guess: NDArray[Any], eps: NDArray[Any]) -> None:
    """The question that a network is trained on: a noisy image, the level, its guess, and the answer that is known."""
    told = "2  Learn to predict the noise: we added it ourselves, so the answer is known"
    row_title(figure, 1, GREEN, told, "learn-the-noise")
    outline(place(figure, 1, 0, dirty, f"noisy image, t = {ASKED}", NOISY))
    network(figure, 1)
    place(figure, 1, 2, guess, "its guess of the noise", NOISY)
    place(figure, 1, 3, eps, "the noise we added", NOISY)
    for start, end, style in ((0, 1, "-|>"), (1, 2, "-|>"), (2, 3, "<|-|>")):
        arrow(figure, 1, start, end, GREEN, style)
    figure.text((LEFT + 4 * APART) / WIDTH, middle(1), LOSS, fontsize=10.5, va="center", color=DARK, linespacing=1.5)


def clean_row(figure: Figure, seen: dict[int, NDArray[Any]], made: NDArray[Any]) -> None:
    told = "3  Clean it: ask which part is noise, take a little of it off, and ask again"
    row_title(figure, 2, VERMILION, told, "clean-it")
    place(figure, 2, 0, made, "new image")
    for column, t in enumerate(SHOWN, 1):
        place(figure, 2, column, seen[t], named(t), NOISY)
        arrow(figure, 2, column, column - 1, VERMILION)


def walk_back(of: dict[str, Any], digits: NDArray[Any], levels: NDArray[Any], rng: np.random.Generator) -> Any:
    """What an exact denoiser of the digits is asked at SHOWN on the way from noise, and what comes out."""
    x, seen = rng.standard_normal((1, 64)), {}
    for t in range(T - 1, -1, -1):
        seen[t] = x
        eps_hat = of["exact_denoiser"].empirical_eps(x, t, levels, digits)
        x = of["ddim"].ddim_step(x, eps_hat, t, t - 1, levels)
    return seen, x


def named(t: int) -> str:
    return "all noise" if t == T - 1 else f"t = {t}"


def middle(row: int) -> float:
    return (ROWS[row] + SIDE / 2) / HEIGHT


def place(figure: Figure, row: int, column: int, image: NDArray[Any], title: str, limit: float = 1.0) -> Axes:
    """An image in its place, under its title."""
    box = (LEFT + column * APART, ROWS[row], SIDE, SIDE)
    axes = figure.add_axes((box[0] / WIDTH, box[1] / HEIGHT, box[2] / WIDTH, box[3] / HEIGHT))
    show_image(axes, image, title, limit)
    return axes


def outline(axes: Axes) -> None:
    """Both places where the same image stands."""
    for spine in axes.spines.values():
        spine.set(color=GREEN, linewidth=3.5)


def row_title(figure: Figure, row: int, colour: str, text: str, unit: str) -> None:
    """What happens in a row, and at its end the unit's name."""
    height, edge = (ROWS[row] + SIDE + 0.34) / HEIGHT, LEFT / WIDTH
    figure.text(edge, height, text, fontsize=12, weight="bold", color=ink(colour))
    figure.text(1 - edge, height, unit, fontsize=10, family="monospace", ha="right", color=ink(colour))


def arrow(figure: Figure, row: int, start: int, end: int, colour: str, style: str = "-|>") -> None:
    """From one place to its neighbour, in the gap between them."""
    low, high = LEFT + min(start, end) * APART + SIDE + 0.05, LEFT + max(start, end) * APART - 0.05
    ends = (low, high) if end > start else (high, low)
    points = [(x / WIDTH, middle(row)) for x in ends]
    drawn = FancyArrowPatch(
        *points, arrowstyle=style, mutation_scale=13, color=colour, linewidth=1.8, shrinkA=0, shrinkB=0,
        transform=figure.transFigure,
    )  # fmt: skip
    figure.add_artist(drawn)


def network(figure: Figure, column: int) -> None:
    """A box in the learning row."""
    x, y = LEFT + column * APART, ROWS[1]
    box = FancyBboxPatch(
        (x / WIDTH, y / HEIGHT), SIDE / WIDTH, SIDE / HEIGHT, boxstyle="round,pad=0,rounding_size=0.01",
        facecolor="#E7F5F0", edgecolor=GREEN, linewidth=1.8, transform=figure.transFigure,
    )  # fmt: skip
    figure.add_artist(box)
    told = "one network,\nfor all levels:\n\nwhich part\nis noise?"
    figure.text((x + SIDE / 2) / WIDTH, middle(1), told, ha="center", va="center", fontsize=TITLE, color=DARK)


if __name__ == "__main__":
    save(draw(), Path(sys.argv[1]) if sys.argv[1:] else PATH, dpi=100)
