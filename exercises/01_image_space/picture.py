"""What 01 looks like: random pixels beside digits, and how far each lies from the digits we know."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, show_grid, subplots

COUNT = 60


def draw(student) -> Figure:
    """Top: three kinds of picture. Below: your nearest_distance for each, and what your classify makes of digits."""
    train, labels = load_digits("train")
    held_out, truth = load_digits("held_out")
    rng = np.random.default_rng(0)
    kinds = {
        "random pixels, each of 17 greys": rng.integers(0, 17, (COUNT, 64)) / 8 - 1,
        "digits, each with its pixels shuffled": rng.permuted(held_out[:COUNT], axis=1),
        "digits that were held out": held_out[:COUNT],
    }
    figure, axes = subplots(2, 3, width=9, height=5.6)
    for axis, (name, pictures) in zip(axes[0], kinds.items(), strict=True):
        show_grid(axis, pictures[:36], columns=6, title=name)
    for axis in axes[1]:
        axis.remove()
    below = figure.add_subplot(axes[1, 0].get_gridspec()[1, :])
    show_distances(below, student, kinds, train)
    below.set_title(classified(student, held_out, truth, train, labels), fontsize=8)
    figure.suptitle(counted(student), fontsize=10)
    return figure


def show_distances(axis, student, kinds, train) -> None:
    """Histograms of the distance to the nearest training digit."""
    bins = np.linspace(0, 10, 61)
    for i, (name, pictures) in enumerate(kinds.items()):
        distances = attempt(axis, lambda p=pictures: as_row(student.nearest_distance(p, train)))
        if distances is None:
            return
        axis.hist(np.clip(distances, 0, 10), bins, color=f"C{i}", alpha=0.6, label=name)
    axis.set_xlabel(f"your nearest_distance to {len(train):,} training digits", fontsize=8)
    axis.set_ylabel(f"pictures of {COUNT}", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.legend(fontsize=8, loc="upper center")


def classified(student, held_out, truth, train, labels) -> str:
    """How often the nearest mean picture names a held-out digit."""
    centroids = np.stack([train[labels == k].mean(axis=0) for k in range(10)])
    try:
        right = np.mean(np.asarray(student.classify(held_out, centroids)) == truth)
    except Exception as problem:
        return f"{problem}"[:90]
    return (
        f"your classify, with the mean pictures as centroids, names {right:.0%} of {len(truth)} held-out digits rightly"
    )


def counted(student) -> str:
    """The size of the space that the digits live in."""
    try:
        power = float(student.log10_image_count(8, 8, 1, 17))
        return f"Three kinds from the 10^{power:.2f} pictures that 8 × 8 pixels of 17 greys can make"
    except Exception as problem:
        return f"{problem}"[:90]


def as_row(values) -> np.ndarray:
    """One distance a picture, or a complaint."""
    row = np.asarray(values, dtype=float)
    if row.shape != (COUNT,):
        raise ValueError(f"nearest_distance: shape {row.shape}, expected ({COUNT},)")
    return row
