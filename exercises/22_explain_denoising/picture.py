"""What 22 looks like: how well the target can be found at each level, with the level known and without."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, subplots

T = 100
LEVELS = (0, 9, 19, 29, 39, 49, 59, 69, 79, 89, 99)


def draw(student) -> Figure:
    """Left: the best linear finder of your target, told the level or not. Right: your denoise_gain."""
    figure, ((errors, gains),) = subplots(1, 2, width=10, height=4.4)
    errors.set_title("your training examples, made from digits (error on digits not used in fitting)", fontsize=9)
    attempt(errors, lambda: show_errors(errors, student))
    gains.set_title("denoise_gain: how much smaller the error gets", fontsize=9)
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
    axes.plot(LEVELS, nothing, ":", color="0.6", label="baseline: always answers 0")
    axes.plot(LEVELS, blind, "s--", color="0.5", label="not told the level (one finder for all levels)")
    axes.plot(LEVELS, told, "o-", color="0.1", label="told the level (one finder a level)")
    axes.set_ylim(0, 1.35 * max(*nothing, *blind))
    axes.set_xlabel("level t: 0 is hardly dirty, 99 is all dirt", fontsize=9)
    axes.set_ylabel(f"mean squared error of the target ({student.TARGET})", fontsize=9)
    axes.legend(fontsize=8, loc="upper right")


def show_gains(axes, student) -> None:
    """The gain for eight seeds, and their mean."""
    seen = [float(np.squeeze(student.denoise_gain(seed))) for seed in range(8)]
    axes.plot(range(8), seen, "o", color="0.1")
    axes.axhline(np.mean(seen), color="0.6", linestyle="--", label=f"mean of the eight: {np.mean(seen):.4f}")
    margin = max(0.02, 2 * np.ptp(seen))
    axes.set_ylim(min(seen) - margin, max(seen) + margin)
    axes.set_xlabel("seed", fontsize=9)
    axes.set_ylabel("share of the naive guess's error that is gone", fontsize=9)
    axes.legend(fontsize=8, loc="upper right")


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
