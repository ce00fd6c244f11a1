"""What 18 looks like: digits edited at several strengths, and half-known digits filled in, beside a baseline."""

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, frames, show_grid, subplots
from autograder.style import LABEL, ORANGE, head, suptitle

T = 50
SHOWN, MEASURED, REPEATS = 8, 24, 8
STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def draw(student) -> Figure:
    """Left: your edit, one strength a row. Right: your inpaint with the left half known, and the baselines."""
    images, labels = load_digits("train")
    betas = cosine_betas()
    model = gaussian_a_class(images, labels, betas)
    x = load_digits("held_out")[0][2 : 2 + MEASURED]
    figure, ((left, right),) = subplots(1, 2, width=11, height=4.4)
    head(left, "edit: the stronger, the less is kept")
    attempt(left, lambda: show_rows(left, *edit_sheet(student, model, x[:SHOWN], betas)))
    head(right, "inpaint: left half known (rms error of the right half)")
    if attempt(right, lambda: show_rows(right, *inpaint_sheet(student, model, x, images, betas))):
        mark_seam(right)
    suptitle(
        figure,
        "Model: the exact denoiser of one Gaussian a class. Copying the nearest neighbour's half needs no model\n"
        "and is the baseline to name: at 8×8 pixels a single inpainting is usually farther from the truth.\n"
        "Dashed: the seam between what is known and what your inpaint made",
    )
    return figure


def draw_frames(student) -> list[Figure]:
    """Your inpaint at every second level: the left half is known, and noisy as the level wants it."""
    images, labels = load_digits("train")
    betas, seen = cosine_betas(), []
    exact = gaussian_a_class(images, labels, betas)

    def model(x_t, t):
        seen.append((int(np.max(t)), np.array(x_t, dtype=float)))
        return exact(seen[-1][1], t)

    x = load_digits("held_out")[0][2 : 2 + SHOWN]
    mask = np.broadcast_to(np.tile(np.arange(8) < 4, 8), x.shape).copy()
    x0 = np.asarray(student.inpaint(model, x, mask, betas, np.random.default_rng(1)), dtype=float)
    shown = seen[::2]
    return frames([*(x for _, x in shown), x0], [*(f"t = {t}" for t, _ in shown), "returned"])


def edit_sheet(student, model, x, betas):
    """One row of pictures a strength, and the rows' names."""
    rows = [student.edit(model, x, s, betas, np.random.default_rng(0)) for s in STRENGTHS]
    sheet = np.stack([np.asarray(row, dtype=float).reshape(SHOWN, 64) for row in rows])
    return sheet, [f"strength {s:g}" for s in STRENGTHS]


def inpaint_sheet(student, model, x, images, betas):
    """Rows: truth, what is known, two inpaintings, the mean of eight, nearest neighbour; and their names."""
    mask = np.tile(np.arange(8) < 4, 8)
    known = np.where(mask, x, -0.25)
    many = np.tile(known, (REPEATS, 1))
    filled = student.inpaint(model, many, np.broadcast_to(mask, many.shape).copy(), betas, np.random.default_rng(1))
    filled = np.asarray(filled, dtype=float).reshape(REPEATS, *x.shape)
    gaps = ((x[:, None, mask] - images[None][:, :, mask]) ** 2).sum(axis=2)
    neighbour = np.where(mask, x, images[gaps.argmin(axis=1)])

    def error(guess):
        return np.sqrt(np.mean((guess - x)[..., ~mask] ** 2))

    rows = [x, known, filled[0], filled[1], filled.mean(axis=0), neighbour]
    names = [
        "truth",
        "known",
        f"inpainted\n{error(filled):.2f}",
        "once more",
        f"mean of {REPEATS}\n{error(filled.mean(axis=0)):.2f}",
        f"nearest\nneighbour\n{error(neighbour):.2f}",
    ]
    return np.stack([row[:SHOWN] for row in rows]), names


def show_rows(axes, sheet, names) -> bool:
    """A sheet `(rows, SHOWN, 64)` with a name at each row; True once it is drawn."""
    show_grid(axes, sheet.reshape(-1, 64), columns=SHOWN, title=axes.get_title())
    axes.set_yticks([9 * i + 3.5 for i in range(len(names))], names, fontsize=LABEL)
    axes.tick_params(length=0)
    return True


def mark_seam(axes) -> None:
    """A dashed line between the known half and the rest, in all rows but the truth."""
    for column in range(SHOWN):
        axes.plot([9 * column + 3.5] * 2, [8.5, 53.5], linestyle=(0, (4, 3)), color=ORANGE, linewidth=1.2)


def cosine_betas() -> np.ndarray:
    """The cosine schedule of 04."""
    level = [np.cos((k / T + 0.008) / 1.008 * np.pi / 2) ** 2 for k in range(T + 1)]
    return np.array([min(1 - after / before, 0.999) for before, after in pairwise(level)])


def gaussian_a_class(images, labels, betas):
    """eps of a mixture with one Gaussian for each of the ten digits, exact at every level (08)."""
    alpha_bars = np.cumprod(1.0 - betas)
    parts = []
    for digit in range(10):
        pictures = images[labels == digit]
        var, axes = np.linalg.eigh(np.cov(pictures.T) + 1e-3 * np.eye(64))
        parts.append((np.log(len(pictures)), pictures.mean(axis=0), var, axes))

    def model(x_t, t):
        level = alpha_bars[int(np.max(t))]
        logs, guesses = [], []
        for log_count, mean, var, axes in parts:
            gap, spread = (x_t - np.sqrt(level) * mean) @ axes, level * var + 1 - level
            logs.append(log_count - 0.5 * np.sum(gap**2 / spread + np.log(spread), axis=1))
            guesses.append(np.sqrt(1 - level) * (gap / spread) @ axes.T)
        share = np.exp(np.array(logs) - np.max(logs, axis=0))
        share /= share.sum(axis=0)
        return np.einsum("kb,kbd->bd", share, np.array(guesses))

    return model
