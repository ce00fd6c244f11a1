"""What 21 looks like: digits made in smaller and smaller spaces, how far from real ones and how long it took."""

import time

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, frames, show_grid, subplots
from autograder.style import suptitle

SPACES = (4, 8, 16, 32)
BETAS = np.linspace(1e-3, 0.2, 100)
SAMPLES = 400


def draw(student) -> Figure:
    """Top and left: samples of your chain in four spaces. Then the same in pixels, and real digits."""
    digits, labels = load_digits("train")
    unseen = load_digits("held_out")[0]
    figure, axes = subplots(3, 2, width=9.5, height=7.6)
    sheets = axes.ravel()
    for axis, k in zip(sheets, SPACES, strict=False):
        made = attempt(axis, lambda k=k: in_space(student, digits, labels, k))
        show_grid(axis, None if made is None else shown(made[0]), title=f"{k} latents" + told(made, unseen))
    pixels = in_pixels(digits, labels)
    show_grid(sheets[4], shown(pixels[0]), title="pixels, no space at all" + told(pixels, unseen))
    show_grid(sheets[5], unseen[:40], title="real digits, held out\n")
    suptitle(figure, "The same exact denoiser, one Gaussian a digit, in smaller and larger spaces")
    return figure


def draw_frames(student) -> list[Figure]:
    """Sixteen latents of sixteen numbers on every fifth level, decoded by your to_picture."""
    digits, labels = load_digits("train")
    space, seen = student.fit_space(digits, 16), []
    exact = gaussian_a_class(np.asarray(student.to_latent(digits, space), dtype=float), labels)

    def model(z, t):
        seen.append((int(np.max(t)), np.array(z, dtype=float)))
        return exact(seen[-1][1], t)

    x0 = np.asarray(student.sample(model, space, 16, BETAS, np.random.default_rng(0)), dtype=float)
    shown = seen[::5]
    stages = [np.asarray(student.to_picture(z, space), dtype=float) for _, z in shown]
    return frames([*stages, x0], [*(f"t = {t}, decoded" for t, _ in shown), "returned"])


def in_space(student, digits, labels, k):
    """Samples of the student's chain, and the seconds that they took."""
    space = student.fit_space(digits, k)
    model = gaussian_a_class(np.asarray(student.to_latent(digits, space), dtype=float), labels)
    start = time.perf_counter()
    x0 = student.sample(model, space, SAMPLES, BETAS, np.random.default_rng(0))
    return np.asarray(x0, dtype=float), time.perf_counter() - start


def in_pixels(digits, labels):
    """The same chain without a space."""
    model, rng, alpha_bars = gaussian_a_class(digits, labels), np.random.default_rng(0), np.cumprod(1 - BETAS)
    start = time.perf_counter()
    x = rng.standard_normal((SAMPLES, digits.shape[1]))
    for t in range(len(BETAS) - 1, -1, -1):
        before = alpha_bars[t - 1] if t else 1.0
        x = (x - BETAS[t] / np.sqrt(1 - alpha_bars[t]) * model(x, t)) / np.sqrt(1 - BETAS[t])
        x += np.sqrt(BETAS[t] * (1 - before) / (1 - alpha_bars[t])) * rng.standard_normal(x.shape)
    return x, time.perf_counter() - start


def shown(x0):
    return np.clip(x0[:40], -1, 1)


def told(made, unseen):
    """Distance to real digits, and time."""
    if made is None or np.shape(made[0])[1:] != unseen.shape[1:]:
        return "\n"
    return f"\nFréchet distance {frechet(made[0], unseen):.1f}, {made[1]:.2f} s"


def frechet(a, b):
    """Heusel et al. 2017: of the Gaussians fitted to both sets (13)."""
    root_values, vectors = np.linalg.eigh(np.cov(a.T))
    half = (vectors * np.sqrt(np.maximum(root_values, 0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(half @ np.cov(b.T) @ half), 0)).sum()
    spread = np.trace(np.cov(a.T)) + np.trace(np.cov(b.T)) - 2 * cross
    return float(np.sum((a.mean(axis=0) - b.mean(axis=0)) ** 2) + spread)


def gaussian_a_class(rows, labels):
    """eps of a mixture with one Gaussian for each digit, exact at every level (08)."""
    alpha_bars, parts = np.cumprod(1 - BETAS), []
    for digit in range(10):
        mine = rows[labels == digit]
        var, axes = np.linalg.eigh(np.cov(mine.T) + 1e-3 * np.eye(rows.shape[1]))
        parts.append((np.log(len(mine)), mine.mean(axis=0), var, axes))

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
