"""What 20 looks like: the price of pixels and of latents, and what digits lose when they are squeezed."""

import numpy as np
from matplotlib.figure import Figure

from autograder.diffusion.digits import load_digits
from autograder.pictures import attempt, show_grid, subplots
from autograder.style import BLUE, DARK, LABEL, SKY, TICK, frame, head

KEPT = (1, 2, 4, 8, 16, 32, 64)
SHOWN = 8
PLACES = (("pixels\n512×512×3", (512, 512, 3)), ("latents\n64×64×4", (64, 64, 4)))


def draw(student) -> Figure:
    """Left: your sampling_cost. Middle: your encode and decode on new digits. Right: how much they lose."""
    figure, ((costs, rebuilt, losses),) = subplots(1, 3, width=11.5, height=4.2)
    head(costs, "sampling_cost: 50 steps, 1,000 flops a value")
    attempt(costs, lambda: show_costs(costs, student))
    head(rebuilt, "held-out digits, rebuilt from k latents")
    head(losses, "share of the variance that is lost")
    found = attempt(rebuilt, lambda: rebuild(student))
    if found is None:
        attempt(losses, lambda: rebuild(student))
        return figure
    sheets, lost = found
    attempt(rebuilt, lambda: show_digits(rebuilt, sheets))
    attempt(losses, lambda: show_losses(losses, lost))
    return figure


def show_costs(axes, student) -> None:
    """A bar for each place, plain and guided, on a logarithmic axis, with the ratio in words."""
    rows = [[float(student.sampling_cost(50, *size, 1000, guidance=g)) for _, size in PLACES] for g in (False, True)]
    for i, (row, name) in enumerate(zip(rows, ("plain", "guided"), strict=True)):
        bars = axes.bar(
            np.arange(2) + 0.4 * i, row, width=0.36, color=(BLUE, SKY)[i], hatch=("", "//")[i], edgecolor=DARK
        )
        axes.bar_label(bars, [f"{name}\n{cost:.3g}" for cost in row], fontsize=TICK)
    axes.set_yscale("log")
    axes.set_ylim(min(map(min, rows)) / 3, max(map(max, rows)) * 4)
    frame(axes, f"pixels cost {rows[0][0] / rows[0][1]:.3g} times as much", "flops for one picture (logarithmic)")
    axes.grid(visible=False, axis="x")
    axes.set_xticks([0.2, 1.2], [name for name, _ in PLACES], fontsize=LABEL)


def rebuild(student):
    """Held-out digits and what comes back from k latents, fitted on the training digits; the share lost."""
    train, (x, labels) = load_digits("train")[0], load_digits("held_out")
    first = [int(np.argmax(labels == digit)) for digit in range(SHOWN)]
    sheets, lost = [x[first]], []
    for k in KEPT:
        mean, components = (np.asarray(part, dtype=float) for part in student.pca_fit(train, k))
        back = np.asarray(student.decode(student.encode(x, mean, components), mean, components), dtype=float)
        sheets.append(back.reshape(x.shape)[first])
        lost.append(np.mean((x - back) ** 2) / np.mean((x - train.mean(axis=0)) ** 2))
    return np.stack(sheets), lost


def show_digits(axes, sheets) -> None:
    """The digits and their copies, a row for each k."""
    show_grid(axes, sheets.reshape(-1, 64), columns=SHOWN, title=axes.get_title())
    axes.set_yticks([9 * i + 3.5 for i in range(len(sheets))], ["digits"] + [f"k = {k}" for k in KEPT], fontsize=TICK)
    axes.tick_params(length=0)


def show_losses(axes, lost) -> None:
    """The share lost against k, on held-out digits."""
    axes.plot(KEPT, lost, "o-", color=BLUE)
    for k, share in zip(KEPT, lost, strict=True):
        axes.annotate(f"{share:.0%}", (k, share), textcoords="offset points", xytext=(4, 5), fontsize=TICK)
    frame(axes, "k, latents kept of 64 pixels (logarithmic)", "share lost on held-out digits")
    axes.set_xscale("log", base=2)
    axes.set_xticks(KEPT, [str(k) for k in KEPT])
    axes.set_xlim(0.8, 110)
    axes.set_ylim(-0.03, 1.0)
