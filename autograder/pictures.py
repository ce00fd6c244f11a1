"""What the exercises' pictures share: axes, images, and a note in the picture for what is not written yet.

Colours, markers and labels are those of `style.py`. Needs matplotlib (the `pictures` extra). Figures are made without
pyplot, so nothing global is touched.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autograder.style import DARK, head

R = TypeVar("R")
NOTE = "note"
#: So many screen pixels a side become of one pixel of a small picture.
FINER = 6
_TOLD: ContextVar[Callable[[str], object] | None] = ContextVar("told", default=None)


def subplots(
    rows: int = 1, columns: int = 1, width: float = 8.0, height: float | None = None
) -> tuple[Figure, NDArray[Any]]:
    """A figure and its axes as an array `(rows, columns)`. Sizes in inches; by default the cells are square."""
    figure = Figure(figsize=(width, height or width * rows / columns + 0.6), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False)


def mosaic(
    layout: list[list[Any]], width: float, height: float, **ratios: list[float]
) -> tuple[Figure, dict[str, Axes]]:
    """A figure and its axes by name: `layout` as in `Figure.subplot_mosaic`, where a nested list is laid out by
    itself, so that images keep no room for their neighbours' labels. Sizes in inches; ratios: height_ratios and
    width_ratios."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplot_mosaic(layout, gridspec_kw=ratios)


def tell(text: str) -> None:
    """Say how far a long picture is, to whoever waits for it; to nobody in grading."""
    told = _TOLD.get()
    if told is not None:
        told(text)


@contextmanager
def telling(told: Callable[[str], object] | None) -> Iterator[None]:
    """What `tell` says goes there, until the end of the block."""
    token = _TOLD.set(told)
    try:
        yield
    finally:
        _TOLD.reset(token)


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
    note = axes.text(0.5, 0.5, _wrap(text), ha="center", va="center", fontsize=8, color=DARK)
    note.set_gid(NOTE)
    note.set_transform(axes.transAxes)
    note.set_parse_math(False)  # a student's message may hold any number of dollars
    axes.set_xticks([])
    axes.set_yticks([])


def show_image(axes: Axes, image: object, title: str = "", limit: float = 1.0) -> None:
    """One grey image with values in [-limit, limit]; leading axes of length 1 are dropped. None leaves the note.

    It is drawn smoothly: at 8×8 pixels the edges of squares are all that an eye sees otherwise.
    """
    head(axes, title)
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
    axes.imshow(smooth(array, limit), cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest", extent=_of(array))


def show_grid(axes: Axes, images: object, columns: int = 10, title: str = "", limit: float = 1.0) -> None:
    """Many square images `(B, H, W)` or `(B, H·W)` as one sheet, each smooth in its own frame."""
    head(axes, title)
    axes.set_xticks([])
    axes.set_yticks([])
    if images is None:
        return
    array = np.asarray(images, dtype=np.float64)
    side = round(float(np.prod(array.shape[1:])) ** 0.5)
    tiles = smooth(array.reshape(len(array), side, side), limit)
    size, gap = side * FINER, FINER
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (size + gap), columns * (size + gap)), -limit)
    for i, tile in enumerate(tiles):
        top, left = (i // columns) * (size + gap), (i % columns) * (size + gap)
        sheet[top : top + size, left : left + size] = tile
    extent = (-0.5, columns * (side + 1) - 0.5, rows * (side + 1) - 0.5, -0.5)
    axes.imshow(sheet, cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest", extent=extent)


def smooth(images: NDArray[Any], limit: float = 1.0, finer: int = FINER) -> NDArray[Any]:
    """Images `(..., H, W)` with `finer` times as many pixels a side, by Keys' cubic (1981) in both directions.

    Values beyond 4·limit are cut before, as a screen would cut them, so that no pixel outshines its neighbours.
    """
    with np.errstate(all="ignore"):
        cut = np.clip(images, -4 * limit, 4 * limit)
        return np.asarray(_cubic(images.shape[-2], finer) @ cut @ _cubic(images.shape[-1], finer).T)


@cache
def _cubic(size: int, finer: int) -> NDArray[Any]:
    """The weights of `size` pixels in each of finer·size, `(finer·size, size)`; at the edge its pixel goes on."""
    places = (np.arange(size * finer) + 0.5) / finer - 0.5
    weights = np.zeros((len(places), size))
    for shift in range(-1, 3):
        pixel = np.floor(places).astype(int) + shift
        x = np.abs(places - pixel)
        near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
        np.add.at(weights, (np.arange(len(places)), np.clip(pixel, 0, size - 1)), np.where(x <= 1, near, far))
    return weights


def _of(array: NDArray[Any]) -> tuple[float, float, float, float]:
    """The place of an image's pixels in its axes, each centred at its own numbers."""
    return (-0.5, array.shape[1] - 0.5, array.shape[0] - 0.5, -0.5)


def frames(
    stages: Sequence[object], titles: Sequence[str], columns: int = 8, limit: float = 1.2, width: float = 5.0
) -> list[Figure]:
    """An animation: a sheet of square images for each stage, all of one size and under its own title."""
    made = []
    for stage, title in zip(stages, titles, strict=True):
        rows = -(-len(np.asarray(stage)) // columns)
        figure, axes = subplots(1, 1, width=width, height=width * rows / columns + 0.5)
        show_grid(axes[0, 0], stage, columns, title, limit)
        made.append(figure)
    return made


def gif(figures: Sequence[Figure], dpi: int = 90, seconds: float = 0.25, rest: float = 2.0) -> bytes:
    """Figures of one size as an endless GIF, so many seconds each; the last one rests. Pillow comes with matplotlib."""
    from PIL import Image

    images = []
    for figure in figures:
        raw = io.BytesIO()
        figure.savefig(raw, format="png", dpi=dpi)
        images.append(Image.open(raw).convert("RGB").quantize(64, Image.Quantize.MEDIANCUT))
    times = [round(1000 * seconds)] * (len(images) - 1) + [round(1000 * rest)]
    packed = io.BytesIO()
    images[0].save(packed, "GIF", save_all=True, append_images=images[1:], duration=times, loop=0)
    return packed.getvalue()


def film(figures: Sequence[Figure], most: int = 12, width: int = 240) -> tuple[list[str], bytes]:
    """Figures as one small PNG for a page that shows a part of it at a time: so many at most, at equal steps to the
    last one, above each other, `width` pixels wide, in 16 colours. With the title of each one's first axes, which is
    not drawn. Raises ValueError: no figures."""
    from PIL import Image

    if not figures:
        raise ValueError("no frames")
    shown = figures[:: -max(1, -(-(len(figures) - 1) // (most - 1)))][::-1]
    names, images = [], []
    for figure in shown:
        names.append(figure.axes[0].get_title())
        figure.axes[0].set_title("")
        raw = io.BytesIO()
        figure.savefig(raw, format="png", dpi=width / figure.get_figwidth(), bbox_inches="tight", pad_inches=0)
        images.append(Image.open(raw).convert("RGB"))
    wide, high = np.max([image.size for image in images], axis=0).tolist()
    sheet = Image.new("RGB", (wide, high * len(images)), "white")
    for i, image in enumerate(images):
        sheet.paste(image, (0, high * i))
    packed = io.BytesIO()
    sheet.quantize(16, Image.Quantize.MEDIANCUT).save(packed, "PNG", optimize=True)
    return names, packed.getvalue()


def save(figure: Figure, path: Path, dpi: int = 110) -> None:
    """Write the figure; the file's ending chooses the format."""
    figure.savefig(path, dpi=dpi)


def _wrap(text: str, width: int = 26) -> str:
    import textwrap

    return "\n".join(textwrap.fill(line, width) for line in text[:200].splitlines())
