"""What 19 looks like: the error against the number of steps, digits in few steps, and the table of DDIM's paper.

The table needs no samples. On Gaussian data every step is linear in each principal direction, so the variances of the
samples follow from the step alone, and two Gaussians with common directions have a Fréchet distance in closed form.
"""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, frames, show_grid, subplots
from autograder.style import BLUE, GREY, LABEL, TICK, frame, head, label_at, suptitle

ALPHA_BARS = np.cumprod(1.0 - np.linspace(1e-4, 0.02, 1000))
TABLE_STEPS = (5, 10, 20, 50, 100)
TABLE_ETAS = (0.0, 0.2, 0.5, 1.0)


def draw(student) -> Figure:
    """Your ddim_sample on Gaussian data and on digits, and your ddim_step in a table like Song et al. 2021, Table 1."""
    figure, axes = subplots(1, 3, width=13, height=4.3)
    show_error(axes[0, 0], student)
    show_digits(axes[0, 1], student)
    show_table(axes[0, 2], student)
    suptitle(figure, "Fewer steps, with your ddim_sample and ddim_step")
    return figure


def draw_frames(student) -> list[Figure]:
    """Sixteen digits at each of twenty steps of your ddim_sample, as the model sees them."""
    data, seen = load_digits("train")[0], []

    def model(x_t, t):
        seen.append((int(np.ravel(t)[0]), np.array(x_t, dtype=float)))
        return exact_eps(seen[-1][1], ALPHA_BARS[seen[-1][0]], data)

    x_T = np.random.default_rng(3).standard_normal((16, 64))
    x0 = np.asarray(student.ddim_sample(model, ALPHA_BARS, 20, x_T), float)
    return frames([*(x for _, x in seen), x0], [*(f"t = {t}" for t, _ in seen), "returned: x0"])


def show_error(axes, student):
    """How far ddim_sample ends from the exact flow, for one Gaussian pixel."""
    mean, var = 0.5, 0.25
    head(axes, "Error of ddim_sample, Gaussian data")
    x_T = np.linspace(-2, 2, 9)[:, None]
    last = ALPHA_BARS[-1]
    exact = mean + np.sqrt(var / (last * var + 1 - last)) * (x_T - np.sqrt(last) * mean)

    def model(x_t, t):
        a = ALPHA_BARS[int(np.ravel(t)[0])]
        return np.sqrt(1 - a) * (np.asarray(x_t, float) - np.sqrt(a) * mean) / (a * var + 1 - a)

    def error(num_steps):
        return np.max(np.abs(np.asarray(student.ddim_sample(model, ALPHA_BARS, num_steps, x_T), float) - exact))

    counts = np.array([1, 2, 5, 10, 20, 40, 80, 160, 320])
    errors = attempt(axes, lambda: np.array([error(int(n)) for n in counts]))
    if errors is None:
        return
    axes.loglog(counts, errors, "o-", color=BLUE, markersize=4)
    axes.loglog(counts, errors[4] * counts[4] / counts, "--", color=GREY)
    frame(axes, "number of steps = calls of the model (logarithmic)", "largest distance to the exact end (logarithmic)")
    label_at(axes, 1, errors[0], "your error", BLUE, shift=(0, -8), ha="left")
    label_at(axes, 2, errors[4] * counts[4] / 2, "∝ 1 / number of steps", GREY, shift=(6, 2), ha="left")


def show_digits(axes, student):
    """The same eight starts in 1 … 50 steps, under the denoiser that is exact for the training digits."""
    data, counts = load_digits("train")[0], (1, 2, 5, 10, 50)
    x_T = np.random.default_rng(3).standard_normal((8, data.shape[1]))
    head(axes, "Same noise, more steps (exact denoiser: copies)")

    def model(x_t, t):
        return exact_eps(np.asarray(x_t, float), ALPHA_BARS[int(np.ravel(t)[0])], data)

    def sheet():
        rows = [np.asarray(student.ddim_sample(model, ALPHA_BARS, n, x_T), float) for n in counts]
        return np.concatenate(rows).reshape(-1, 8, 8)

    digits = attempt(axes, sheet)
    if digits is None:
        return
    show_grid(axes, digits, columns=8, title=axes.get_title(), limit=1.2)
    axes.set_yticks([9 * row + 4 for row in range(len(counts))], [f"{n} steps" if n > 1 else "1 step" for n in counts])
    axes.tick_params(length=0, labelsize=TICK)


def show_table(axes, student):
    """The Fréchet distances as coloured cells; the best of each column is bold."""
    head(axes, "Fréchet distance to Gaussian data with the\ndigits' spectrum, exact denoiser, no sampling")
    values = attempt(axes, lambda: frechet_table(student.ddim_step, digit_spectrum()))
    if values is None:
        return
    axes.imshow(np.log10(np.maximum(values, 1e-12)), cmap="cividis_r", aspect="auto", vmin=-2.2, vmax=1.2)
    for (row, column), value in np.ndenumerate(values):
        best = value == values[:, column].min()
        light = value > 0.2
        axes.text(
            column, row, f"{value:.3g}", ha="center", va="center", fontsize=9,
            color="white" if light else "black", weight="bold" if best else "normal",
        )  # fmt: skip
    axes.set_xticks(range(len(TABLE_STEPS)), TABLE_STEPS)
    axes.set_yticks(range(len(TABLE_ETAS) + 1), [*(f"eta = {eta:g}" for eta in TABLE_ETAS), "σ̂"])
    axes.set_xlabel("number of steps; bold: the best of its column", fontsize=LABEL)
    axes.set_ylabel("noise added by a step", fontsize=LABEL)
    axes.tick_params(labelsize=TICK)


def exact_eps(x_t, alpha_bar, data):
    """The mean of the noise in x_t when the data are these rows, each as likely: a softmax over distances."""
    root = np.sqrt(alpha_bar)
    fit = (root * x_t @ data.T - alpha_bar * np.sum(data**2, axis=1) / 2) / (1.0 - alpha_bar)
    weights = np.exp(fit - fit.max(axis=1, keepdims=True))
    x0 = weights @ data / weights.sum(axis=1, keepdims=True)
    return (x_t - root * x0) / np.sqrt(1.0 - alpha_bar)


def digit_spectrum():
    """The variances of the 64 principal directions of the digits, `(64,)`, rising; a few are 0."""
    images, _ = load_digits("all")
    return np.clip(np.linalg.eigvalsh(np.cov(images.T)), 0.0, None)


def frechet_table(step, variances, steps=TABLE_STEPS, etas=TABLE_ETAS):
    """Fréchet distances (squared, as FID) between samples and data: a row for each eta, then one for σ̂; a column for
    each number of steps. `step` is a ddim_step; the levels are spread from T-1 down to 0."""
    rows = [[gaussian_frechet(step, variances, count, eta) for count in steps] for eta in etas]
    rows.append([gaussian_frechet(step, variances, count, 1.0, sigma_hat=True) for count in steps])
    return np.array(rows)


def gaussian_frechet(step, variances, num_steps, eta, sigma_hat=False):
    """The squared Fréchet distance between N(0, variances) and what `step` makes of N(0, 1), exact denoiser.

    In each direction a step is x_prev = slope · x_t + fresh · noise, so var_prev = slope² · var_t + fresh². Directions
    are common to both Gaussians, so the distance is the sum of (sqrt(var) - sqrt(variance))². With sigma_hat the step
    is the one of eta = 1, but the fresh noise is the larger one of DDPM; the last step adds none.
    """
    levels = np.round(np.linspace(len(ALPHA_BARS) - 1, 0, num_steps)).astype(int).tolist()
    var = np.ones(len(variances))
    for t, t_prev in zip(levels, [*levels[1:], -1], strict=True):
        slope, fresh = linear_step(step, variances, t, t_prev, eta)
        if sigma_hat:
            fresh = np.sqrt(1.0 - ALPHA_BARS[t] / ALPHA_BARS[t_prev]) if t_prev >= 0 else 0.0
        var = slope**2 * var + fresh**2
    return float(np.sum((np.sqrt(var) - np.sqrt(variances)) ** 2))


def linear_step(step, variances, t, t_prev, eta):
    """(slope, fresh) of one step in every direction: the step of a 1 without noise, and of a 0 with noise 1."""
    ones, zeros = np.ones((1, len(variances))), np.zeros((1, len(variances)))
    eps_of_one = np.sqrt(1.0 - ALPHA_BARS[t]) / (ALPHA_BARS[t] * variances + 1.0 - ALPHA_BARS[t])
    slope = np.asarray(step(ones, eps_of_one * ones, t, t_prev, ALPHA_BARS, eta, zeros), float)
    fresh = np.asarray(step(zeros, zeros, t, t_prev, ALPHA_BARS, eta, ones), float)
    return slope[0], fresh[0]
