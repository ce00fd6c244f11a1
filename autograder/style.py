"""How the exercises' pictures look: colours that the colour-blind tell apart, markers, labels at the lines, units.

Colours are those of Okabe & Ito 2008. On white, four of them and black reach the 3:1 that WCAG 2.2 (1.4.11) asks of
lines; SKY, ORANGE and YELLOW do not and fill areas only. Words in a colour are darkened by `ink` to the 4.5:1 of 1.4.3.
No colour speaks alone: `series` gives each its own marker and dash. Needs matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

BLUE, VERMILION, GREEN, PURPLE, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000"
SKY, ORANGE, YELLOW = "#56B4E9", "#E69F00", "#F0E442"
#: Baselines and frames; FAINT is for what may be overlooked, as a grid.
GREY, DARK, FAINT = "#767676", "#333333", "#DDDDDD"
#: Where data are likely: from nothing to light blue, so that marks on it keep their contrast.
LIKELY = LinearSegmentedColormap.from_list("likely", ["#FFFFFF", "#DDEEF9", "#C2E1F5"])
_SERIES = ((BLUE, "o", "-"), (VERMILION, "s", "--"), (GREEN, "^", "-."), (PURPLE, "D", (0, (5, 1))), (BLACK, "v", ":"))
TITLE, LABEL, TICK = 9.5, 8.5, 8.0
LINES, TEXT = 3.0, 4.5


def series(i: int, markersize: float = 4.0) -> dict[str, Any]:
    """Colour, marker and dash of the i-th line, to be given to `plot`. There are five."""
    colour, marker, dash = _SERIES[i % len(_SERIES)]
    return {"color": colour, "marker": marker, "linestyle": dash, "markersize": markersize, "linewidth": 1.4}


def luminance(colour: Any) -> float:
    """WCAG 2.2's relative luminance of a colour that matplotlib knows, 0 … 1."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(colour: Any, background: Any = "white") -> float:
    """WCAG 2.2's contrast ratio, 1 … 21."""
    dark, light = sorted((luminance(colour), luminance(background)))
    return (light + 0.05) / (dark + 0.05)


def ink(colour: Any) -> tuple[float, float, float]:
    """The colour, as much darker as words in it need on white."""
    red, green, blue = to_rgb(colour)
    while contrast((red, green, blue)) < TEXT:
        red, green, blue = 0.96 * red, 0.96 * green, 0.96 * blue
    return red, green, blue


def frame(axes: Axes, x: str, y: str, title: str = "") -> None:
    """Name both axes (with units, or what is counted), and take away what holds no data."""
    axes.set_xlabel(x, fontsize=LABEL)
    axes.set_ylabel(y, fontsize=LABEL)
    if title:
        head(axes, title)
    axes.tick_params(labelsize=TICK, color=GREY)
    axes.grid(color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(GREY)


def head(axes: Axes, title: str) -> None:
    """The title of one axes."""
    axes.set_title(title, fontsize=TITLE)


def suptitle(figure: Figure, title: str) -> None:
    """What the whole picture says."""
    figure.suptitle(title, fontsize=11)


def label_ends(axes: Axes, names: Sequence[str], lines: Sequence[Any] | None = None) -> None:
    """Write each line's name right of the axes, at the height of its last point. Set limits and scales before.

    lines: the axes' own by default. Names that would cover each other are moved apart.
    """
    drawn = list(axes.lines if lines is None else lines)
    heights = [_height(axes, line.get_ydata()) for line in drawn]
    for place, line, name in zip(_apart(axes, heights, names), drawn, names, strict=True):
        told = axes.text(1.02, place, name, fontsize=TICK, color=ink(line.get_color()), va="center")
        told.set_transform(axes.transAxes)
        told.set_parse_math(False)


def label_at(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    colour: Any = DARK,
    shift: tuple[float, float] = (0, 4),
    ha: str = "center",
) -> None:
    """Words at a point of the data, moved by so many points, in the colour of what they name."""
    told = axes.annotate(
        text, (x, y), shift, textcoords="offset points", ha=ha, va="top" if shift[1] < 0 else "bottom",
        fontsize=TICK, color=ink(colour),
    )  # fmt: skip
    told.set_parse_math(False)


def legend_below(axes: Axes, columns: int = 2) -> None:
    """Markers and names under the axes: for what has no end to be named at."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, fontsize=TICK, frameon=False)


def density(axes: Axes, table: NDArray[Any], extent: tuple[float, float, float, float]) -> None:
    """A density under what is drawn next; table: `(rows, columns)` from the lower left. Drawn by its root, which keeps
    thin tails to be seen, in shares of the largest."""
    top = float(np.nanmax(table)) if np.isfinite(table).any() else 1.0
    axes.imshow(
        np.sqrt(np.maximum(table / (top or 1.0), 0)), cmap=LIKELY, vmin=0, vmax=1, zorder=0,
        extent=extent, origin="lower", aspect="auto", interpolation="bilinear",
    )  # fmt: skip


def _height(axes: Axes, ys: Any) -> float:
    """Where a line's last point that can be seen lies, as a share of the axes' height."""
    values = np.asarray(ys, dtype=float)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.5
    with np.errstate(all="ignore"):
        point = (axes.transScale + axes.transLimits).transform((axes.get_xlim()[1], values[-1]))
    return float(np.clip(np.nan_to_num(point[1]), 0, 1))


def _apart(axes: Axes, heights: Sequence[float], names: Sequence[str]) -> list[float]:
    """The heights with room for each name's lines of text, in the same order."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    one = 1.35 * TICK / (axes.get_position().height * figure.get_figheight() * 72)
    sizes = [one * (1 + name.count("\n")) for name in names]
    places = list(heights)
    order = sorted(range(len(places)), key=lambda i: places[i])
    for below, above in pairwise(order):
        places[above] = max(places[above], places[below] + (sizes[below] + sizes[above]) / 2)
    over = max(0.0, places[order[-1]] + sizes[order[-1]] / 2 - 1.04) if order else 0.0
    for i in reversed(order):
        places[i] -= over
        lower = [j for j in order if order.index(j) == order.index(i) - 1]
        over = max(0.0, places[lower[0]] - (places[i] - (sizes[i] + sizes[lower[0]]) / 2)) if lower else 0.0
    return places
