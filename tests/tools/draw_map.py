"""`python tests/tools/draw_map.py`: exercises/map.png, drawn with the reference solutions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograder.course import Course
from autograder.diffusion.digits import load_digits
from autograder.pictures import save, show_image, subplots
from autograder.sources import load_reference

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "exercises" / "map.png"
T, SHOWN = 1000, (0, 150, 300, 450, 600, 999)


def draw() -> None:
    """A digit on its way into noise, and noise on its way to a digit, by an exact denoiser of the digits."""
    course = Course.load(ROOT)
    needed = ("schedules", "noisy_sample", "exact_denoiser", "ddim")
    of = {slug: load_reference(course.exercise(slug)) for slug in needed}
    levels = of["schedules"].alpha_bars(of["schedules"].cosine_betas(T))
    digits, _ = load_digits("train")
    rng = np.random.default_rng(4)
    clean, eps = digits[7:8], rng.standard_normal((1, 64))
    figure, axes = subplots(2, len(SHOWN) + 1, width=11, height=3.7)
    show_image(axes[0, 0], clean, "real image")
    for axis, t in zip(axes[0, 1:], SHOWN, strict=True):
        show_image(axis, of["noisy_sample"].add_noise(clean, eps, t, levels), label(t, "add noise"))
    x, path = rng.standard_normal((1, 64)), list(range(T - 1, -1, -1))
    seen = {}
    for t in path:
        seen[t] = x
        eps_hat = of["exact_denoiser"].empirical_eps(x, t, levels, digits)
        x = of["ddim"].ddim_step(x, eps_hat, t, t - 1, levels)
    for axis, t in zip(axes[1, ::-1], (*SHOWN[::-1], None), strict=False):
        show_image(axis, x if t is None else seen[t], "new image" if t is None else label(t, "denoise"))
    for axis in axes.ravel():
        axis.title.set_fontsize(9)
    figure.suptitle("Above, to the right: dirty it. Below, to the left: clean it.", fontsize=10)
    save(figure, PATH, dpi=100)


def label(t: int, what: str) -> str:
    return "all noise" if t == T - 1 else f"{what}: t = {t}"


if __name__ == "__main__":
    draw()
