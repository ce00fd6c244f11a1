"""What 15 looks like: the game spirals out, the regression comes to rest; and where that comparison is unfair."""

import numpy as np
from matplotlib.figure import Figure

from autograder.pictures import attempt, subplots
from autograder.style import BLUE, DARK, GREY, TICK, VERMILION, frame, head, label_at, label_ends, suptitle

STEPS = 60


def draw(student) -> Figure:
    """Left: the path of the game. Middle: radius and error by step. Right: the last radius or error for many rates."""
    figure, axes = subplots(1, 3, width=13, height=4.4)
    game = attempt(axes[0, 0], lambda: play(student, 0.15, STEPS))
    draw_path(axes[0, 0], game)
    error = attempt(axes[0, 1], lambda: fit(student, 0.15, STEPS))
    draw_steps(axes[0, 1], game, error)
    draw_rates(axes[0, 2], student)
    suptitle(figure, "A game of two players and a regression, each with plain gradient steps")
    return figure


def play(student, lr, steps):
    """The places (x, y) of the game, `(steps + 1, 2)`, from (1, 0)."""
    places = [(1.0, 0.0)]
    for _ in range(steps):
        x, y = student.gan_step(*places[-1], lr)
        places.append((float(x), float(y)))
    return np.array(places)


def fit(student, lr, steps):
    """The errors of the regression, `(steps + 1,)`, from 1."""
    x = [1.0]
    for _ in range(steps):
        x.append(float(student.regress_step(x[-1], 0.0, lr)))
    return np.abs(x)


def take_turns(lr, steps):
    """The same game when y answers to the x that has moved: a baseline of the picture's own."""
    x, y, places = 1.0, 0.0, [(1.0, 0.0)]
    for _ in range(steps):
        x -= lr * y
        y += lr * x
        places.append((x, y))
    return np.array(places)


def draw_path(axes, game):
    head(axes, "The path of the game, lr = 0.15")
    if game is None:
        return
    turns = take_turns(0.15, STEPS)
    axes.plot(*game.T, "s-", color=VERMILION, ms=3, lw=1.2)
    axes.plot(*turns.T, ".-", color=GREY, ms=3, lw=0.8)
    axes.plot(0, 0, "k+", ms=10)
    reach = 1.15 * max(float(np.nanmax(np.abs(game))), 1.0)
    frame(axes, "x, one player's number", "y, the other's")
    axes.set(aspect="equal", xlim=(-reach, reach), ylim=(-1.25 * reach, 1.25 * reach))
    label_at(axes, 0, 1.02 * reach, "your gan_step", VERMILION)
    label_at(axes, 0, -1.25 * reach, "grey dots: players take turns", GREY)
    label_at(axes, 0, 0, "both content", DARK, shift=(0, -8))


def draw_steps(axes, game, error):
    head(axes, "How far from rest, lr = 0.15")
    if error is None:
        return
    names = []
    if game is not None:
        axes.plot(np.hypot(*game.T), color=VERMILION, marker="s", markevery=10, ms=4)
        names.append("your gan_step:\nradius")
    axes.plot(np.hypot(*take_turns(0.15, STEPS).T), "--", color=GREY)
    axes.plot(np.maximum(error, 1e-12), color=BLUE, marker="o", markevery=10, ms=4)
    frame(axes, "step", "radius or error, 1 at the start (logarithmic)")
    axes.set_yscale("log")
    label_ends(axes, [*names, "players take\nturns: radius", "your regress_step:\nerror"])


def draw_rates(axes, student):
    rates = np.linspace(0.02, 1.2, 60)
    head(axes, "After 20 steps, by learning rate")
    errors = attempt(axes, lambda: [max(fit(student, lr, 20)[-1], 1e-12) for lr in rates])
    if errors is None:
        return
    lines, names = axes.plot(rates, errors, color=BLUE, marker="o", markevery=8, ms=4), ["your regress_step:\nerror"]
    try:
        radii = [np.hypot(*play(student, lr, 20)[-1]) for lr in rates]
        lines += axes.plot(rates, radii, color=VERMILION, marker="s", markevery=8, ms=4)
        names.append("your gan_step:\nradius")
    except Exception as problem:
        axes.text(0.02, 0.98, str(problem)[:40], va="top", fontsize=TICK, color=DARK, transform=axes.transAxes)
    frame(axes, "lr, the learning rate", "radius or error, 1 at the start (logarithmic)")
    axes.set(yscale="log", xlim=(0, 1.2), ylim=(1e-12, 1e8))
    axes.axhline(1, color=GREY, lw=0.8)
    label_at(axes, 0.5, 1, "as at the start", GREY, shift=(0, -3))
    axes.axvline(1, color=GREY, lw=0.8, ls=":")
    label_at(axes, 1.19, 2e-12, "beyond lr = 1\nthe regression\nblows up too", GREY, ha="right")
    label_ends(axes, names, lines)
