"""What 01 looks like: random pixels beside digits, and how far each lies from the digits we know."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, show_grid, subplots
from autograder.style import BLUE, GREY, VERMILION, frame, head, ink, label_at, suptitle

COUNT = 60
#: Colour and filling of each kind's bars, in order of `kinds`.
BARS = ((VERMILION, "//"), (GREY, ""), (BLUE, ".."))


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
    head(below, classified(student, held_out, truth, train, labels))
    suptitle(figure, counted(student))
    return figure


def show_distances(axis, student, kinds, train) -> None:
    """Histograms of the distance to the nearest training digit, each named above its peak."""
    bins = np.linspace(0, 10, 61)
    tops = []
    for (name, pictures), (colour, hatch) in zip(kinds.items(), BARS, strict=True):
        distances = attempt(axis, lambda p=pictures: as_row(student.nearest_distance(p, train)))
        if distances is None:
            return
        shape = {"facecolor": (colour, 0.35), "edgecolor": ink(colour), "hatch": hatch, "linewidth": 1.0}
        heights, _, _ = axis.hist(np.clip(distances, 0, 10), bins, histtype="stepfilled", **shape)
        tops.append((float(np.median(np.clip(distances, 0, 10))), float(heights.max()), name, colour))
    frame(axis, f"your nearest_distance to {len(train):,} training digits, in grey values from -1 to 1", "pictures")
    name_peaks(axis, tops)


def name_peaks(axis, tops) -> None:
    """Each histogram's name above all bars, one line a name where they are near each other."""
    highest = max(height for _, height, _, _ in tops)
    for row, (middle, _, name, colour) in enumerate(tops):
        label_at(axis, middle, highest, name, colour, shift=(0, 4 + 11 * (row if row < 2 else 0)))
    axis.set_ylim(0, 1.35 * highest)


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
