"""What 16 looks like: digits that were wished for, the wish counting more and more, beside real ones."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, frames, show_grid, subplots
from autograder.style import suptitle

SCALES = (0.0, 0.5, 1.0, 2.0, 4.0)
ROWS, T, STEPS = 3, 100, 500


def draw(student) -> Figure:
    """A sheet for each w: a column a wish, 0 … 9. Last, a sheet of real digits, in the same order."""
    digits, labels = load_digits("train")
    alpha_bars = cosine_levels(T)
    figure, axes = subplots(3, 2, width=9.5, height=6.3)
    sheets = axes.ravel()
    params = attempt(sheets[0], lambda: student.train(digits, labels, alpha_bars, STEPS, np.random.default_rng(0)))
    for axis, w in zip(sheets, SCALES, strict=False):
        sheet = attempt(axis, lambda w=w: wished(student, params, w)) if params is not None else None
        read = "" if sheet is None else f"\nread as wished: {as_wished(sheet, digits, labels):.0%}"
        show_grid(axis, sheet, title=f"w = {w:g}{read}")
    real, real_labels = load_digits("held_out")
    columns = [real[real_labels == digit][:ROWS] for digit in range(10)]
    show_grid(sheets[-1], np.stack(columns, axis=1).reshape(-1, 64), title="real digits, held out\n")
    suptitle(figure, "Each column wishes for its digit, 0 to 9, from the same noise in every sheet")
    return figure


def draw_frames(student) -> list[Figure]:
    """The same wishes and the same noise under a scale w that grows from 0 to 4: the wish sets in."""
    digits, labels = load_digits("train")
    params = student.train(digits, labels, cosine_levels(T), STEPS, np.random.default_rng(0))
    scales = np.linspace(0, 4, 13)
    return frames([wished(student, params, float(w)) for w in scales], [f"w = {w:.2g}" for w in scales], columns=10)


def wished(student, params, w):
    """ROWS samples of each digit, one column a digit."""
    betas = betas_of(cosine_levels(T))
    x0 = student.sample(params, np.arange(10 * ROWS) % 10, w, betas, np.random.default_rng(1))
    return np.clip(np.asarray(x0, dtype=float), -1, 1)


def as_wished(sheet, digits, labels):
    """The share whose nearest training digit is the one that was wished for."""
    gaps = ((sheet[:, None] - digits[None]) ** 2).sum(axis=2)
    return float(np.mean(labels[np.argmin(gaps, axis=1)] == np.arange(len(sheet)) % 10))


def betas_of(alpha_bars):
    return 1 - alpha_bars / np.concatenate([[1.0], alpha_bars[:-1]])


def cosine_levels(num_timesteps):
    """Nichol & Dhariwal 2021, eq. 17, as alpha_bars (04)."""
    f = np.cos((np.arange(num_timesteps + 1) / num_timesteps + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(1 - np.minimum(1 - f[1:] / f[:-1], 0.999))
