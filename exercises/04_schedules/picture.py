"""What 04 looks like: two schedules for T = 1000, and one digit on its way through each."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, mosaic, say, show_image
from autograder.style import LABEL, frame, head, label_ends, series, suptitle

T = 1000
LEVELS = [0, 200, 400, 600, 800, 999]


def draw(student) -> Figure:
    """Top: your betas and alpha_bars. Below: a digit mixed by your alpha_bars at six levels of each schedule."""
    rows = {name: [f"{name} {t}" for t in LEVELS] for name in ("linear", "cosine")}
    layout = [[[["betas", "alpha_bars"]]], [[*rows.values()]]]
    figure, axes = mosaic(layout, width=9, height=7.2, height_ratios=[3, 3.7])
    left, right = axes["betas"], axes["alpha_bars"]
    head(left, "beta_t: dirt added by one step")
    head(right, "alpha_bar_t: share of variance that is still signal")
    names = {left: [], right: []}
    for i, name in enumerate(rows):
        row = [axes[place] for place in rows[name]]
        betas = attempt(row[0], lambda n=name: as_row(getattr(student, f"{n}_betas")(T)))
        levels = None
        if betas is not None:
            left.semilogy(betas, **series(i), markevery=100)
            names[left].append(name)
            levels = attempt(row[0], lambda b=betas: as_row(student.alpha_bars(b)))
        if levels is not None:
            right.plot(levels, **series(i), markevery=100)
            names[right].append(name)
        show_levels(row, name, levels)
    for axis, told in ((left, "beta_t, variance (logarithmic)"), (right, "alpha_bar_t, share")):
        if names[axis]:
            frame(axis, "t, in steps", told)
            axis.set_xlim(-10, T + 10)
            label_ends(axis, names[axis])
        else:
            say(axis, "nothing to draw yet, see below")
    suptitle(figure, f"Two ways to spend {T} steps")
    return figure


def show_levels(row, name, levels) -> None:
    """One digit with the same noise at six levels, the weights taken from alpha_bars."""
    digit = load_digits()[0][13].reshape(8, 8)
    eps = np.random.default_rng(0).standard_normal(digit.shape)
    for axis, t in zip(row, LEVELS, strict=True):
        level = np.nan if levels is None else float(levels[t])
        if not 0 <= level <= 1:
            show_image(axis, None, title=f"t = {t}")
            continue
        mixed = np.sqrt(level) * digit + np.sqrt(1 - level) * eps
        show_image(axis, mixed, title=f"t = {t}\nᾱ = {level:.2g}", limit=1.4)
    row[0].set_ylabel(name, fontsize=LABEL)


def as_row(values) -> np.ndarray:
    """T numbers, or a complaint."""
    row = np.asarray(values, dtype=float)
    if row.shape != (T,):
        raise ValueError(f"shape {row.shape}, expected ({T},)")
    return row
