"""What 09 looks like: the loss of five models, from little noise to much."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, subplots
from autograder.style import frame, head, label_ends, series

NUM_TIMESTEPS = 1000
LEVELS = [1, 3, 8, 20, 40, 70, 110, 160, 220, 290, 370, 450, 540, 630, 720, 800, 870, 930, 970]
PICTURES = 360


def draw(student) -> Figure:
    """Your eps_loss of five models on digits, level by level. The models are the picture's own, not trained ones."""
    alpha_bars = cosine_alpha_bars()
    train, _ = load_digits("train")
    held_out, _ = load_digits("held_out")
    held_out = held_out[:PICTURES]
    eps = np.random.default_rng(5).standard_normal(held_out.shape)
    lines = [
        ("says 0: no noise", lambda x, t: np.zeros_like(x), held_out),
        ("says x_t: all is noise", lambda x, t: x, held_out),
        ("Gaussian fitted to the\ntraining digits, on new digits", gaussian(train, alpha_bars), held_out),
        ("exact for the training\ndigits, on new digits", heap(train, alpha_bars), held_out),
        ("the same, on\ntraining digits", heap(train, alpha_bars), train[:PICTURES]),
    ]
    figure, axes = subplots(1, 1, width=9, height=5)
    panel = axes[0, 0]
    for i, (_, model, x0) in enumerate(lines):
        losses = attempt(
            panel,
            lambda model=model, x0=x0: [_number(student.eps_loss(model, x0, t, eps, alpha_bars)) for t in LEVELS],
        )
        if losses is None:
            break
        panel.plot(LEVELS, np.maximum(losses, 1e-4), **series(i))
    else:
        told = "eps_loss, mean squared error (logarithmic, at least 1e-4)"
        frame(panel, "t, in steps: from little noise to much (cosine schedule, T = 1000)", told)
        panel.set_yscale("log")
        panel.set_ylim(8e-5, 300)
        label_ends(panel, [name for name, _, _ in lines])
    title = "Your eps_loss of five models, on 360 digits"
    head(panel, title + "\nWith little noise, the model that stores pictures fails on new ones")
    return figure


def cosine_alpha_bars() -> np.ndarray:
    """Nichol & Dhariwal 2021, eq. 17, with single steps capped at 0.999."""
    steps = np.arange(NUM_TIMESTEPS + 1) / NUM_TIMESTEPS
    f = np.cos((steps + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(1.0 - np.minimum(1.0 - f[1:] / f[:-1], 0.999))


def gaussian(data, alpha_bars):
    """The exact denoiser of Gaussian data with the mean and variance of each pixel (08)."""
    mean, var = data.mean(axis=0), data.var(axis=0)

    def model(x, t):
        level = alpha_bars[t]
        return np.sqrt(1 - level) * (np.asarray(x) - np.sqrt(level) * mean) / (level * var + 1 - level)

    return model


def heap(data, alpha_bars):
    """The exact denoiser of these pictures and no others (08)."""
    squares = 0.5 * np.sum(data**2, axis=1)

    def model(x, t):
        level = alpha_bars[t]
        log_weight = (np.sqrt(level) * (np.asarray(x) @ data.T) - level * squares) / (1 - level)
        weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
        x0 = weight @ data / weight.sum(axis=1, keepdims=True)
        return (x - np.sqrt(level) * x0) / np.sqrt(1 - level)

    return model


def _number(loss) -> float:
    if np.size(loss) != 1:
        raise ValueError(f"the loss should be one number, it has shape {np.shape(loss)}")
    return float(np.asarray(loss, dtype=float).reshape(()))
