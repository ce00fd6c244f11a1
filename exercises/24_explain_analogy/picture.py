"""What 24 looks like: a photo that dissolves, and two new pictures that come out of dirt."""

from functools import cache

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, say, show_image, subplots
from autograder.style import BLUE, GREY, LABEL, frame, head, suptitle

PINCHES = (0, 1, 5, 20, 60)
NUM_TIMESTEPS = 60
SHOWN = (0, 30, 45, 52, 60)  # cleans made so far


def draw(student) -> Figure:
    """Top: a photo under your dirty, and its correlation. Below: your generate from two sheets of dirt."""
    figure, axes = subplots(3, len(PINCHES) + 1, width=10.5, height=6.0)
    _dissolve(axes[0], student)
    for row, seed in ((1, 1), (2, 4)):
        _emerge(axes[row], student, seed)
    title = "First dirty it, then clean it. The cleaner is an exact denoiser that knows 1,437 digits by heart,"
    suptitle(figure, f"{title}\nso what comes out are digits that it has seen, not new ones")
    return figure


def _dissolve(axes, student) -> None:
    photo = load_digits("held_out")[0][2].reshape(8, 8)
    kept = attempt(axes[0], lambda: _pinches(student, photo))
    for axis, pinches in zip(axes, PINCHES, strict=False):
        name = "one pinch" if pinches == 1 else f"{pinches} pinches" if pinches else "photo"
        image = None if kept is None else kept[0][pinches]
        show_image(axis, image, title=name, limit=1.0 if image is None else max(1.0, np.abs(image).max() * 0.8))
    axes[0].set_ylabel("dirty", fontsize=LABEL)
    curve = axes[-1]
    head(curve, "what is left")
    if kept is None:
        say(curve, "needs dirty")
        return
    frame(curve, "pinches", "correlation")
    curve.plot(kept[1], color=BLUE)
    for bound in (0.8, 0.35):
        curve.axhline(bound, color=GREY, linewidth=0.8, linestyle=":")
    curve.set_ylim(-0.1, 1.05)
    curve.set_yticks([0, 0.35, 0.8])
    curve.set_xticks([0, 60])


def _pinches(student, photo):
    """The photo after 0 … 60 pinches, and the correlation of a large even picture on the way."""
    small, even = photo, np.linspace(-1, 1, 4096)
    large, rng = even, np.random.default_rng(7)
    images, correlations = [small], [1.0]
    for _ in range(PINCHES[-1]):
        small = np.asarray(student.dirty(small, rng), dtype=np.float64)
        large = np.asarray(student.dirty(large, rng), dtype=np.float64)
        images.append(small)
        correlations.append(float(np.corrcoef(even, large)[0, 1]))
    return images, correlations


def _emerge(axes, student, seed) -> None:
    seen = []

    def net(x, t):
        seen.append(np.array(x, dtype=np.float64))
        return _dirt(seen[-1], int(np.ravel(t)[0]))

    picture = attempt(axes[0], lambda: student.generate(net, NUM_TIMESTEPS, np.random.default_rng(seed)))
    axes[0].set_ylabel(f"generate, seed {seed}", fontsize=LABEL)
    stages = [] if picture is None else [*seen, np.asarray(picture, dtype=np.float64)]
    for axis, cleans in zip(axes, SHOWN, strict=False):
        name = "all dirt" if cleans == 0 else f"{cleans} cleans"
        image = _rows(stages[cleans])[0] if cleans < len(stages) else None
        show_image(axis, image, title=name, limit=1.0 if cleans == NUM_TIMESTEPS else 1.5)
    end = axes[-1]
    show_image(end, None, title="nearest digit it knows")
    if not stages:
        say(end, "needs generate")
    elif (digits := _digits(_side(stages[-1]))) is None:
        say(end, "this cleaner knows square pictures up to 32×32 only")
    else:
        gaps = np.sum((digits - _rows(stages[-1])[0]) ** 2, axis=1)
        show_image(end, digits[np.argmin(gaps)], title="nearest digit it knows")


def _dirt(x, t):
    """The dirt to take off at level t: a DDIM step (19) of the exact denoiser (08) over the training digits."""
    digits = _digits(_side(x))
    if digits is None:
        return np.zeros_like(x)
    levels = np.cos(np.linspace(0, 1, NUM_TIMESTEPS + 1) * np.pi / 2 * 0.999) ** 2
    here, below = levels[t + 1], levels[t]
    rows = _rows(x)
    gaps = np.sum((rows[:, None] - np.sqrt(here) * digits) ** 2, axis=2) / (2 * (1 - here))
    weights = np.exp(gaps.min(axis=1, keepdims=True) - gaps)
    guess = weights @ digits / weights.sum(axis=1, keepdims=True)
    noise = (rows - np.sqrt(here) * guess) / np.sqrt(1 - here)
    cleaner = np.sqrt(below) * guess + np.sqrt(1 - below) * noise
    return x - cleaner.reshape(x.shape)


@cache
def _digits(side):
    """The training digits, enlarged to side × side, as rows; None where that makes no picture."""
    if not 8 <= side <= 32:
        return None
    pick = np.arange(side) * 8 // side
    images = load_digits("train")[0].reshape(-1, 8, 8)
    return images[:, pick][:, :, pick].reshape(len(images), -1)


def _side(x):
    """The side of the square pictures in x, 0 where it holds none."""
    if x.ndim >= 2 and x.shape[-1] == x.shape[-2]:
        return x.shape[-1]
    side = round(x.shape[-1] ** 0.5) if x.ndim else 0
    return side if x.ndim and side * side == x.shape[-1] else 0


def _rows(x):
    """x as rows of pictures where it holds square ones, else as a single row."""
    side = _side(x)
    return x.reshape(-1, side * side) if side else x.reshape(1, -1)
