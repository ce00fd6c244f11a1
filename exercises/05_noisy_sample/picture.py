"""What 05 looks like: one sample dissolving, what comes back of it, and the two weights behind it."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, mosaic, show_image
from autograder.style import GREY, LABEL, frame, label_ends, series, suptitle

ALPHA_BARS = np.cumprod(1.0 - np.linspace(1e-4, 0.02, 1000))
LEVELS = (0, 150, 300, 500, 999)
#: Where the two weights are asked for.
EVERY = (*range(0, 1000, 50), 999)


def draw(student) -> Figure:
    """Your add_noise at five levels, your predict_x0 on those samples, given the noise; and what the weights are."""
    x0 = smiley()[None]
    eps = np.random.default_rng(0).standard_normal(x0.shape)
    rows = [[f"{name} {t}" for t in LEVELS] for name in ("noisy", "back")]
    figure, axes = mosaic([[rows], ["weights"]], width=9, height=6.2, height_ratios=[3.8, 2.1])
    for top, bottom, t in zip(*([axes[name] for name in row] for row in rows), LEVELS, strict=True):
        x_t = attempt(top, lambda t=t: student.add_noise(x0, eps, t, ALPHA_BARS))
        show_image(top, x_t, title=f"t = {t}\nᾱ = {ALPHA_BARS[t]:.2g}", limit=1.4)
        back = None if x_t is None else attempt(bottom, lambda x=x_t, t=t: student.predict_x0(x, eps, t, ALPHA_BARS))
        show_image(bottom, back, limit=1.4)
    axes[rows[0][0]].set_ylabel("add_noise", fontsize=LABEL)
    axes[rows[1][0]].set_ylabel("predict_x0", fontsize=LABEL)
    show_weights(axes["weights"], student)
    suptitle(figure, "One jump to any level, and back when the noise is known")
    return figure


def show_weights(axis, student) -> None:
    """What add_noise makes of a sample that is all 1 without noise, and of a 0 with noise 1."""
    one, nothing = np.ones((1, 1)), np.zeros((1, 1))

    def weights(x0, eps):
        made = [student.add_noise(x0, eps, t, ALPHA_BARS) for t in EVERY]
        return np.array([float(np.asarray(x_t, dtype=float).reshape(())) for x_t in made])

    both = attempt(axis, lambda: [weights(one, nothing), weights(nothing, one)])
    if both is None:
        return
    for i, values in enumerate(both):
        axis.plot(EVERY, values, **series(i))
    axis.plot(EVERY, both[0] ** 2 + both[1] ** 2, color=GREY, linestyle=(0, (1, 2)))
    frame(axis, "level t, in steps", "weight in x_t", "The two weights of your add_noise")
    axis.set(xlim=(-10, 1010), ylim=(-0.05, max(1.15, 1.1 * float(np.nanmax(both)))))
    label_ends(axis, ["signal, x0", "noise, eps", "sum of squares"])


def smiley() -> np.ndarray:
    """A 16×16 face in [-1, 1], drawn from circles."""
    y, x = np.mgrid[-1:1:16j, -1:1:16j]
    face = np.where(x**2 + y**2 < 0.9, 0.6, -1.0)
    for side in (-0.38, 0.38):
        face[(x - side) ** 2 + (y + 0.3) ** 2 < 0.03] = -0.8
    smile = (np.hypot(x, y - 0.05) > 0.45) & (np.hypot(x, y - 0.05) < 0.65) & (y > 0.2)
    face[smile] = -0.8
    return face
