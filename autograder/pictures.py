"""What the exercises' pictures share: axes, images, and a note in the picture for what is not written yet.

Needs matplotlib (the `pictures` extra). Figures are made without pyplot, so nothing global is touched.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

R = TypeVar("R")
NOTE = "note"


def subplots(
    rows: int = 1, columns: int = 1, width: float = 8.0, height: float | None = None
) -> tuple[Figure, NDArray[Any]]:
    """A figure and its axes as an array `(rows, columns)`. Sizes in inches; by default the cells are square."""
    figure = Figure(figsize=(width, height or width * rows / columns + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False)


def attempt(axes: Axes, call: Callable[[], R]) -> R | None:
    """The call's result; where it fails, None, and the axes say what is missing."""
    try:
        return call()
    except Exception as problem:
        kind = getattr(problem, "kind", "") or type(problem).__name__  # what the student's code raised
        say(axes, str(problem) if isinstance(problem, NotImplementedError) else f"{kind}\n{problem}")
        return None


def say(axes: Axes, text: str) -> None:
    """Write a note where the picture would be. `audit` knows it by its gid: the reference's picture has none."""
    note = axes.text(0.5, 0.5, _wrap(text), ha="center", va="center", fontsize=7, color="0.35")
    note.set_gid(NOTE)
    note.set_transform(axes.transAxes)
    note.set_parse_math(False)  # a student's message may hold any number of dollars
    axes.set_xticks([])
    axes.set_yticks([])


def show_image(axes: Axes, image: object, title: str = "", limit: float = 1.0) -> None:
    """One grey image with values in [-limit, limit]; leading axes of length 1 are dropped. None leaves the note."""
    axes.set_title(title, fontsize=8)
    axes.set_xticks([])
    axes.set_yticks([])
    if image is None:
        return
    try:
        array = np.squeeze(np.asarray(image, dtype=np.float64))
    except (TypeError, ValueError):
        say(axes, f"not an image but {type(image).__name__}")
        return
    if array.ndim == 1 and round(array.size**0.5) ** 2 == array.size:
        array = array.reshape(round(array.size**0.5), -1)
    if array.ndim != 2:
        say(axes, f"not an image: shape {array.shape}")
        return
    axes.imshow(array, cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest")


def show_grid(axes: Axes, images: object, columns: int = 10, title: str = "", limit: float = 1.0) -> None:
    """Many square images `(B, H, W)` or `(B, H·W)` as one sheet."""
    if images is None:
        axes.set_title(title, fontsize=8)
        return
    array = np.asarray(images, dtype=np.float64)
    side = round(float(np.prod(array.shape[1:])) ** 0.5)
    tiles = array.reshape(len(array), side, side)
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (side + 1), columns * (side + 1)), -limit)
    for i, tile in enumerate(tiles):
        top, left = (i // columns) * (side + 1), (i % columns) * (side + 1)
        sheet[top : top + side, left : left + side] = tile
    show_image(axes, sheet, title, limit)


def save(figure: Figure, path: Path, dpi: int = 110) -> None:
    """Write the figure; the file's ending chooses the format."""
    figure.savefig(path, dpi=dpi)


def _wrap(text: str, width: int = 26) -> str:
    import textwrap

    return "\n".join(textwrap.fill(line, width) for line in text[:200].splitlines())
