"""The whole chain, as the map draws it, from what you have written so far: dirty it, learn the noise, clean it."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, mosaic, show_grid, show_image
from autograder.style import BLUE, DARK, GREEN, LABEL, TITLE, VERMILION, ink, suptitle

#: The modules that take part, by their names; one that is not there yet leaves its places empty.
NEEDS = ("schedules", "noisy_sample", "train_denoiser", "reverse_step", "ddpm_sampler")
T, SHOWN, ASKED, STEPS = 100, (10, 20, 35, 55, 99), 20, 1500
#: The digit that is dirtied, and how many are made.
CLEAN, MADE = 10, 17
LIMIT = 1.5


def draw(of) -> Figure:
    """First row: your schedules and add_noise. Second: your network. Third and last: your network in your sampler.

    of: your modules by their names; what is missing raises NotImplementedError, which says so in the picture.
    """
    dirty = ["real image", *(f"dirty {t}" for t in SHOWN)]
    learn = ["asked", "guess", "known", "cleaned", "told", "told"]
    clean = ["new image", *(f"clean {t}" for t in SHOWN)]
    figure, axes = mosaic([[[dirty, learn, clean]], ["more"]], width=10, height=7.0, height_ratios=[5.6, 0.75])
    digits, _ = load_digits("train")
    eps = np.random.default_rng(4).standard_normal((1, 64))
    levels = attempt(axes["dirty 10"], lambda: np.asarray(of["schedules"].alpha_bars(betas()), dtype=float))
    noisy = dirty_row([axes[name] for name in dirty], of, digits[CLEAN : CLEAN + 1], eps, levels)
    params = attempt(axes["guess"], lambda: trained(of, digits, known(levels)))
    learn_row(axes, of, noisy, eps, levels, params)
    clean_row([axes[name] for name in clean], axes["more"], of, digits, levels, params)
    for name, told, colour in (("real image", "1 dirty it", BLUE), ("asked", "2 learn", GREEN)):
        axes[name].set_ylabel(told, fontsize=TITLE, weight="bold", color=ink(colour))
    axes["new image"].set_ylabel("3 clean it", fontsize=TITLE, weight="bold", color=ink(VERMILION))
    suptitle(figure, "Your chain, as far as it is written")
    return figure


def dirty_row(row, of, clean, eps, levels):
    """From the left: a digit, and what add_noise makes of it. Returns the one that the network is asked about."""
    show_image(row[0], clean, "real image")
    found = {}
    for axis, t in zip(row[1:], SHOWN, strict=True):
        found[t] = attempt(axis, lambda t=t: of["noisy_sample"].add_noise(clean, eps, t, known(levels)))
        show_image(axis, found[t], named(t), LIMIT)
    return found[ASKED]


def learn_row(axes, of, noisy, eps, levels, params) -> None:
    """What your network says of one noisy image: which part is noise, and what is left without it."""
    show_image(axes["asked"], noisy, f"noisy image, t = {ASKED}", LIMIT)
    show_image(axes["known"], eps, "the noise we added", LIMIT)
    guess = left = None
    if noisy is not None and params is not None:
        guess = attempt(axes["guess"], lambda: row_of(of["train_denoiser"].denoise(params, noisy, ASKED, levels)))
    if guess is not None:
        left = attempt(axes["cleaned"], lambda: of["noisy_sample"].predict_x0(noisy, guess, ASKED, levels))
    show_image(axes["guess"], guess, "its guess of the noise", LIMIT)
    show_image(axes["cleaned"], left, "what is left, then")
    axes["told"].axis("off")
    error = (
        ""
        if guess is None
        else f"\n\nHere they are {np.mean((guess - eps) ** 2):.2f} apart,\nmean squared; by no guess, 1."
    )
    told = f"Your network after {STEPS:,} steps:\nits guess should be the noise." + error
    axes["told"].text(0, 0.5, told, va="center", fontsize=LABEL, color=DARK, transform=axes["told"].transAxes)


def clean_row(row, more, of, digits, levels, params) -> None:
    """From the right: noise, what the network sees on the way, and a new image; below, more of them."""
    seen, made = {}, None
    if params is not None:
        made = attempt(row[0], lambda: cleaned(of, levels, params, seen))
    best = 0 if made is None else clearest(made, digits)
    show_image(row[0], None if made is None else made[best], f"new: the clearest of {MADE}")
    for axis, t in zip(row[1:], SHOWN, strict=True):
        show_image(axis, seen[t][best] if t in seen else None, named(t), LIMIT)
    others = None if made is None else np.delete(made, best, axis=0)
    show_grid(more, others, columns=MADE - 1, title="the others")


def clearest(made, digits) -> int:
    """Which lies nearest to any digit."""
    gaps = ((made[:, None] - digits[None]) ** 2).sum(axis=2)
    return int(np.argmin(np.nan_to_num(gaps, nan=np.inf).min(axis=1)))


def named(t: int) -> str:
    return "all noise" if t == T - 1 else f"t = {t}"


def betas():
    """A hundred steps, the last of which leaves no picture."""
    return np.linspace(1e-3, 0.2, T)


def known(levels):
    if levels is None:
        raise NotImplementedError("alpha_bars is not written yet")
    return levels


def row_of(values):
    """One guess, or a complaint."""
    row = np.asarray(values, dtype=float)
    if row.shape != (1, 64):
        raise ValueError(f"denoise: shape {row.shape}, expected (1, 64)")
    return row


def trained(of, digits, levels):
    return of["train_denoiser"].train(digits, levels, STEPS, np.random.default_rng(0))


def cleaned(of, levels, params, seen):
    """New images from your network in your sampler, `(MADE, 64)`. What it sees at SHOWN is kept in `seen`."""

    def model(x, t):
        level = int(np.ravel(t)[0])
        if level in SHOWN:
            seen[level] = np.array(x, dtype=float).reshape(MADE, 64)
        return of["train_denoiser"].denoise(params, x, t, levels)

    made = of["ddpm_sampler"].ddpm_sample(model, betas(), (MADE, 64), np.random.default_rng(3))
    return np.asarray(made, dtype=float).reshape(MADE, 64)
