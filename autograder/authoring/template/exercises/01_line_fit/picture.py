"""What 01 looks like: points, your line, and how far it is from each."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots


def draw(student) -> Figure:
    """Ten points near a line, the line that your line_fit makes of them, and its errors."""
    rng = np.random.default_rng(0)
    x = np.arange(10.0)
    y = 0.7 * x + 1 + rng.normal(size=10)
    figure, axes = subplots(1, 1, width=6, height=4)
    axis = axes[0, 0]
    axis.plot(x, y, "o")
    line = attempt(axis, lambda: as_line(student.line_fit(x, y)))
    if line is not None:
        slope, intercept = line
        axis.plot(x, slope * x + intercept)
        axis.vlines(x, y, slope * x + intercept, color="0.6", linewidth=1)
        axis.set_title(f"your line: {slope:.3g} · x + {intercept:.3g}", fontsize=9)
    return figure


def as_line(result) -> tuple[float, float]:
    """Two floats, or a complaint."""
    slope, intercept = result
    return float(slope), float(intercept)
