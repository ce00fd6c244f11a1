"""What 22 looks like: how well the target can be found at each level, with the level known and without."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, mosaic
from autograder.style import BLUE, GREY, VERMILION, frame, head, label_at, label_ends

T = 100
LEVELS = (0, 9, 19, 29, 39, 49, 59, 69, 79, 89, 99)


def draw(student) -> Figure:
    """Left: the best linear finder of your target, told the level or not. Right: your denoise_gain."""
    figure, axes = mosaic([["errors", "gains"]], width=11, height=4.4, width_ratios=[1.7, 1])
    errors, gains = axes["errors"], axes["gains"]
    head(errors, "your training examples, made from digits\n(error on digits not used in fitting)")
    attempt(errors, lambda: show_errors(errors, student))
    head(gains, "denoise_gain: how much smaller the error gets\n")
    attempt(gains, lambda: show_gains(gains, student))
    return figure


def show_errors(axes, student) -> None:
    """Mean squared error of the target against the level, for a finder at each level, one for all, and none."""
    train, test = ([examples(student, split, t) for t in LEVELS] for split in ("train", "held_out"))
    for_all = fit(np.concatenate([x for x, _ in train]), np.concatenate([y for _, y in train]))
    blind, told, nothing = [], [], []
    for seen, (x, y) in zip(train, test, strict=True):
        told.append(np.mean((y - add_one(x) @ fit(*seen)) ** 2))
        blind.append(np.mean((y - add_one(x) @ for_all) ** 2))
        nothing.append(np.mean(y**2))
    axes.plot(LEVELS, nothing, ":", color=GREY)
    axes.plot(LEVELS, blind, "s--", color=VERMILION, markersize=4)
    axes.plot(LEVELS, told, "o-", color=BLUE, markersize=4)
    name = f"mean squared error of the target ({student.TARGET})"
    frame(axes, "level t, in steps: 0 is hardly dirty, 99 is all dirt", name)
    axes.set_ylim(-0.02, 1.1 * max(*nothing, *blind))
    axes.set_xlim(-1, 100)
    label_ends(
        axes, ["baseline:\nalways 0", "not told the level:\none finder for all", "told the level:\none finder each"]
    )


def show_gains(axes, student) -> None:
    """The gain for eight seeds, and their mean."""
    seen = [float(np.squeeze(student.denoise_gain(seed))) for seed in range(8)]
    frame(axes, "seed", "share of the naive guess's error that is gone")
    axes.plot(range(8), seen, "o", color=BLUE)
    axes.axhline(np.mean(seen), color=GREY, linestyle="--")
    margin = max(0.02, 2 * np.ptp(seen))
    axes.set_ylim(min(seen) - margin, max(seen) + margin)
    label_at(axes, 7, max(seen), f"dashed: mean of the eight, {np.mean(seen):.4f}", GREY, shift=(0, 14), ha="right")


def examples(student, split, t):
    """The noisy digits and targets of one level of the cosine schedule (04), from training_example."""
    x0 = load_digits(split)[0]
    alpha_bar = max(np.cos(((t + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2, 1e-4)
    eps = np.random.default_rng([t, len(x0)]).standard_normal(x0.shape)
    inputs, target = student.training_example(x0, eps, float(alpha_bar), t)
    return np.asarray(inputs[0], dtype=float), np.asarray(target, dtype=float)


def add_one(x) -> np.ndarray:
    """A column of ones, so that a finder may add a constant."""
    return np.hstack([x, np.ones((len(x), 1))])


def fit(x, y) -> np.ndarray:
    """The linear map from x to y of least squared error, lightly damped."""
    x = add_one(x)
    return np.linalg.solve(x.T @ x + 1.0 * np.eye(x.shape[1]), x.T @ y)
