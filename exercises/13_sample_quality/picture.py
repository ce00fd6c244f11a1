"""What 13 looks like: your two distances on sample sets that you can see, on noise, and on few samples."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, mosaic, show_grid
from autograder.style import BLUE, DARK, LABEL, TICK, VERMILION, frame, head, label_ends, series, suptitle

ROWS = 360
COLOURS = {"sliced_w2": BLUE, "frechet_distance": VERMILION}


def draw(student) -> Figure:
    """Top: sample sets, and how your functions judge them. Bottom: more noise, and fewer samples."""
    rng = np.random.default_rng(0)
    digits, labels = load_digits("train")
    sets = sample_sets(digits, labels, rng)
    metrics = judges(student, digits, rng)
    figure, axes = mosaic([[[["sets", "bars"]]], [[["noise", "few"]]]], 11, 7.4, height_ratios=[3.6, 3.2])
    few = np.concatenate([rows[np.linspace(0, ROWS - 1, 10).astype(int)] for rows in sets.values()])
    show_grid(axes["sets"], few, title="Ten of each set")
    axes["sets"].set_yticks(row_of(np.arange(len(sets))), list(sets), fontsize=LABEL)
    axes["sets"].tick_params(length=0)
    draw_bars(axes["bars"], sets, metrics)
    draw_noise(axes["noise"], sets["held-out digits"], metrics, rng)
    draw_few(axes["few"], digits, labels, metrics["frechet_distance"], rng)
    suptitle(figure, "How far is a set of samples from the training digits? (less is better)")
    return figure


def row_of(number):
    """The middle of a row of the sheet, which the bars beside it share."""
    return 9 * number + 3.5


def sample_sets(digits, labels, rng):
    """360 samples by each way of making them. None of these is a diffusion model."""
    noise = rng.standard_normal((ROWS, digits.shape[1]))
    return {
        "held-out digits": load_digits("held_out")[0],
        "copies of training digits": rng.permutation(digits)[:ROWS],
        "a Gaussian per class": gaussian_per_class(digits, labels, ROWS, rng),
        "one Gaussian": gaussian(digits, ROWS, rng),
        "one round Gaussian": digits.mean(axis=0) + digits.std() * noise,
        "the mean picture": np.tile(digits.mean(axis=0), (ROWS, 1)),
    }


def gaussian(rows, count, rng):
    cov = np.cov(rows.T) + 1e-9 * np.eye(rows.shape[1])
    return rng.multivariate_normal(rows.mean(axis=0), cov, size=count, method="cholesky")


def gaussian_per_class(digits, labels, count, rng):
    samples = [gaussian(digits[labels == digit], count // 10, rng) for digit in range(10)]
    return rng.permutation(np.concatenate(samples))


def judges(student, digits, rng):
    """The student's two functions against the training digits. sliced_w2 takes equally many rows of them."""
    directions = rng.standard_normal((digits.shape[1], 100))
    shuffled = rng.permutation(digits)
    return {
        "sliced_w2": lambda rows: float(student.sliced_w2(rows, shuffled[: len(rows)], directions)),
        "frechet_distance": lambda rows: float(student.frechet_distance(rows, digits)),
    }


def draw_bars(axes, sets, metrics):
    names = list(sets)
    done, missing = {}, []
    for name, metric in metrics.items():
        scores = quietly(lambda metric=metric: [metric(rows) for rows in sets.values()], missing)
        if scores is not None:
            done[name] = scores
    for k, (name, scores) in enumerate(done.items()):
        places = row_of(np.arange(len(names))) + 3.4 * (k - 0.5)
        hatch = ("", "//")[name == "frechet_distance"]
        axes.barh(places, scores, height=3.2, color=COLOURS[name], hatch=hatch, edgecolor="white")
        for place, score in zip(places, scores, strict=True):
            axes.text(
                max(score, 0.03) * 1.06,
                place,
                f"{score:.2f} {name if place < row_of(1) - 4 else ''}",
                va="center",
                fontsize=TICK,
                color=DARK,
            )
    finish(axes, missing, bool(done), place=(0.98, 0.55))  # where bars are short
    if done:
        frame(axes, "distance to the training digits (logarithmic)", "")
        axes.set_yticks([])
        axes.set(xscale="log", xlim=(0.03, 100), ylim=(9 * len(names) - 0.5, -0.5))
        axes.set_box_aspect(len(names) / 10)  # as high as the sheet
        head(axes, "How far each set is. Fréchet sees mean and covariance only")


def draw_noise(axes, rows, metrics, rng):
    amounts, missing, done = np.geomspace(0.02, 2, 12), [], []
    noise = rng.standard_normal(rows.shape)
    for name, metric in metrics.items():
        scores = quietly(lambda metric=metric: [metric(rows + amount * noise) for amount in amounts], missing)
        if scores is not None:
            done.append(name)
            axes.plot(amounts, scores, **series(0 if name == "sliced_w2" else 1))
    finish(axes, missing, bool(axes.lines))
    if axes.lines:
        told = "std of noise added to held-out digits, in grey values (logarithmic)"
        frame(axes, told, "distance (logarithmic)", "More noise, larger distance")
        axes.set(xscale="log", yscale="log")
        label_ends(axes, done)


def draw_few(axes, digits, labels, frechet, rng):
    counts, missing, done = [20, 40, 80, 160, 320, 640, 1280], [], []
    # A cut through one large shuffled set, so that a small set is a part of the next.
    ways = {
        "copies of\ntraining digits": rng.permutation(digits),
        "a Gaussian\nper class": gaussian_per_class(digits, labels, 1280, rng),
        "one Gaussian": gaussian(digits, 1280, rng),
    }
    for i, (name, rows) in enumerate(ways.items()):
        scores = quietly(lambda rows=rows: [frechet(rows[:count]) for count in counts], missing)
        if scores is not None:
            done.append(name)
            axes.plot(counts, scores, **series(i + 2))
    finish(axes, missing[:1], bool(axes.lines))
    if axes.lines:
        frame(axes, "number of samples (logarithmic)", "frechet_distance (logarithmic)")
        axes.set(xscale="log", yscale="log")
        label_ends(axes, done)
        head(axes, "The same source, fewer samples:\ncompare only equal numbers")


def quietly(call, missing):
    """The call's result; where it fails, None, and what is missing is kept for the axes."""
    try:
        return call()
    except Exception as problem:
        missing.append(problem)
        return None


def finish(axes, missing, anything, place=(0.62, 0.92)):
    """Say what is missing: in the middle of empty axes, or beside what is there."""
    if missing and not anything:
        attempt(axes, lambda: raise_first(missing))
    elif missing:
        text = f"{type(missing[0]).__name__}: {missing[0]}"[:60]
        axes.text(*place, text, fontsize=TICK, color=DARK, ha="right", transform=axes.transAxes)


def raise_first(missing):
    raise missing[0]
