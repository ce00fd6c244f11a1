"""What 23 looks like: the wait against the number of steps, two closed boxes at work, and two claims."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, say, subplots
from autograder.style import BLUE, DARK, GREY, SKY, TICK, VERMILION, frame, head, label_at, suptitle

SECONDS, OVERHEAD = 0.05, 1.0


def draw(student) -> Figure:
    """Calls and time against steps; a chain and a crowd, with your probe's verdict; the claims of task 4."""
    figure, axes = subplots(1, 3, width=11, height=3.9)
    _growth(axes[0, 0], student)
    _boxes(axes[0, 1], student)
    _claims(axes[0, 2], student)
    suptitle(figure, f"Why it is slow (virtual clock: {SECONDS} s a network call, {OVERHEAD:.0f} s to set up)")
    return figure


def _growth(axes, student) -> None:
    head(axes, "calls and time against steps")
    steps = [1, 4, 16, 64, 250, 1000]
    got = attempt(axes, lambda: _numbers(student, steps))
    if got is None:
        return
    calls, one_leap, ratios = got
    axes.loglog(steps, calls, "o-", color=VERMILION, markersize=4)
    axes.loglog(steps, ratios, "s--", color=BLUE, markersize=4)
    axes.axhline(one_leap, color=GREY, linestyle=":")
    frame(axes, "number of steps T (logarithmic)", "calls, or times as long as one leap\n(logarithmic)")
    label_at(axes, steps[3], calls[3], "network_calls", VERMILION, shift=(-6, 2), ha="right")
    label_at(axes, steps[-2], ratios[-2], "time_ratio", BLUE, shift=(4, -8), ha="left")
    label_at(axes, steps[-1], one_leap, "network_calls_one_shot", GREY, shift=(0, -4), ha="right")
    axes.margins(y=0.12)


def _numbers(student, steps):
    calls = [float(student.network_calls(t)) for t in steps]
    ratios = [float(student.time_ratio(t, SECONDS, OVERHEAD)) for t in steps]
    return calls, float(student.network_calls_one_shot()), ratios


def _boxes(axes, student) -> None:
    """Each call is a bar on the virtual clock: one after another in the chain, all at once in the crowd."""
    head(axes, "two closed boxes of 6 calls")
    verdicts = attempt(axes, lambda: [bool(student.is_sequential(box, _net, 6)) for box in (_chain, _crowd)])
    if verdicts is None:
        return
    for k in range(6):
        axes.barh(14 - k, SECONDS, left=k * SECONDS, height=0.8, color=VERMILION)
        axes.barh(5 - k, SECONDS, left=0, height=0.8, color=BLUE)
    for top, name, verdict in (
        (14, "chain: each waits", verdicts[0]),
        (5, "crowd: 6 machines at once", verdicts[1]),
    ):
        axes.text(3 * SECONDS, top + 0.9, f"{name}; your probe: {verdict}", ha="center", va="bottom", fontsize=TICK)
    frame(axes, "seconds on the virtual clock", "calls 1 … 6, from top to bottom")
    axes.set_xlim(0, 6 * SECONDS)
    axes.set_ylim(-0.8, 16.4)
    axes.set_yticks([])


def _net(x, t):
    return 0.5 * np.asarray(x) + 0.01 * t


def _chain(net, num_timesteps) -> None:
    x = np.array([1.0, -1.0])
    for t in reversed(range(num_timesteps)):
        x = x - 0.1 * np.asarray(net(x, t))


def _crowd(net, num_timesteps) -> None:
    for t in range(num_timesteps):
        net(np.array([1.0, -1.0]), t)


def _claims(axes, student) -> None:
    head(axes, "your claims: 4 times as large")
    claims = attempt(axes, student.effect_of_quadrupling)
    if claims is None:
        return
    try:
        heights = [float(claims["steps"]), float(claims["file_size"])]
    except (KeyError, TypeError, ValueError):
        say(axes, "effect_of_quadrupling() should be a dict with numbers under 'steps' and 'file_size'")
        return
    bars = axes.bar(
        ["4 × steps", "4 × file size"], heights, color=[VERMILION, SKY], hatch=["//", ""], edgecolor=DARK, width=0.55
    )
    axes.bar_label(bars, fmt="× %.3g", padding=2, fontsize=TICK)
    frame(axes, "what is 4 times as large", "time to sample, before = 1")
    axes.grid(visible=False, axis="x")
    axes.axhline(1.0, color=DARK, linewidth=0.8, linestyle=":")
    axes.margins(y=0.18)
