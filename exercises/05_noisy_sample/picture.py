"""What 05 looks like: one sample dissolving, and what comes back of it."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, show_image, subplots
from autograder.style import LABEL, suptitle


def draw(student) -> Figure:
    """Top row: your add_noise at five levels. Bottom row: your predict_x0 on those samples, given the noise."""
    alpha_bars = np.cumprod(1.0 - np.linspace(1e-4, 0.02, 1000))
    levels = [0, 150, 300, 500, 999]
    x0 = smiley()[None]
    eps = np.random.default_rng(0).standard_normal(x0.shape)
    figure, axes = subplots(2, len(levels), width=9)
    for (top, bottom), t in zip(axes.T, levels, strict=True):
        x_t = attempt(top, lambda t=t: student.add_noise(x0, eps, t, alpha_bars))
        show_image(top, x_t, title=f"t = {t}\nᾱ = {alpha_bars[t]:.3f}")
        back = None if x_t is None else attempt(bottom, lambda x=x_t, t=t: student.predict_x0(x, eps, t, alpha_bars))
        show_image(bottom, back)
    axes[0, 0].set_ylabel("add_noise", fontsize=LABEL)
    axes[1, 0].set_ylabel("predict_x0", fontsize=LABEL)
    suptitle(figure, "One jump to any level, and back when the noise is known")
    return figure


def smiley() -> np.ndarray:
    """A 16×16 face in [-1, 1], drawn from circles."""
    y, x = np.mgrid[-1:1:16j, -1:1:16j]
    face = np.where(x**2 + y**2 < 0.9, 0.6, -1.0)
    for side in (-0.38, 0.38):
        face[(x - side) ** 2 + (y + 0.3) ** 2 < 0.03] = -0.8
    smile = (np.hypot(x, y - 0.05) > 0.45) & (np.hypot(x, y - 0.05) < 0.65) & (y > 0.2)
    face[smile] = -0.8
    return face
