"""What can be measured of a picture: contrast, colours as the colour-blind see them, words over data, units."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autograder.pictures import NOTE
from autograder.style import LINES, TEXT, contrast

#: Machado, Oliveira & Fernandes 2009, severity 1.0: linear RGB as it is seen.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
#: CIE 1976 differences: 2.3 is just seen side by side; thin lines apart from each other need several times that.
DISTINCT = 11.0


def faults(figure: Figure) -> list[str]:
    """What is wrong with how a drawn figure looks, a sentence each."""
    figure.canvas.draw()
    found = [fault for axes in figure.axes if axes.axison for fault in (*_pale(axes), *_alike(axes), *_unnamed(axes))]
    return found + _covered(figure)


def simulated(colour: Any, kind: str) -> NDArray[Any]:
    """A colour as linear RGB, 0 … 1, as somebody with that blindness sees it; "" is nobody's."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.clip(np.array(BLINDNESS[kind]) @ linear, 0, 1) if kind else linear


def difference(one: Any, other: Any, kind: str) -> float:
    """CIE 1976's difference of two colours as they are seen."""
    return float(np.linalg.norm(_lab(simulated(one, kind)) - _lab(simulated(other, kind))))


def _lab(linear: NDArray[Any]) -> NDArray[Any]:
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = matrix @ linear / [0.95047, 1.0, 1.08883]
    f = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _words(axes: Axes) -> Iterator[Any]:
    told = [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts, *_ticks(axes.xaxis), *_ticks(axes.yaxis)]
    yield from (text for text in told if text.get_visible() and text.get_text().strip())


def _ticks(axis: Any) -> Iterator[Any]:
    """The labels within the limits: matplotlib keeps some more, and does not draw them."""
    low, high = sorted(axis.get_view_interval())
    yield from (tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high)


def _data_lines(axes: Axes) -> Iterator[Any]:
    yield from (line for line in axes.lines if line.get_visible() and len(line.get_xdata()) > 1)


def _pale(axes: Axes) -> Iterator[str]:
    for text in _words(axes):
        if not axes.images and contrast(text.get_color()) < TEXT:
            yield f"{text.get_text()!r} has contrast {contrast(text.get_color()):.2f}, words need {TEXT}"
    for line in _data_lines(axes):
        ground = "black" if any(image.get_cmap().name == "gray" for image in axes.images) else "white"
        if contrast(line.get_color(), ground) < LINES:
            yield f"a line in {to_hex(line.get_color())} has contrast {contrast(line.get_color(), ground):.2f}"


def _alike(axes: Axes) -> Iterator[str]:
    """Two colours of one axes that somebody does not tell apart; or that differ by nothing else."""
    lines = [line for line in _data_lines(axes) if to_hex(line.get_color()) != "#767676"]
    looks = {(to_hex(line.get_color()), _dash(line), str(line.get_marker())) for line in lines if _is_data(line)}
    fills = {to_hex(patch.get_facecolor()) for patch in axes.patches}
    for colours in ({to_hex(line.get_color()) for line in lines}, fills):
        for (one, other), kind in (
            (pair, kind) for pair in combinations(sorted(colours), 2) for kind in ("", *BLINDNESS)
        ):
            if difference(one, other, kind) < DISTINCT:
                yield f"{one} and {other} look alike to {kind or 'everybody'}: {difference(one, other, kind):.1f}"
    for one, other in combinations(sorted(looks), 2):
        if one[0] != other[0] and one[1:] == other[1:]:
            yield f"{one[0]} and {other[0]} differ by colour only"


def _is_data(line: Any) -> bool:
    """A straight line over the axes goes with another of its colour."""
    return len(line.get_xdata()) > 2


def _dash(line: Any) -> str:
    return str(getattr(line, "_unscaled_dash_pattern", line.get_linestyle()))


def _unnamed(axes: Axes) -> Iterator[str]:
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        ticks = [text for text in _ticks(axis) if text.get_text().strip()]
        first = axes.get_subplotspec() is None or axes.get_subplotspec().is_first_col()  # one name a row
        if ticks and not axis.get_label_text().strip() and not axes.images and (name == "x" or first):
            yield f"{axes.get_title()!r}: {name} has numbers and no name"


def _covered(figure: Figure) -> list[str]:
    """Words over other words, legends over lines' points, and words that leave the figure."""
    found = []
    boxes = [(text, text.get_window_extent()) for axes in figure.axes if axes.axison for text in _words(axes)]
    boxes = [(text, box) for text, box in boxes if text.get_gid() != NOTE]
    for (one, a), (other, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > 3 and high > 3:
            found.append(f"{one.get_text()!r} lies over {other.get_text()!r}")
    width, height = figure.canvas.get_width_height()
    for text, box in boxes:
        if box.x0 < -3 or box.y0 < -3 or box.x1 > width + 3 or box.y1 > height + 3:
            found.append(f"{text.get_text()!r} leaves the picture")
    for axes in figure.axes:
        if (legend := axes.get_legend()) is not None:
            box = legend.get_window_extent()
            for line in _data_lines(axes):
                points = line.get_transform().transform(np.asarray(line.get_xydata(), dtype=float))
                if any(box.contains(*point) for point in points if np.isfinite(point).all()):
                    found.append(f"the legend of {axes.get_title()!r} covers data")
    return found
