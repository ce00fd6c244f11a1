"""The whole chain, drawn from what you have written so far: a picture into noise, and noise into a picture."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, show_image, subplots

#: The modules that take part, by their names; one that is not there yet leaves its places empty.
NEEDS = ("schedules", "noisy_sample", "train_denoiser", "reverse_step", "ddpm_sampler")
T, SHOWN = 100, (0, 20, 40, 60, 99)


def draw(of) -> Figure:
    """Above, to the right, by your schedules and add_noise; below, to the left, by your network and your sampler.

    of: your modules by their names; what is missing raises NotImplementedError, which says so in the picture.
    """
    figure, axes = subplots(2, len(SHOWN) + 1, width=10, height=4.0)
    digits, _ = load_digits("train")
    rng = np.random.default_rng(4)
    clean, eps = digits[7:8], rng.standard_normal((1, 64))
    levels = attempt(axes[0, 1], lambda: np.asarray(of["schedules"].alpha_bars(betas()), dtype=float))
    show_image(axes[0, 0], clean, "real image")
    for axis, t in zip(axes[0, 1:], SHOWN, strict=True):
        dirty = attempt(axis, lambda t=t: of["noisy_sample"].add_noise(clean, eps, t, known(levels)))
        show_image(axis, dirty, "all noise" if t == T - 1 else f"add noise: t = {t}")
    seen = {}
    made = attempt(axes[1, 0], lambda: cleaned(of, known(levels), digits, seen))
    show_image(axes[1, 0], made, "new image")
    for axis, t in zip(axes[1, 1:], SHOWN, strict=True):
        show_image(axis, seen.get(t), "all noise" if t == T - 1 else f"denoise: t = {t}")
    figure.suptitle("Your chain. Above, to the right: dirty it. Below, to the left: clean it.", fontsize=10)
    return figure


def betas():
    """A hundred steps, the last of which leaves no picture."""
    return np.linspace(1e-3, 0.2, T)


def known(levels):
    if levels is None:
        raise NotImplementedError("alpha_bars is not written yet")
    return levels


def cleaned(of, levels, digits, seen):
    """A new image: your network, trained for 500 steps, in your sampler. What it sees at SHOWN is kept in `seen`."""
    params = of["train_denoiser"].train(digits, levels, 500, np.random.default_rng(0))

    def model(x, t):
        level = int(np.ravel(t)[0])
        if level in SHOWN:
            seen[level] = np.array(x, dtype=float)
        return of["train_denoiser"].denoise(params, x, t, levels)

    return of["ddpm_sampler"].ddpm_sample(model, betas(), (1, 64), np.random.default_rng(3))
