"""What 10 looks like: digits from your own training, and what they have to be compared with."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, mosaic, say, show_grid, subplots, tell
from autograder.style import BLUE, DARK, GREY, TICK, VERMILION, frame, head, suptitle

T = 1000
STEPS_A_DIGIT = 250
STEPS_FOR_THE_LOSS = 500
ROWS = 6
PREVIEW = (0, 1, 3)


def draw(student) -> Figure:
    """Left: samples from your networks and from two baselines, and real digits. Right: the loss beside baselines."""
    digits, labels = load_digits("train")
    unseen = load_digits("held_out")[0]
    levels = cosine_levels(T)
    sheets = [["yours", "gaussian"], ["copies", "real"]]
    figure, axes = mosaic([[sheets, [["losses"], ["means"]]]], 12, 6.6, width_ratios=[7.6, 4.4])

    yours = attempt(axes["yours"], lambda: your_digits(student, digits, labels, levels))
    title = f"Yours: ten networks, {STEPS_A_DIGIT} steps\non one digit each"
    show_grid(axes["yours"], yours, title=title + distance(yours, digits))
    gaussian = sheet(lambda rows, seed: gaussian_samples(rows, seed), digits, labels)
    title = "Baseline: one Gaussian fitted\nto each digit, no network"
    show_grid(axes["gaussian"], gaussian, title=title + distance(gaussian, digits))
    copies = sheet(lambda rows, seed: sample(memoriser(rows, levels), levels, seed), digits, labels)
    title = "Baseline: the memoriser\n(08's empirical denoiser)"
    show_grid(axes["copies"], copies, title=title + distance(copies, digits))
    real = sheet(lambda rows, seed: rows[:ROWS], *load_digits("held_out"))
    show_grid(axes["real"], real, title="\nReal digits, held out" + distance(real, digits))

    tell(f"training one network on all digits, {STEPS_FOR_THE_LOSS} steps")
    params = attempt(axes["losses"], lambda: train(student, digits, levels, STEPS_FOR_THE_LOSS, seed=0))
    models = {
        "one round Gaussian": gaussian_model(digits, levels, full=False),
        "one full Gaussian": gaussian_model(digits, levels, full=True),
        "memoriser": memoriser(digits, levels),
    }
    if params is not None:
        models["your network"] = lambda x, t: np.asarray(student.denoise(params, x, t, levels), dtype=float)
    losses = {name: by_level(axes["losses"], model, unseen, levels) for name, model in models.items()}
    losses = {name: loss for name, loss in losses.items() if loss is not None}
    draw_losses(axes["losses"], axes["means"], losses, levels)
    if "your network" not in losses:
        head(axes["means"], "Mean over all levels\n(your network is missing)")
    suptitle(figure, "Pure noise, cleaned by the networks you trained")
    return figure


def preview(student) -> Figure:
    """Samples of three short trainings, while the ten whole ones take their time."""
    digits, labels = load_digits("train")
    figure, axes = subplots(1, 1, width=5, height=5)
    yours = attempt(axes[0, 0], lambda: your_digits(student, digits, labels, cosine_levels(T), PREVIEW))
    show_grid(axes[0, 0], yours, columns=len(PREVIEW), title="A preview: three of ten networks")
    return figure


def your_digits(student, digits, labels, levels, kinds=tuple(range(10))):
    """Short trainings, one for each of some digits, and samples from each."""

    # The rows are repeated, because train asks for 500 or more.
    def samples(rows, seed):
        tell(f"training the network of digit {seed}, {STEPS_A_DIGIT} steps")
        params = train(student, np.tile(rows, (5, 1)), levels, STEPS_A_DIGIT, seed)
        return sample(lambda x, t: np.asarray(student.denoise(params, x, t, levels), dtype=float), levels, seed)

    return sheet(samples, digits, labels, kinds)


def train(student, data, levels, num_steps, seed):
    return student.train(data, levels, num_steps, np.random.default_rng(seed))


def sheet(samples, digits, labels, kinds=tuple(range(10))):
    """ROWS samples of each digit, one column a digit."""
    columns = [samples(digits[labels == digit], digit) for digit in kinds]
    return np.stack(columns, axis=1).reshape(-1, digits.shape[1])


def sample(model, levels, seed, num_steps=200):
    """DDPM's ancestral sampling (12) on every fifth level, with the clean guess kept inside [-1, 1]."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((ROWS, 64))
    path = np.linspace(len(levels) - 1, 0, num_steps).round().astype(int)
    for i, t in enumerate(path):
        here, below = levels[t], levels[path[i + 1]] if i + 1 < num_steps else 1.0
        keep = here / below
        x0 = np.clip((x - np.sqrt(1 - here) * model(x, int(t))) / np.sqrt(here), -1, 1)
        mean = (np.sqrt(below) * (1 - keep) * x0 + np.sqrt(keep) * (1 - below) * x) / (1 - here)
        x = mean + np.sqrt((1 - keep) * (1 - below) / (1 - here)) * rng.standard_normal(x.shape)
    return x


def gaussian_samples(rows, seed):
    cov = np.cov(rows.T) + 1e-6 * np.eye(rows.shape[1])
    return np.random.default_rng(seed).multivariate_normal(rows.mean(axis=0), cov, size=ROWS, method="cholesky")


def gaussian_model(data, levels, full):
    """The exact denoiser of a Gaussian (08): with the whole covariance, or one variance for all pixels."""
    mean = data.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(data.T)) if full else (np.array(data.var()), np.eye(data.shape[1]))

    def model(x_t, t):
        away = (x_t - np.sqrt(levels[t]) * mean) @ vectors
        return np.sqrt(1 - levels[t]) * (away / (levels[t] * values + 1 - levels[t])) @ vectors.T

    return model


def memoriser(data, levels):
    """The exact denoiser of the training pictures themselves (08)."""

    def model(x_t, t):
        centres = np.sqrt(levels[t]) * data
        squares = (x_t**2).sum(axis=1)[:, None] - 2 * x_t @ centres.T + (centres**2).sum(axis=1)
        log_weights = -squares / (2 * (1 - levels[t]))
        weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        return (x_t - weights @ centres) / np.sqrt(1 - levels[t])

    return model


LOSS_LEVELS = np.linspace(5, T - 6, 50).round().astype(int)


def by_level(axes, model, unseen, levels):
    """The eps-loss on held-out digits at 50 levels, the same noise for every model."""
    rng, losses = np.random.default_rng(1), []
    for t in LOSS_LEVELS:
        eps = rng.standard_normal(unseen.shape)
        x_t = np.sqrt(levels[t]) * unseen + np.sqrt(1 - levels[t]) * eps
        seen = attempt(axes, lambda x=x_t, t=t: model(x, int(t)))
        if seen is None or np.shape(seen) != unseen.shape:
            return None
        losses.append(np.mean((seen - eps) ** 2))
    return np.array(losses)


#: Colour, dash and hatch of each model.
LOOKS = {
    "your network": (VERMILION, "-", "//"),
    "one round Gaussian": (GREY, "--", ""),
    "one full Gaussian": (BLUE, "-.", ".."),
    "memoriser": ("black", ":", "xx"),
}


def draw_losses(left, right, losses, levels):
    for name, loss in losses.items():
        left.plot(LOSS_LEVELS, loss, LOOKS[name][1], color=LOOKS[name][0], lw=2 if name == "your network" else 1.2)
    if "your network" in losses:
        frame(left, "level t, in steps (0: clean, 999: all noise)", "eps-loss on held-out digits\n(logarithmic)")
        left.set_yscale("log")
        left.set_ylim(5e-6, 1e3)
        head(left, "Loss at each level")
        left.legend(list(losses), fontsize=TICK, loc="lower left", frameon=False)  # all lines leave this corner empty
    else:
        left.clear()
        say(left, "your network is missing: train and denoise are asked for here")
    names = sorted(losses, key=lambda name: losses[name].mean())
    means = [losses[name].mean() for name in names]
    looks = [LOOKS[name] for name in names]
    right.barh(
        [name.replace(" ", "\n") for name in names],
        means,
        color=[look[0] for look in looks],
        hatch=[look[2] for look in looks],
        edgecolor="white",
    )
    for place, mean in enumerate(means):
        right.text(mean * 1.05, place, f"{mean:.3f}", va="center", fontsize=TICK, color=DARK)
    frame(right, "mean eps-loss on held-out digits\n(less is better, logarithmic)", "model")
    right.set(xscale="log", xlim=(0.1, max(means) * 3))
    head(right, f"Mean over all levels\n(your network: {STEPS_FOR_THE_LOSS} steps on all digits)")


def distance(images, digits):
    """How far a sheet lies from what was trained on: the memoriser gives itself away here."""
    if images is None or np.shape(images)[1:] != digits.shape[1:]:
        return ""
    gaps = np.linalg.norm(np.asarray(images)[:, None] - digits[None], axis=2).min(axis=1)
    return f"\n(median distance to training: {np.median(gaps):.1f})"


def cosine_levels(num_timesteps):
    """Nichol & Dhariwal 2021, eq. 17, as alpha_bars (04)."""
    f = np.cos((np.arange(num_timesteps + 1) / num_timesteps + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(1 - np.minimum(1 - f[1:] / f[:-1], 0.999))
